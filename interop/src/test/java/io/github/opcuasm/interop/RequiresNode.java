package io.github.opcuasm.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test class needs Node.js and the packages that {@code npm ci} installs in {@code interop/}. Where they are absent
 * it is skipped and a line says so; with {@code -Dinterop.required=true} it fails instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NodePresence.class)
@interface RequiresNode {}

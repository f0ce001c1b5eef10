package io.github.opcuasm.clients;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test class runs these programs. Where one is absent the class is skipped and a line says so; with {@code
 * -Dinterop.required=true} it fails instead.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ProgramPresence.class)
@interface RequiresProgram {
    /** Names on the {@code PATH}; {@code nc -U} stands for an {@code nc} that knows Unix sockets. */
    String[] value();
}

@NullMarked
package io.github.opcuasm.testkit;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.github.opcuasm.benchmarks;

import org.jspecify.annotations.NullMarked;

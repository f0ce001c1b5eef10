@NullMarked
package io.github.opcuasm.simulator;

import org.jspecify.annotations.NullMarked;

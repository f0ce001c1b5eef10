@NullMarked
package io.github.opcuasm.cli;

import org.jspecify.annotations.NullMarked;

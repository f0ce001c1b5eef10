/** The daemon as a library: wiring, lifecycle, configuration. */
@NullMarked
package io.github.opcuasm.daemon;

import org.jspecify.annotations.NullMarked;

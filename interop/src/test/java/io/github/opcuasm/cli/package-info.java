/** The command line's own package, for tests that run it without a process. */
@NullMarked
package io.github.opcuasm.cli;

import org.jspecify.annotations.NullMarked;

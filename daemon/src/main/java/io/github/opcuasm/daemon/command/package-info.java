/** Authenticates and routes requests; one table of methods, one row each. */
@NullMarked
package io.github.opcuasm.daemon.command;

import org.jspecify.annotations.NullMarked;

/** What goes wrong outside of the daemon, and what the real process makes of it. */
@NullMarked
package io.github.opcuasm.cli.faults;

import org.jspecify.annotations.NullMarked;

/** Listeners, framing, limits and back-pressure: the only code that sees IPC sockets. */
@NullMarked
package io.github.opcuasm.daemon.ipc;

import org.jspecify.annotations.NullMarked;

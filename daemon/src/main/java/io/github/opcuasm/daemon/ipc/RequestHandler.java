package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.Request;

/** What stands behind the listeners. */
@FunctionalInterface
public interface RequestHandler {
    /**
     * Takes one well-formed request. Called on the connection's event loop, in the order of the frames; must not
     * block. Every exchange must be answered once, sooner or later, by {@link Exchange#respond}; an exception thrown
     * here is a defect and is answered as {@code internal_error}.
     */
    void handle(Request request, Exchange exchange);
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.StatusCode;

/** A value was asked for ({@code as}) where the server gave a bad status for the node instead. */
public final class BadStatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String node;
    private final long statusCode;

    BadStatusException(String node, StatusCode statusCode) {
        super(node + ": " + statusCode);
        this.node = node;
        this.statusCode = statusCode.value();
    }

    /** The node as text: {@code ns=2;s=Speed}. */
    public String node() {
        return node;
    }

    /** What the server said, with its name ({@code Bad_NodeIdUnknown}). */
    public StatusCode statusCode() {
        return new StatusCode(statusCode);
    }
}

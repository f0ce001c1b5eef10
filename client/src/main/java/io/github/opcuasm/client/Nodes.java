package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;

/** Node ids that callers give as text. */
final class Nodes {
    private Nodes() {}

    /** The text form, {@code ns=2;s=Speed} or {@code nsu=URI;s=Speed}; else the daemon's own error for it, nothing sent. */
    static NodeReference parse(String text) {
        try {
            return NodeReference.parse(text);
        } catch (CommandException e) {
            throw RequestFailedException.local(e.type(), e.messageText());
        }
    }
}

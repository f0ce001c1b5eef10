package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for, for messages.
 *
 * @param method the protocol's name
 * @param node the file or directory, as its caller named it
 * @param fileHandle null if it is about no open file
 */
record FileOperation(
        String method, NodeReference node, @Nullable Long fileHandle) {
    static FileOperation of(String method, NodeReference node) {
        return new FileOperation(method, node, null);
    }

    /** {@code readFile of ns=2;s=Files/data.bin (handle 7)}. */
    String text() {
        return method + " of " + node + (fileHandle == null ? "" : " (handle " + fileHandle + ")");
    }

    CommandException refused(long statusCode) {
        return OpcUaErrors.service(text(), statusCode);
    }

    CommandException refused(String why, long statusCode) {
        return OpcUaErrors.service(text() + ": " + why, statusCode);
    }
}

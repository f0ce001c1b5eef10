package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.math.BigInteger;

/** Reads node ids in all their shapes. A wrong shape and a malformed identifier are different errors to a caller. */
final class NodeIdReader {
    static final NodeIdReader REQUEST = new NodeIdReader(ErrorType.INVALID_ARGUMENT, ErrorType.INVALID_NODE_ID);
    static final NodeIdReader WRITE = new NodeIdReader(ErrorType.WRITE_TYPE_MISMATCH, ErrorType.WRITE_TYPE_MISMATCH);
    static final NodeIdReader ANSWER = new NodeIdReader(ErrorType.ENCODING, ErrorType.ENCODING);

    private static final BigInteger MAX_NAMESPACE = BigInteger.valueOf(65_535);
    private static final BigInteger MAX_UINT32 = BigInteger.valueOf(Identifier.Numeric.MAX);

    private final ErrorType wrongShape;
    private final ErrorType malformed;

    private NodeIdReader(ErrorType wrongShape, ErrorType malformed) {
        this.wrongShape = wrongShape;
        this.malformed = malformed;
    }

    /** The reader whose errors fit values that fail with {@code errorType}. */
    static NodeIdReader failingWith(ErrorType errorType) {
        return switch (errorType) {
            case WRITE_TYPE_MISMATCH -> WRITE;
            case ENCODING -> ANSWER;
            default -> REQUEST;
        };
    }

    NodeReference reference(JsonValue json, String name) {
        if (json instanceof JsonValue.Str text) {
            return parse(text.value(), name);
        }
        if (json.asObject() == null) {
            throw Members.wrong(
                    wrongShape, name, json.excerpt(), "{\"ns\",\"id\",\"type\"} or a text such as \"ns=2;s=Speed\"");
        }
        Members members = Members.of(json, name, wrongShape);
        if (members.get("v") != null) {
            return parseTyped(members.string("v"), name);
        }
        Identifier identifier = identifier(members);
        String uri = members.optionalString("nsu");
        return uri == null || uri.isEmpty()
                ? new NodeId(namespaceIndex(members), identifier)
                : new NamespacedNodeId(uri, identifier);
    }

    /** As {@link #reference}, but plain text is that of the typed notation, unless it has a namespace URI. */
    NodeReference typed(JsonValue json, String name) {
        return json instanceof JsonValue.Str text && !text.value().startsWith("nsu=")
                ? parseTyped(text.value(), name)
                : reference(json, name);
    }

    /** A node id without a namespace URI. */
    NodeId local(JsonValue json, String name) {
        if (reference(json, name) instanceof NodeId nodeId) {
            return nodeId;
        }
        throw Members.wrong(wrongShape, name, json.excerpt(), "a NodeId with a namespace index");
    }

    ExpandedNodeId expanded(JsonValue json, String name) {
        NodeReference reference = reference(json, name);
        long serverIndex = 0;
        if (json.asObject() != null) {
            Members members = Members.of(json, name, wrongShape);
            if (members.get("serverIndex") != null) {
                serverIndex = members.whole("serverIndex", MAX_UINT32).longValueExact();
            }
        }
        return reference instanceof NodeId nodeId
                ? new ExpandedNodeId(nodeId, null, serverIndex)
                : new ExpandedNodeId(
                        new NodeId(0, reference.identifier()),
                        ((NamespacedNodeId) reference).namespaceUri(),
                        serverIndex);
    }

    private static int namespaceIndex(Members members) {
        return members.get("ns") == null
                ? 0
                : members.whole("ns", MAX_NAMESPACE).intValueExact();
    }

    private Identifier identifier(Members members) {
        String type = members.get("type") == null ? "numeric" : members.string("type");
        return switch (type) {
            case "numeric" ->
                new Identifier.Numeric(members.whole("id", MAX_UINT32).longValueExact());
            case "string" -> new Identifier.Text(members.string("id"));
            case "guid" -> guid(members);
            case "opaque" -> new Identifier.Opaque(opaque(members));
            default -> throw members.wrong("type", "\"numeric\", \"string\", \"guid\" or \"opaque\"");
        };
    }

    private Identifier guid(Members members) {
        try {
            return Identifier.Guid.parse(members.string("id"));
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    malformed,
                    members.path("id") + ": " + members.raw("id").excerpt()
                            + " is no GUID of 8-4-4-4-12 hexadecimal digits");
        }
    }

    private ByteString opaque(Members members) {
        try {
            return ByteString.fromHex(members.string("id"));
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    malformed,
                    members.path("id") + ": " + members.raw("id").excerpt()
                            + " is no opaque identifier, which is written as pairs of hexadecimal digits");
        }
    }

    private NodeReference parse(String text, String name) {
        try {
            return NodeReference.parse(text);
        } catch (CommandException e) {
            throw as(e, name);
        }
    }

    private NodeId parseTyped(String text, String name) {
        try {
            return NodeId.parseTyped(text);
        } catch (CommandException e) {
            throw as(e, name);
        }
    }

    private CommandException as(CommandException e, String name) {
        return new CommandException(malformed, name + ": " + e.messageText());
    }
}

package io.github.opcuasm.protocol.type;

import io.github.opcuasm.protocol.CommandException;
import java.util.UUID;

/**
 * The address of a node on one server (Part 3, 8.2).
 *
 * @param namespaceIndex position in the server's namespace array, 0 to 65535; 0 is OPC UA's own namespace
 */
public record NodeId(int namespaceIndex, Identifier identifier) implements NodeReference {
    /** {@code i=0}, the node that does not exist. */
    public static final NodeId NULL = new NodeId(0, new Identifier.Numeric(0));

    public NodeId {
        if (namespaceIndex < 0 || namespaceIndex > 65_535) {
            throw new IllegalArgumentException("namespaceIndex: got " + namespaceIndex + ", expected 0 to 65535");
        }
    }

    /** Form {@code i=}; {@code value} is 0 to 2^32 - 1. */
    public static NodeId numeric(int namespaceIndex, long value) {
        return new NodeId(namespaceIndex, new Identifier.Numeric(value));
    }

    public static NodeId text(int namespaceIndex, String value) {
        return new NodeId(namespaceIndex, new Identifier.Text(value));
    }

    public static NodeId guid(int namespaceIndex, UUID value) {
        return new NodeId(namespaceIndex, new Identifier.Guid(value));
    }

    public static NodeId opaque(int namespaceIndex, ByteString value) {
        return new NodeId(namespaceIndex, new Identifier.Opaque(value));
    }

    /**
     * Reads the standard text form (Part 6, 5.3.1.10) with a namespace index: {@code i=85}, {@code ns=2;s=Speed}.
     *
     * @throws CommandException InvalidNodeIdException for any other text, {@code nsu=} included
     */
    public static NodeId parse(String text) {
        if (NodeIdText.parse(text) instanceof NodeId nodeId) {
            return nodeId;
        }
        throw NodeIdText.malformed(text, "a namespace index (ns=2;s=Speed) instead of nsu=");
    }

    /**
     * Reads the text form of typed values ({@code invoke}): as {@link #parse}, but an opaque identifier is hexadecimal.
     *
     * @throws CommandException InvalidNodeIdException for any other text
     */
    public static NodeId parseTyped(String text) {
        return NodeIdText.parseTyped(text);
    }

    /** The text form of typed values: as {@link #toString}, but an opaque identifier is lower-case hexadecimal. */
    public String toTypedString() {
        return identifier instanceof Identifier.Opaque opaque
                ? prefix() + "b=" + opaque.value().toHex()
                : toString();
    }

    /** Whether this names no node: {@code i=0}, or an empty identifier of another form in namespace 0. */
    public boolean isNull() {
        if (namespaceIndex != 0) {
            return false;
        }
        if (identifier instanceof Identifier.Numeric numeric) {
            return numeric.value() == 0;
        }
        if (identifier instanceof Identifier.Text text) {
            return text.value().isEmpty();
        }
        if (identifier instanceof Identifier.Guid guid) {
            return guid.value().equals(new UUID(0, 0));
        }
        return ((Identifier.Opaque) identifier).value().isEmpty();
    }

    /** The standard text form, without {@code ns=} for namespace 0; {@link #parse} reads it back. */
    @Override
    public String toString() {
        return prefix() + identifier.text();
    }

    private String prefix() {
        return namespaceIndex == 0 ? "" : "ns=" + namespaceIndex + ";";
    }
}

package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * A structure in its envelope (Part 6, 5.2.2.15).
 *
 * @param typeId the id of the type's encoding
 * @param encoding 0 without a body, 1 binary, 2 XML
 * @param body the structure as it was sent; null with {@code encoding} 0, and for a null body
 * @param value the decoded structure, null if the type is unknown: a {@code Map<String, ?>} of the fields in their
 *     order, whose values are null, Java values as {@link Variant} documents them, lists, maps, or a {@link Variant}
 *     where the type is not the field's ({@link StructureValue}). In a request, the JSON that says what the fields of a
 *     structure shall be, until it is encoded
 */
public record ExtensionObject(
        NodeId typeId,
        int encoding,
        @Nullable ByteString body,
        @Nullable Object value) {
    public static final ExtensionObject NULL = new ExtensionObject(NodeId.NULL, 0, null, null);

    public ExtensionObject {
        if (encoding < 0 || encoding > 2) {
            throw new IllegalArgumentException("encoding: got " + encoding + ", expected 0, 1 or 2");
        }
        if (encoding == 0 && body != null) {
            throw new IllegalArgumentException("body: got " + body.size() + " bytes, expected none with encoding 0");
        }
    }
}

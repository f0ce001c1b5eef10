package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.BuiltinType;

/**
 * What stands in Milo's Variant for a null that has a type: an array of length -1, or a String, ByteString or XmlElement
 * of length -1 (Part 6, 5.2.2.4 and 5.2.5). Milo's own decoder gives null for all of them.
 *
 * @param array whether it is a null array; else a null scalar
 */
public record TypedNull(BuiltinType type, boolean array) {
    /** @throws IllegalArgumentException for a scalar of a type whose scalars are never null */
    public TypedNull {
        if (!array
                && type != BuiltinType.STRING
                && type != BuiltinType.BYTE_STRING
                && type != BuiltinType.XML_ELEMENT) {
            throw new IllegalArgumentException("type: got " + type.displayName()
                    + ", expected String, ByteString or XmlElement for a null scalar");
        }
    }
}

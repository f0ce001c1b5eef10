package io.github.opcuasm.simulator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Writes values in the binary encoding of Part 6, 5.2. The simulator's structures and its odd variants are written
 * here byte for byte rather than by Milo, whose encoder of structures puts a wrong mask before a value whose earlier
 * optional fields are absent and which has no wire form for a null array or an ill-formed String.
 */
final class BodyWriter {
    /** Ids of builtin types as they stand in a Variant (Part 6, 5.1.2). */
    static final int BOOLEAN = 1;

    static final int INT32 = 6;
    static final int FLOAT = 10;
    static final int DOUBLE = 11;
    static final int STRING = 12;
    static final int DATE_TIME = 13;
    static final int BYTE_STRING = 15;
    static final int XML_ELEMENT = 16;
    static final int LOCALIZED_TEXT = 21;
    static final int EXTENSION_OBJECT = 22;
    static final int VARIANT = 24;
    static final int DIAGNOSTIC_INFO = 25;

    /** Flags of a Variant's first byte (Part 6, 5.2.2.16). */
    static final int ARRAY = 0x80;

    static final int DIMENSIONS = 0x40;

    private static final int NULL_LENGTH = -1;
    private static final int BODY_BINARY = 1;
    private static final int NODE_ID_STRING = 3;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    BodyWriter bool(boolean value) {
        return uint8(value ? 1 : 0);
    }

    /** One byte, signed or not. */
    BodyWriter uint8(int value) {
        out.write(value);
        return this;
    }

    BodyWriter int16(int value) {
        return integer(value, Short.BYTES);
    }

    BodyWriter int32(int value) {
        return integer(value, Integer.BYTES);
    }

    BodyWriter int64(long value) {
        return integer(value, Long.BYTES);
    }

    BodyWriter float32(float value) {
        return int32(Float.floatToIntBits(value));
    }

    BodyWriter float64(double value) {
        return int64(Double.doubleToLongBits(value));
    }

    BodyWriter string(@Nullable String value) {
        return value == null ? int32(NULL_LENGTH) : bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes behind their length: a ByteString, or a String that need not be UTF-8. */
    BodyWriter bytes(byte[] value) {
        return int32(value.length).raw(value);
    }

    /** The first three parts of a Guid are little endian, the last is as it is read. */
    BodyWriter guid(UUID value) {
        long high = value.getMostSignificantBits();
        int32((int) (high >>> 32)).int16((int) (high >>> 16)).int16((int) high);
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            uint8((int) (value.getLeastSignificantBits() >>> shift));
        }
        return this;
    }

    /** A NodeId with a string identifier. */
    BodyWriter stringId(int namespace, String identifier) {
        return uint8(NODE_ID_STRING).int16(namespace).string(identifier);
    }

    /** A NodeId of namespace 0 in its shortest form. */
    BodyWriter standardId(int identifier) {
        return identifier < 256 ? uint8(0).uint8(identifier) : uint8(1).uint8(0).int16(identifier);
    }

    /** A QualifiedName. */
    BodyWriter name(int namespace, @Nullable String name) {
        return int16(namespace).string(name);
    }

    /** A LocalizedText; a part that is null is left out. */
    BodyWriter text(@Nullable String locale, @Nullable String text) {
        uint8((locale == null ? 0 : 1) | (text == null ? 0 : 2));
        if (locale != null) {
            string(locale);
        }
        if (text != null) {
            string(text);
        }
        return this;
    }

    /** An ExtensionObject with a binary body; its encoding has a string id. */
    BodyWriter extensionObject(NodeId encodingId, byte[] body) {
        return stringId(
                        encodingId.getNamespaceIndex().intValue(),
                        encodingId.getIdentifier().toString())
                .uint8(BODY_BINARY)
                .bytes(body);
    }

    /** An ExtensionObject that is null: no type, no body. */
    BodyWriter nullExtensionObject() {
        return standardId(0).uint8(0);
    }

    BodyWriter float64s(double... values) {
        int32(values.length);
        for (double value : values) {
            float64(value);
        }
        return this;
    }

    BodyWriter int32s(int... values) {
        int32(values.length);
        for (int value : values) {
            int32(value);
        }
        return this;
    }

    BodyWriter strings(@Nullable String... values) {
        int32(values.length);
        for (String value : values) {
            string(value);
        }
        return this;
    }

    BodyWriter nullArray() {
        return int32(NULL_LENGTH);
    }

    BodyWriter raw(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    /** What was written as the body of an ExtensionObject with this encoding. */
    ExtensionObject toExtensionObject(NodeId encodingId) {
        return ExtensionObject.of(ByteString.of(toBytes()), encodingId);
    }

    private BodyWriter integer(long value, int size) {
        for (int i = 0; i < size; i++) {
            uint8((int) (value >>> (i * Byte.SIZE)));
        }
        return this;
    }
}

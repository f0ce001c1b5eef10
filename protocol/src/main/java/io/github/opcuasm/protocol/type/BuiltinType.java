package io.github.opcuasm.protocol.type;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The built-in types that a {@link Variant} can hold, with the ids that stand for them on the wire (Part 6, 5.1.2). */
public enum BuiltinType {
    BOOLEAN(1, "Boolean"),
    SBYTE(2, "SByte"),
    BYTE(3, "Byte"),
    INT16(4, "Int16"),
    UINT16(5, "UInt16"),
    INT32(6, "Int32"),
    UINT32(7, "UInt32"),
    INT64(8, "Int64"),
    UINT64(9, "UInt64"),
    FLOAT(10, "Float"),
    DOUBLE(11, "Double"),
    STRING(12, "String"),
    DATE_TIME(13, "DateTime"),
    GUID(14, "Guid"),
    BYTE_STRING(15, "ByteString"),
    XML_ELEMENT(16, "XmlElement"),
    NODE_ID(17, "NodeId"),
    EXPANDED_NODE_ID(18, "ExpandedNodeId"),
    STATUS_CODE(19, "StatusCode"),
    QUALIFIED_NAME(20, "QualifiedName"),
    LOCALIZED_TEXT(21, "LocalizedText"),
    EXTENSION_OBJECT(22, "ExtensionObject"),
    DATA_VALUE(23, "DataValue"),
    VARIANT(24, "Variant"),
    DIAGNOSTIC_INFO(25, "DiagnosticInfo");

    private static final BuiltinType[] VALUES = values();
    private static final Map<String, BuiltinType> BY_NAME = Arrays.stream(VALUES)
            .collect(Collectors.toUnmodifiableMap(
                    type -> type.displayName.toLowerCase(Locale.ROOT), Function.identity()));

    private final int id;
    private final String displayName;

    BuiltinType(int id, String displayName) {
        this.id = id;
        this.displayName = displayName;
    }

    /** The id, 1 to 25. */
    public int id() {
        return id;
    }

    /** The name as the specification writes it: {@code UInt32}. */
    public String displayName() {
        return displayName;
    }

    /** The type with this id; empty for anything but 1 to 25. */
    public static Optional<BuiltinType> of(int id) {
        return id >= 1 && id <= VALUES.length ? Optional.of(VALUES[id - 1]) : Optional.empty();
    }

    /** The type with this {@link #displayName}, in any case. */
    public static Optional<BuiltinType> ofName(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }
}

package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.opcua.BodyWriter;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.List;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.encoding.UaEncoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one structure by the shape of its type: the inverse of {@link StructureDecoder}. The values come from
 * {@link RequestEncoder}, so they fit. Used once, by one thread.
 */
final class StructureEncoder {
    private final BodyWriter body = new BodyWriter();
    private final UaEncoder encoder = body.encoder();

    /** @param value with the layout of {@code shape} */
    ByteString encode(StructureShape shape, StructureValue value) {
        structure(shape, value);
        return ByteString.copyOf(body.toBytes());
    }

    private void structure(StructureShape shape, StructureValue value) {
        List<StructureShape.Field> fields = shape.fields();
        switch (shape.kind()) {
            case PLAIN -> {}
            case OPTIONAL_FIELDS -> encoder.encodeUInt32("EncodingMask", UInteger.valueOf(mask(fields, value)));
            case UNION -> encoder.encodeUInt32("SwitchField", UInteger.valueOf(switchField(fields, value)));
        }
        for (int i = 0; i < fields.size(); i++) {
            if (value.has(i)) {
                field(fields.get(i), value.at(i));
            }
        }
    }

    /** Bit n stands for the n-th optional field, also when one before it is absent (Part 6, 5.2.7). */
    private static long mask(List<StructureShape.Field> fields, StructureValue value) {
        long mask = 0;
        int bit = 0;
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).optional()) {
                mask |= value.has(i) ? 1L << bit : 0;
                bit++;
            }
        }
        return mask;
    }

    /** Counted from 1; 0 for the null union (Part 6, 5.2.8). */
    private static long switchField(List<StructureShape.Field> fields, StructureValue value) {
        for (int i = 0; i < fields.size(); i++) {
            if (value.has(i)) {
                return i + 1L;
            }
        }
        return 0;
    }

    private void field(StructureShape.Field field, @Nullable Object value) {
        if (field.valueRank() < 1) {
            one(field.name(), field.type(), value);
        } else if (value == null) {
            encoder.encodeInt32(field.name(), -1);
        } else if (field.valueRank() == 1) {
            List<?> elements = (List<?>) value;
            encoder.encodeInt32(field.name(), elements.size());
            elements.forEach(element -> one(field.name(), field.type(), element));
        } else {
            StructureValue matrix = (StructureValue) value;
            List<?> dimensions = (List<?>) matrix.at(1);
            List<?> elements = (List<?>) matrix.at(0);
            encoder.encodeInt32(field.name(), dimensions == null ? 0 : dimensions.size());
            if (dimensions != null && elements != null) {
                dimensions.forEach(length -> encoder.encodeInt32(field.name(), (Integer) length));
                elements.forEach(element -> one(field.name(), field.type(), element));
            }
        }
    }

    private void one(String name, ValueType type, @Nullable Object value) {
        if (type instanceof StructureShape shape) {
            if (!(value instanceof StructureValue structure)) {
                throw new IllegalArgumentException(name + ": got no structure");
            }
            structure(shape, structure);
        } else if (value instanceof LocalizedText text) {
            localizedText(name, text);
        } else if (value instanceof ExtensionObject object) {
            extensionObject(name, object);
        } else {
            builtin(name, type.builtinType(), value);
        }
    }

    /** Milo's encoder makes an absent text of an empty one. */
    private void localizedText(String name, LocalizedText text) {
        int mask = (text.locale() == null ? 0 : 1) | (text.text() == null ? 0 : 2);
        encoder.encodeByte(name, UByte.valueOf(mask));
        if (text.locale() != null) {
            encoder.encodeString(name, text.locale());
        }
        if (text.text() != null) {
            encoder.encodeString(name, text.text());
        }
    }

    /** Milo's encoder loses the type of one without a body. */
    private void extensionObject(String name, ExtensionObject object) {
        encoder.encodeNodeId(name, TypeMapper.toMilo(object.typeId()));
        encoder.encodeByte(name, UByte.valueOf(object.encoding()));
        if (object.encoding() != 0) {
            ByteString bytes = object.body();
            encoder.encodeByteString(
                    name,
                    bytes == null
                            ? org.eclipse.milo.opcua.stack.core.types.builtin.ByteString.NULL_VALUE
                            : org.eclipse.milo.opcua.stack.core.types.builtin.ByteString.of(bytes.toByteArray()));
        }
    }

    private void builtin(String name, BuiltinType type, @Nullable Object value) {
        Object milo = TypeMapper.scalarToMilo(type, value);
        switch (type) {
            case BOOLEAN -> encoder.encodeBoolean(name, (Boolean) milo);
            case SBYTE -> encoder.encodeSByte(name, (Byte) milo);
            case BYTE -> encoder.encodeByte(name, (UByte) milo);
            case INT16 -> encoder.encodeInt16(name, (Short) milo);
            case UINT16 -> encoder.encodeUInt16(name, (UShort) milo);
            case INT32 -> encoder.encodeInt32(name, (Integer) milo);
            case UINT32 -> encoder.encodeUInt32(name, (UInteger) milo);
            case INT64 -> encoder.encodeInt64(name, (Long) milo);
            case UINT64 -> encoder.encodeUInt64(name, (ULong) milo);
            case FLOAT -> encoder.encodeFloat(name, (Float) milo);
            case DOUBLE -> encoder.encodeDouble(name, (Double) milo);
            case STRING -> encoder.encodeString(name, (String) milo);
            case DATE_TIME -> encoder.encodeDateTime(name, (DateTime) milo);
            case GUID -> encoder.encodeGuid(name, (UUID) milo);
            case BYTE_STRING ->
                encoder.encodeByteString(name, (org.eclipse.milo.opcua.stack.core.types.builtin.ByteString) milo);
            case XML_ELEMENT -> encoder.encodeXmlElement(name, (XmlElement) milo);
            case NODE_ID -> encoder.encodeNodeId(name, (NodeId) milo);
            case EXPANDED_NODE_ID -> encoder.encodeExpandedNodeId(name, (ExpandedNodeId) milo);
            case STATUS_CODE -> encoder.encodeStatusCode(name, (StatusCode) milo);
            case QUALIFIED_NAME -> encoder.encodeQualifiedName(name, (QualifiedName) milo);
            case DATA_VALUE -> encoder.encodeDataValue(name, (DataValue) milo);
            case VARIANT -> encoder.encodeVariant(name, (Variant) milo);
            case DIAGNOSTIC_INFO -> encoder.encodeDiagnosticInfo(name, (DiagnosticInfo) null);
            case LOCALIZED_TEXT, EXTENSION_OBJECT ->
                throw new IllegalArgumentException(name + ": got no " + type.displayName());
        }
    }
}

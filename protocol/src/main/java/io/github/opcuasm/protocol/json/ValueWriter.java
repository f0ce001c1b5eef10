package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes values in the shapes of the protocol (section 5, <em>Value shapes</em>). Each method writes one JSON value and
 * may hand over the rest of it: what follows goes into {@link JsonOutput#then}.
 */
public final class ValueWriter {
    private ValueWriter() {}

    /** {@code {"ns","id","type"}}; opaque identifiers in lower-case hexadecimal. */
    public static void nodeId(JsonOutput out, NodeId value) throws IOException {
        out.startObject();
        nodeIdMembers(out, value);
        out.endObject();
    }

    /** A NodeId; with {@code nsu} and {@code serverIndex} too where the index alone does not say it. */
    public static void expandedNodeId(JsonOutput out, ExpandedNodeId value) throws IOException {
        out.startObject();
        nodeIdMembers(out, value.nodeId());
        if (!value.isLocal()) {
            out.name("nsu");
            out.string(value.namespaceUri());
            out.name("serverIndex");
            out.number(value.serverIndex());
        }
        out.endObject();
    }

    /** {@code {"ns","name"}}. */
    public static void qualifiedName(JsonOutput out, QualifiedName value) throws IOException {
        out.startObject();
        out.name("ns");
        out.number(value.namespaceIndex());
        out.name("name");
        out.string(value.name());
        out.endObject();
    }

    /** {@code {"locale","text"}}, always an object. */
    public static void localizedText(JsonOutput out, LocalizedText value) throws IOException {
        out.startObject();
        out.name("locale");
        out.string(value.locale());
        out.name("text");
        out.text(value.text());
        out.then(out::endObject);
    }

    /** An unsigned number. */
    public static void statusCode(JsonOutput out, StatusCode value) throws IOException {
        out.number(value.value());
    }

    /** ISO 8601, UTC, six fractional digits (seven in protocol 2), cut; null for no time. */
    public static void dateTime(JsonOutput out, @Nullable DateTime value) throws IOException {
        out.string(value == null || value.isNull() ? null : DateTimeText.format(value, fractionDigits(out)));
    }

    /** {@code {"type","value","dimensions"}}. */
    public static void variant(JsonOutput out, Variant value) throws IOException {
        BuiltinType type = value.type();
        out.startObject();
        out.name("type");
        out.number(type == null ? BuiltinType.VARIANT.id() : type.id());
        out.name("value");
        value(out, value);
        out.then(() -> {
            out.name("dimensions");
            dimensions(out, value);
            out.endObject();
        });
    }

    /** {@code {"value","type","dimensions","statusCode","sourceTimestamp","serverTimestamp"}}. */
    public static void dataValue(JsonOutput out, DataValue value) throws IOException {
        Variant variant = value.variant();
        out.startObject();
        out.name("value");
        value(out, variant);
        out.then(() -> {
            BuiltinType type = variant.type();
            out.name("type");
            if (type == null) {
                out.nullValue();
            } else {
                out.number(type.id());
            }
            out.name("dimensions");
            dimensions(out, variant);
            out.name("statusCode");
            statusCode(out, value.statusCode());
            out.name("sourceTimestamp");
            dateTime(out, value.sourceTimestamp());
            out.name("serverTimestamp");
            dateTime(out, value.serverTimestamp());
            out.endObject();
        });
    }

    /** {@code {"typeId","encoding","body","value"}}. */
    public static void extensionObject(JsonOutput out, ExtensionObject value) throws IOException {
        out.startObject();
        out.name("typeId");
        nodeId(out, value.typeId());
        out.name("encoding");
        out.number(value.encoding());
        out.name("body");
        out.base64(value.body());
        out.then(() -> {
            out.name("value");
            out.body(o -> decoded(o, value.value()));
            out.then(out::endObject);
        });
    }

    /** {@code {"referenceTypeId","isForward","nodeId","browseName","displayName","nodeClass","typeDefinition"}}. */
    public static void referenceDescription(JsonOutput out, ReferenceDescription value) throws IOException {
        out.startObject();
        out.name("referenceTypeId");
        nodeId(out, value.referenceTypeId());
        out.name("isForward");
        out.bool(value.isForward());
        out.name("nodeId");
        expandedNodeId(out, value.nodeId());
        out.name("browseName");
        qualifiedName(out, value.browseName());
        out.name("displayName");
        localizedText(out, value.displayName());
        out.then(() -> {
            out.name("nodeClass");
            out.number(value.nodeClass());
            out.name("typeDefinition");
            expandedNodeId(out, value.typeDefinition());
            out.endObject();
        });
    }

    /** The bare value of a variant, without its type: a scalar, or a flat array. */
    public static void value(JsonOutput out, Variant variant) throws IOException {
        BuiltinType type = variant.type();
        Object value = variant.value();
        if (type == null) {
            out.nullValue();
        } else if (variant.isNullArray()) {
            if (out.style().protocol() == 1) {
                out.startArray();
                out.endArray();
            } else {
                out.nullValue();
            }
        } else if (value instanceof List<?> elements) {
            out.elements(elements, (o, element) -> scalar(o, type, element));
        } else {
            scalar(out, type, value);
        }
    }

    /**
     * One value of a built-in type.
     *
     * @param value of the class that {@link Variant} documents for the type; null writes null
     */
    public static void scalar(JsonOutput out, BuiltinType type, @Nullable Object value) throws IOException {
        if (value == null) {
            out.nullValue();
            return;
        }
        switch (type) {
            case BOOLEAN -> out.bool((Boolean) value);
            case SBYTE, BYTE, INT16, UINT16, INT32, UINT32 -> out.number(((Number) value).longValue());
            case INT64 -> int64(out, (Long) value);
            case UINT64 -> uint64(out, (BigInteger) value);
            case FLOAT -> out.number(((Float) value).floatValue());
            case DOUBLE -> out.number(((Double) value).doubleValue());
            case STRING -> out.text((String) value);
            case DATE_TIME -> dateTime(out, (DateTime) value);
            case GUID -> out.string(((UUID) value).toString());
            case BYTE_STRING -> out.base64((ByteString) value);
            case XML_ELEMENT -> out.text(((XmlElement) value).fragment());
            case NODE_ID -> nodeId(out, (NodeId) value);
            case EXPANDED_NODE_ID -> expandedNodeId(out, (ExpandedNodeId) value);
            case STATUS_CODE -> statusCode(out, (StatusCode) value);
            case QUALIFIED_NAME -> qualifiedName(out, (QualifiedName) value);
            case LOCALIZED_TEXT -> localizedText(out, (LocalizedText) value);
            case EXTENSION_OBJECT -> extensionObject(out, (ExtensionObject) value);
            // Handed over: the depth of data must not become the depth of calls.
            case DATA_VALUE -> out.body(o -> dataValue(o, (DataValue) value));
            case VARIANT -> variant(out, (Variant) value);
            case DIAGNOSTIC_INFO -> out.nullValue();
        }
    }

    /**
     * A field of a decoded structure: as the structure's layout says, or else its Java class. Nulls are null in both
     * protocols: an empty array where there is none would be another value.
     */
    private static void decoded(JsonOutput out, @Nullable Object value) throws IOException {
        if (value == null || value instanceof DiagnosticInfo) {
            out.nullValue();
        } else if (value instanceof StructureValue structure) {
            out.startObject();
            fields(out, structure, 0);
        } else if (value instanceof Map<?, ?> fields) {
            out.startObject();
            fields(out, new ArrayList<>(fields.entrySet()), 0);
        } else if (value instanceof List<?> list) {
            out.elements(list, (o, element) -> o.body(inner -> decoded(inner, element)));
        } else if (value instanceof DataValue dataValue) {
            out.body(o -> dataValue(o, dataValue));
        } else {
            scalar(out, typeOf(value), value);
        }
    }

    private static void fields(JsonOutput out, StructureValue structure, int from) throws IOException {
        StructureValue.Layout layout = structure.layout();
        int index = from;
        while (index < layout.size() && !structure.has(index)) {
            index++;
        }
        if (index == layout.size()) {
            out.endObject();
            return;
        }
        BuiltinType type = layout.type(index);
        Object value = structure.at(index);
        int next = index + 1;
        out.name(layout.name(index));
        if (type == null || value instanceof StructureValue) {
            out.body(o -> decoded(o, value));
        } else if (value instanceof List<?> list) {
            out.elements(list, (o, element) -> scalar(o, type, element));
        } else {
            out.body(o -> scalar(o, type, value));
        }
        out.then(() -> fields(out, structure, next));
    }

    private static void fields(JsonOutput out, List<? extends Map.Entry<?, ?>> fields, int index) throws IOException {
        if (index == fields.size()) {
            out.endObject();
            return;
        }
        Map.Entry<?, ?> field = fields.get(index);
        out.name(String.valueOf(field.getKey()));
        out.body(o -> decoded(o, field.getValue()));
        out.then(() -> fields(out, fields, index + 1));
    }

    static BuiltinType typeOf(Object value) {
        if (value instanceof Boolean) {
            return BuiltinType.BOOLEAN;
        } else if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return BuiltinType.INT32;
        } else if (value instanceof Long) {
            return BuiltinType.INT64;
        } else if (value instanceof BigInteger) {
            return BuiltinType.UINT64;
        } else if (value instanceof Float) {
            return BuiltinType.FLOAT;
        } else if (value instanceof Double) {
            return BuiltinType.DOUBLE;
        } else if (value instanceof String) {
            return BuiltinType.STRING;
        } else if (value instanceof UUID) {
            return BuiltinType.GUID;
        }
        return BuiltinType.ofName(value.getClass().getSimpleName())
                .orElseThrow(() -> new IllegalArgumentException(
                        "value: got " + value.getClass().getName() + ", which is no class of a decoded field"));
    }

    private static void nodeIdMembers(JsonOutput out, NodeId value) throws IOException {
        out.name("ns");
        out.number(value.namespaceIndex());
        out.name("id");
        Identifier identifier = value.identifier();
        if (identifier instanceof Identifier.Numeric numeric) {
            out.number(numeric.value());
            out.name("type");
            out.string("numeric");
        } else if (identifier instanceof Identifier.Text text) {
            out.string(text.value());
            out.name("type");
            out.string("string");
        } else if (identifier instanceof Identifier.Guid guid) {
            out.string(guid.value().toString());
            out.name("type");
            out.string("guid");
        } else {
            out.string(((Identifier.Opaque) identifier).value().toHex());
            out.name("type");
            out.string("opaque");
        }
    }

    static void dimensions(JsonOutput out, Variant variant) throws IOException {
        List<Integer> dimensions = variant.dimensions();
        if (dimensions == null || dimensions.isEmpty()) {
            out.nullValue();
            return;
        }
        out.startArray();
        for (int length : dimensions) {
            out.number(length);
        }
        out.endArray();
    }

    private static void int64(JsonOutput out, long value) throws IOException {
        if (out.style().int64AsString()) {
            out.string(Long.toString(value));
        } else {
            out.number(value);
        }
    }

    static void uint64(JsonOutput out, BigInteger value) throws IOException {
        if (out.style().int64AsString()) {
            out.string(value.toString());
        } else {
            out.number(value);
        }
    }

    private static int fractionDigits(JsonOutput out) {
        return out.style().protocol() == 1 ? 6 : 7;
    }
}

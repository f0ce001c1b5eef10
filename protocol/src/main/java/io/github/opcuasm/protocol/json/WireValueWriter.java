package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes values as typed values (protocol, section 6): what JSON has no type for becomes an object that names its type
 * as {@code __t}. Numbers, texts and codes are written as {@link ValueWriter} writes them, so that the style of the
 * connection holds for them too. Each method may hand over the rest of its value.
 *
 * <p>A single ByteString travels in the variant's {@code bytesB64}, its value is null. The table has no such place for
 * arrays of ByteString and for fields of structures: there each is a base64 string.
 */
final class WireValueWriter {
    /** Peers of the typed notation read six fractional digits, not one more, whatever the protocol. */
    private static final int FRACTION_DIGITS = 6;

    /** What a field of a structure must not be called, because it would make the structure a value of another type. */
    private static final Pattern RESERVED = Pattern.compile("__+t");

    private WireValueWriter() {}

    /** Begins a typed value. */
    static void start(JsonOutput out, String type) throws IOException {
        out.startObject();
        out.name(WireTypes.TYPE);
        out.string(type);
    }

    static void nodeId(JsonOutput out, NodeId value) throws IOException {
        start(out, "NodeId");
        out.name("v");
        out.string(value.toTypedString());
        out.endObject();
    }

    /** A NodeId. Peers read {@code v} alone; what it cannot say stands beside it, as in the plain shape. */
    static void expandedNodeId(JsonOutput out, ExpandedNodeId value) throws IOException {
        start(out, "NodeId");
        out.name("v");
        out.string(value.nodeId().toTypedString());
        if (!value.isLocal()) {
            out.name("nsu");
            out.string(value.namespaceUri());
            out.name("serverIndex");
            out.number(value.serverIndex());
        }
        out.endObject();
    }

    static void qualifiedName(JsonOutput out, QualifiedName value) throws IOException {
        start(out, "QualifiedName");
        out.name("ns");
        out.number(value.namespaceIndex());
        out.name("n");
        out.string(value.name());
        out.endObject();
    }

    static void localizedText(JsonOutput out, LocalizedText value) throws IOException {
        start(out, "LocalizedText");
        out.name("locale");
        out.string(value.locale());
        out.name("text");
        out.text(value.text());
        out.then(out::endObject);
    }

    /** Null for no time. */
    static void dateTime(JsonOutput out, @Nullable DateTime value) throws IOException {
        if (value == null || value.isNull()) {
            out.nullValue();
            return;
        }
        start(out, "DateTime");
        out.name("v");
        out.string(DateTimeText.format(value, FRACTION_DIGITS));
        out.endObject();
    }

    static void enumeration(JsonOutput out, String type, int value) throws IOException {
        start(out, type);
        out.name("v");
        out.number(value);
        out.endObject();
    }

    static void variant(JsonOutput out, Variant variant) throws IOException {
        BuiltinType type = variant.type();
        start(out, "Variant");
        out.name("type");
        enumeration(out, "BuiltinType", type == null ? BuiltinType.VARIANT.id() : type.id());
        out.name("value");
        if (variant.value() instanceof ByteString bytes) {
            out.nullValue();
            out.name("dims");
            out.nullValue();
            out.name("bytesB64");
            out.base64(bytes);
            out.then(out::endObject);
            return;
        }
        value(out, variant);
        out.then(() -> {
            out.name("dims");
            ValueWriter.dimensions(out, variant);
            out.name("bytesB64");
            out.nullValue();
            out.endObject();
        });
    }

    static void dataValue(JsonOutput out, DataValue value) throws IOException {
        start(out, "DataValue");
        out.name("variant");
        if (value.variant().isNull()) {
            out.nullValue();
        } else {
            out.body(o -> variant(o, value.variant()));
        }
        out.then(() -> {
            out.name("status");
            ValueWriter.statusCode(out, value.statusCode());
            out.name("sourceTs");
            dateTime(out, value.sourceTimestamp());
            out.name("serverTs");
            dateTime(out, value.serverTimestamp());
            out.endObject();
        });
    }

    static void extensionObject(JsonOutput out, ExtensionObject value) throws IOException {
        start(out, "ExtensionObject");
        out.name("typeId");
        nodeId(out, value.typeId());
        out.name("encoding");
        out.number(value.encoding());
        out.name("bodyB64");
        out.base64(value.body());
        out.then(() -> {
            out.name("value");
            out.body(o -> decoded(o, value.value()));
            out.then(out::endObject);
        });
    }

    static void statusCodes(JsonOutput out, List<StatusCode> codes) throws IOException {
        out.elements(codes, ValueWriter::statusCode);
    }

    private static void value(JsonOutput out, Variant variant) throws IOException {
        BuiltinType type = variant.type();
        if (type != null && variant.value() instanceof List<?> elements) {
            out.elements(elements, (o, element) -> scalar(o, type, element));
        } else if (type == null || variant.value() == null) {
            // Nothing, a null scalar or a null array: as in the plain shape.
            ValueWriter.value(out, variant);
        } else {
            scalar(out, type, variant.value());
        }
    }

    private static void scalar(JsonOutput out, BuiltinType type, @Nullable Object value) throws IOException {
        if (value == null) {
            out.nullValue();
            return;
        }
        switch (type) {
            case DATE_TIME -> dateTime(out, (DateTime) value);
            case NODE_ID -> nodeId(out, (NodeId) value);
            case EXPANDED_NODE_ID -> expandedNodeId(out, (ExpandedNodeId) value);
            case QUALIFIED_NAME -> qualifiedName(out, (QualifiedName) value);
            case LOCALIZED_TEXT -> localizedText(out, (LocalizedText) value);
            case EXTENSION_OBJECT -> extensionObject(out, (ExtensionObject) value);
            // Handed over: the depth of data must not become the depth of calls.
            case DATA_VALUE -> out.body(o -> dataValue(o, (DataValue) value));
            case VARIANT -> out.body(o -> variant(o, (Variant) value));
            default -> ValueWriter.scalar(out, type, value);
        }
    }

    /** A field of a decoded structure: as its Java class says ({@link ExtensionObject}). */
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
        } else {
            scalar(out, ValueWriter.typeOf(value), value);
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
        out.name(fieldName(layout.name(index)));
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
        out.name(fieldName(String.valueOf(field.getKey())));
        out.body(o -> decoded(o, field.getValue()));
        out.then(() -> fields(out, fields, index + 1));
    }

    /** One underscore more for each of these names, so that no two fields become one. */
    private static String fieldName(String name) {
        return RESERVED.matcher(name).matches() ? "_" + name : name;
    }
}

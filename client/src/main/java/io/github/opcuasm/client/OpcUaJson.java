package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * OPC UA's types as the protocol writes them in requests (section 5, <em>Value shapes</em>). NodeIds are objects: that form
 * the reference's daemon takes too.
 */
final class OpcUaJson {
    private OpcUaJson() {}

    /** Null for an object of any other class. */
    static @Nullable JsonValue of(Object value) {
        if (value instanceof NodeId id) {
            return object(nodeId(id));
        } else if (value instanceof NamespacedNodeId || value instanceof UUID) {
            return new JsonValue.Str(value.toString());
        } else if (value instanceof ExpandedNodeId id) {
            return expandedNodeId(id);
        } else if (value instanceof Instant time) {
            return dateTime(DateTime.of(time));
        } else if (value instanceof DateTime time) {
            return dateTime(time);
        } else if (value instanceof ByteString bytes) {
            return new JsonValue.Str(bytes.toBase64());
        } else if (value instanceof XmlElement xml) {
            return new JsonValue.Str(xml.fragment());
        } else if (value instanceof StatusCode code) {
            return Json.of(code.value());
        } else if (value instanceof QualifiedName name) {
            return Json.of(Map.of("ns", name.namespaceIndex(), "name", name.name()));
        } else if (value instanceof LocalizedText text) {
            return object(members("locale", text.locale(), "text", text.text()));
        } else if (value instanceof Variant variant) {
            return object(variant(variant));
        } else if (value instanceof DataValue dataValue) {
            return dataValue(dataValue);
        } else if (value instanceof ExtensionObject structure) {
            return extensionObject(structure);
        }
        return null;
    }

    private static JsonValue object(Map<String, ?> members) {
        return Json.of(members);
    }

    private static Map<String, @Nullable Object> members(
            String first, @Nullable Object one, String second, @Nullable Object two) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put(first, one);
        members.put(second, two);
        return members;
    }

    private static Map<String, @Nullable Object> nodeId(NodeId id) {
        Identifier identifier = id.identifier();
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("ns", id.namespaceIndex());
        if (identifier instanceof Identifier.Numeric numeric) {
            members.putAll(members("id", numeric.value(), "type", "numeric"));
        } else if (identifier instanceof Identifier.Text text) {
            members.putAll(members("id", text.value(), "type", "string"));
        } else if (identifier instanceof Identifier.Guid guid) {
            members.putAll(members("id", guid.value(), "type", "guid"));
        } else if (identifier instanceof Identifier.Opaque opaque) {
            members.putAll(members("id", opaque.value().toHex(), "type", "opaque"));
        }
        return members;
    }

    private static JsonValue expandedNodeId(ExpandedNodeId id) {
        Map<String, @Nullable Object> members = nodeId(id.nodeId());
        if (!id.isLocal()) {
            members.putAll(members("nsu", id.namespaceUri(), "serverIndex", id.serverIndex()));
        }
        return object(members);
    }

    /** To its 100 ns. */
    private static JsonValue dateTime(DateTime time) {
        return time.isNull()
                ? JsonValue.Null.INSTANCE
                : new JsonValue.Str(time.toInstant().toString());
    }

    private static Map<String, @Nullable Object> variant(Variant variant) {
        Map<String, @Nullable Object> members =
                members("type", variant.type() == null ? null : variant.type().id(), "value", variant.value());
        if (variant.dimensions() != null && !variant.dimensions().isEmpty()) {
            members.put("dimensions", variant.dimensions());
        }
        return members;
    }

    /** What stands for a matrix where the type stands beside it: {@code {"value":[…],"dimensions":[…]}}. */
    static JsonValue matrix(Variant variant) {
        return object(members("value", variant.value(), "dimensions", variant.dimensions()));
    }

    private static JsonValue dataValue(DataValue value) {
        Map<String, @Nullable Object> members = variant(value.variant());
        members.put("statusCode", value.statusCode());
        members.putAll(members("sourceTimestamp", value.sourceTimestamp(), "serverTimestamp", value.serverTimestamp()));
        return object(members);
    }

    private static JsonValue extensionObject(ExtensionObject structure) {
        Map<String, @Nullable Object> members = members("typeId", structure.typeId(), "encoding", structure.encoding());
        members.putAll(members("body", structure.body(), "value", structure.value()));
        return object(members);
    }
}

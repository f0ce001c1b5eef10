package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Arguments of {@code invoke} in the notation that carries types (protocol, section 6). The daemon takes the plain shapes there
 * too; the reference's takes only these.
 *
 * <p>Octets ({@code byte[]}) are the content of a file, which protocol 1 has as text; a {@link ByteString} is base64. A time has
 * six digits of a second, or seven if it would lose one: it is never cut.
 */
final class TypedJson {
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 6, 7, true)
            .appendOffset("+HH:MM", "+00:00")
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private TypedJson() {}

    /**
     * @throws RequestFailedException.Encoding for octets that are not UTF-8: nothing was sent
     * @throws IllegalArgumentException for what {@link Json#of} does not take
     */
    static JsonValue of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.forEach((name, member) -> members.put(String.valueOf(name), of(member)));
            return new JsonValue.Obj(members);
        } else if (value instanceof Iterable<?> all) {
            List<JsonValue> elements = new ArrayList<>();
            all.forEach(element -> elements.add(of(element)));
            return new JsonValue.Arr(elements);
        } else if (value instanceof byte[] octets) {
            return new JsonValue.Str(text(octets));
        } else if (value instanceof NodeClass nodeClass) {
            return typed("NodeClass", "v", nodeClass);
        } else if (value instanceof OpenFileMode mode) {
            return typed("OpenFileMode", "v", mode);
        } else if (value instanceof AggregateFunction function) {
            return typed("AggregateFunction", "v", function.wireName());
        }
        JsonValue json = value == null ? null : scalar(value);
        return json == null ? Json.of(value) : json;
    }

    /** Null for what has no type of its own. */
    private static @Nullable JsonValue scalar(Object value) {
        if (value instanceof NodeId id) {
            return typed("NodeId", "v", id.toTypedString());
        } else if (value instanceof ExpandedNodeId id) {
            return id.isLocal()
                    ? of(id.nodeId())
                    : typed(
                            "NodeId",
                            "v",
                            id.nodeId().toTypedString(),
                            "nsu",
                            id.namespaceUri(),
                            "serverIndex",
                            id.serverIndex());
        } else if (value instanceof Instant time) {
            return time(DateTime.of(time));
        } else if (value instanceof DateTime time) {
            return time(time);
        } else if (value instanceof QualifiedName name) {
            return typed("QualifiedName", "ns", name.namespaceIndex(), "n", name.name());
        } else if (value instanceof LocalizedText text) {
            return typed("LocalizedText", "locale", text.locale(), "text", text.text());
        } else if (value instanceof Variant variant) {
            return variant(variant);
        } else if (value instanceof DataValue dataValue) {
            return typed(
                    "DataValue",
                    "variant",
                    dataValue.variant().isNull() ? null : dataValue.variant(),
                    "status",
                    dataValue.statusCode(),
                    "sourceTs",
                    dataValue.sourceTimestamp(),
                    "serverTs",
                    dataValue.serverTimestamp());
        } else if (value instanceof ExtensionObject structure) {
            return typed(
                    "ExtensionObject",
                    "typeId",
                    structure.typeId(),
                    "encoding",
                    structure.encoding(),
                    "bodyB64",
                    structure.body(),
                    "value",
                    Json.of(structure.value()));
        }
        return null;
    }

    private static JsonValue variant(Variant variant) {
        BuiltinType type = variant.type() == null ? BuiltinType.VARIANT : variant.type();
        ByteString bytes = variant.value() instanceof ByteString octets ? octets : null;
        return typed(
                "Variant",
                "type",
                typed("BuiltinType", "v", type.id()),
                "value",
                bytes == null ? variant.value() : null,
                "dims",
                variant.dimensions() == null || variant.dimensions().isEmpty() ? null : variant.dimensions(),
                "bytesB64",
                bytes);
    }

    private static JsonValue time(DateTime time) {
        return time.isNull() ? JsonValue.Null.INSTANCE : typed("DateTime", "v", TIME.format(time.toInstant()));
    }

    /** @param members names and values in turn */
    private static JsonValue typed(String type, @Nullable Object... members) {
        Map<String, JsonValue> object = new LinkedHashMap<>();
        object.put("__t", Json.of(type));
        for (int i = 0; i < members.length; i += 2) {
            Object value = members[i + 1];
            object.put(
                    String.valueOf(members[i]),
                    value instanceof NodeClass || value instanceof OpenFileMode ? Json.of(value) : of(value));
        }
        return new JsonValue.Obj(object);
    }

    private static String text(byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw RequestFailedException.local(
                    ErrorType.ENCODING,
                    "content: got " + octets.length + " bytes that are not UTF-8; protocol 1 has files as text:"
                            + " write them by a daemon that speaks protocol 2");
        }
    }
}

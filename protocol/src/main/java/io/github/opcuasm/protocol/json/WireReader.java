package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.WireMember.Kind;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns typed values (protocol, section 6) into the plain shapes of section 5, so that one reader of parameters serves
 * both notations: a NodeId becomes {@code {"ns","id","type"}}, a Variant {@code {"type","value","dimensions"}}, a
 * DateTime its text, an enumeration its number or name. What carries no type stays as it is, its elements read in turn:
 * the plain shapes are taken too.
 *
 * <p>Here it is checked that a typed value is one: known type, members of the right kind, text that means something.
 * Whether it is what a parameter asks for, and in its range, is for whoever reads the parameter.
 *
 * <p>Types and enumerations are a closed set ({@link WireShapes}); nothing is looked up by a name that came.
 */
public final class WireReader {
    private static final BigInteger BYTE_STRING = BigInteger.valueOf(BuiltinType.BYTE_STRING.id());

    private final JsonValue.Obj object;

    private final String type;
    private final Place path;
    private final int depth;
    private final Map<String, JsonValue> plain = new LinkedHashMap<>();

    /**
     * Where a value stands, put into words only for a message: peers choose the names and the depth, and a path written
     * out for every element would be long work for a short frame.
     */
    private record Place(@Nullable Place outer, String step) {
        private static final int SHOWN = 100;

        Place element(int index) {
            return new Place(this, "[" + index + "]");
        }

        Place member(String name) {
            return new Place(this, "." + (name.length() <= SHOWN ? name : name.substring(0, SHOWN - 1) + "…"));
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            Deque<String> steps = new ArrayDeque<>();
            for (Place place = this; place != null; place = place.outer) {
                steps.push(place.step);
            }
            steps.forEach(text::append);
            return text.toString().replaceAll("\\p{Cntrl}", "\uFFFD");
        }
    }

    private WireReader(JsonValue.Obj object, String type, Place path, int depth) {
        this.object = object;
        this.type = type;
        this.path = path;
        this.depth = depth;
    }

    /**
     * The plain shape of a value, which may be a typed one or hold some.
     *
     * @param name the parameter, for messages
     * @throws CommandException {@link ErrorType#ENCODING} for an unknown {@code __t}, a malformed typed value or more than
     *     {@value JsonReader#MAX_ANSWER_DEPTH} levels; {@link ErrorType#INVALID_NODE_ID} for a NodeId without a valid text;
     *     {@link ErrorType#INVALID_ARGUMENT} for a value that its enumeration does not have
     */
    public static JsonValue read(JsonValue json, String name) {
        return read(json, new Place(null, name), 1);
    }

    /**
     * A NodeId parameter of what {@link #read} gave, or plain text in its stead, which means what it means in a typed one:
     * {@code b=} is hexadecimal. So the text of an answer can be sent back. With {@code nsu=}, which no answer has, it is
     * the standard text form.
     *
     * @throws CommandException as {@link ValueReader#readNodeReference}
     */
    public static NodeReference readNodeReference(JsonValue json, String name) {
        return NodeIdReader.REQUEST.typed(json, name);
    }

    private static JsonValue read(JsonValue json, Place path, int depth) {
        if (!(json instanceof JsonValue.Arr) && !(json instanceof JsonValue.Obj)) {
            return json;
        }
        if (depth > JsonReader.MAX_ANSWER_DEPTH) {
            throw new CommandException(
                    ErrorType.ENCODING, path + ": nested deeper than " + JsonReader.MAX_ANSWER_DEPTH + " levels");
        }
        if (json instanceof JsonValue.Arr array) {
            return elements(array, path, depth);
        }
        JsonValue.Obj object = (JsonValue.Obj) json;
        JsonValue type = object.members().get(WireTypes.TYPE);
        if (type == null) {
            return members(object, path, depth);
        }
        if (type instanceof JsonValue.Str name) {
            return new WireReader(object, name.value(), path, depth).typed();
        }
        throw Members.wrong(ErrorType.ENCODING, path + "." + WireTypes.TYPE, type.excerpt(), "the id of a type");
    }

    private static JsonValue elements(JsonValue.Arr array, Place path, int depth) {
        List<JsonValue> read = new ArrayList<>(array.elements().size());
        for (JsonValue element : array.elements()) {
            // Most elements are numbers or texts: no place for each of those.
            read.add(isScalar(element) ? element : read(element, path.element(read.size()), depth + 1));
        }
        return new JsonValue.Arr(read);
    }

    private static JsonValue members(JsonValue.Obj object, Place path, int depth) {
        Map<String, JsonValue> read = new LinkedHashMap<>();
        object.members()
                .forEach((name, value) ->
                        read.put(name, isScalar(value) ? value : read(value, path.member(name), depth + 1)));
        return new JsonValue.Obj(read);
    }

    private static boolean isScalar(JsonValue value) {
        return !(value instanceof JsonValue.Arr) && !(value instanceof JsonValue.Obj);
    }

    private JsonValue typed() {
        return switch (type) {
            case "NodeId" -> nodeId();
            case "Variant" -> variant();
            case "DataValue" -> dataValue();
            case "DateTime" -> dateTime();
            default -> {
                List<JsonValue> values = WireShapes.enumeration(type);
                yield values == null ? ofTable() : enumeration(values);
            }
        };
    }

    private JsonValue ofTable() {
        List<WireMember> members = WireShapes.members(type);
        if (members == null) {
            throw Members.wrong(
                    ErrorType.ENCODING,
                    path + "." + WireTypes.TYPE,
                    new JsonValue.Str(type).excerpt(),
                    "the id of a type that describe lists, or DateTime");
        }
        for (WireMember member : members) {
            plain.put(
                    member.plainName(),
                    member.required()
                            ? required(member.wireName(), member.kind())
                            : optional(member.wireName(), member.kind()));
        }
        if (type.equals("BrowseResultSet") && object.get("cpB64") != null) {
            // Opaque to peers: the text that the next page is asked with, as bytes.
            byte[] point = base64("cpB64").toByteArray();
            plain.put("continuationPoint", new JsonValue.Str(new String(point, StandardCharsets.ISO_8859_1)));
        }
        return new JsonValue.Obj(plain);
    }

    private JsonValue nodeId() {
        if (!(object.get("v") instanceof JsonValue.Str text)) {
            throw new CommandException(
                    ErrorType.INVALID_NODE_ID, wrong("v", "a string").messageText());
        }
        NodeId nodeId = nodeId(text.value());
        Identifier identifier = nodeId.identifier();
        plain.put("ns", number(nodeId.namespaceIndex()));
        if (identifier instanceof Identifier.Numeric numeric) {
            identifier(number(numeric.value()), "numeric");
        } else if (identifier instanceof Identifier.Text string) {
            identifier(new JsonValue.Str(string.value()), "string");
        } else if (identifier instanceof Identifier.Guid guid) {
            identifier(new JsonValue.Str(guid.value().toString()), "guid");
        } else {
            identifier(
                    new JsonValue.Str(((Identifier.Opaque) identifier).value().toHex()), "opaque");
        }
        // An ExpandedNodeId whose namespace or server has no index here.
        if (object.get("nsu") != null || object.get("serverIndex") != null) {
            plain.put("nsu", optional("nsu", Kind.TEXT));
            plain.put("serverIndex", optional("serverIndex", Kind.WHOLE));
        }
        return new JsonValue.Obj(plain);
    }

    private void identifier(JsonValue id, String form) {
        plain.put("id", id);
        plain.put("type", new JsonValue.Str(form));
    }

    private NodeId nodeId(String text) {
        try {
            return NodeId.parseTyped(text);
        } catch (CommandException e) {
            throw new CommandException(e.type(), path + ": " + e.messageText());
        }
    }

    private JsonValue variant() {
        JsonValue builtinType = required("type", Kind.WHOLE);
        JsonValue value = optional("value", Kind.ANY);
        if (object.get("bytesB64") != null) {
            boolean isByteString = builtinType instanceof JsonValue.Num number && BYTE_STRING.equals(number.whole());
            if (!isByteString || value != JsonValue.Null.INSTANCE) {
                throw wrong("bytesB64", "null beside a value, and for any type but ByteString");
            }
            value = new JsonValue.Str(base64("bytesB64").toBase64());
        }
        plain.put("type", builtinType);
        plain.put("value", value);
        plain.put("dimensions", optional("dims", Kind.LIST));
        return new JsonValue.Obj(plain);
    }

    private JsonValue dataValue() {
        JsonValue.Obj variant = optional("variant", Kind.VARIANT).asObject();
        for (String name : List.of("value", "type", "dimensions")) {
            plain.put(
                    name,
                    variant == null
                            ? JsonValue.Null.INSTANCE
                            : variant.members().getOrDefault(name, JsonValue.Null.INSTANCE));
        }
        plain.put("statusCode", object.get("status") == null ? number(0) : required("status", Kind.WHOLE));
        plain.put("sourceTimestamp", optional("sourceTs", Kind.TEXT));
        plain.put("serverTimestamp", optional("serverTs", Kind.TEXT));
        return new JsonValue.Obj(plain);
    }

    private JsonValue dateTime() {
        if (object.get("v") instanceof JsonValue.Str text && DateTimeText.parse(text.value()) != null) {
            return text;
        }
        throw wrong("v", "an ISO 8601 date and time with an offset, 2026-05-15T10:30:00.000000+00:00,");
    }

    private JsonValue enumeration(List<JsonValue> values) {
        JsonValue given = object.get("v");
        if (given == null) {
            throw wrong("v", "one of " + values);
        }
        for (JsonValue value : values) {
            if (value.equals(given) || isSameNumber(value, given)) {
                return value;
            }
        }
        throw CommandException.invalidArgument(path.toString(), type + " " + given.excerpt(), "one of " + values);
    }

    private static boolean isSameNumber(JsonValue value, JsonValue given) {
        return value instanceof JsonValue.Num number
                && given instanceof JsonValue.Num other
                && number.decimal().compareTo(other.decimal()) == 0;
    }

    private ByteString base64(String name) {
        if (object.get(name) instanceof JsonValue.Str text) {
            try {
                return ByteString.fromBase64(text.value());
            } catch (IllegalArgumentException e) {
                throw wrong(name, "strict base64");
            }
        }
        throw wrong(name, "strict base64");
    }

    private JsonValue required(String name, Kind kind) {
        JsonValue given = object.get(name);
        JsonValue value = given == null ? null : read(given, path.member(name), depth + 1);
        if (value == null || !kind.holds(value)) {
            throw wrong(name, kind.expected());
        }
        return value;
    }

    /** JSON's null if it is absent or null. */
    private JsonValue optional(String name, Kind kind) {
        return object.get(name) == null ? JsonValue.Null.INSTANCE : required(name, kind);
    }

    private CommandException wrong(String name, String expected) {
        JsonValue given = object.get(name);
        return Members.wrong(
                ErrorType.ENCODING,
                path + "." + name,
                given == null ? "nothing" : given.excerpt(),
                expected + " in a " + type);
    }

    private static JsonValue number(long value) {
        return new JsonValue.Num(Long.toString(value));
    }
}

package io.github.opcuasm.protocol.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of streams, for clients that follow tens of thousands of values a second: data changes with plain
 * scalars are read from the tokens, without a tree. Everything else goes through a {@link JsonValue} and {@link
 * ValueReader}, which also has the last word on what is out of range.
 *
 * <p>An instance belongs to one connection, and one thread at a time: it remembers the timestamp that it read last, since
 * the values of a message often share theirs.
 */
public final class EventReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNestingDepth(JsonReader.MAX_ANSWER_DEPTH + 1)
                    .build())
            .build();

    private static final int MAX_LONG_DIGITS = 18;

    private String lastTimeText = "";
    private DateTime lastTime = DateTime.NULL;

    /**
     * Reads one frame.
     *
     * @return null if it is no event, but the answer to a request
     * @throws CommandException {@link ErrorType#ENCODING} if it is neither, or not as the protocol has it;
     *     {@link ErrorType#INVALID_JSON} if it is no JSON
     */
    public @Nullable StreamEvent read(byte[] utf8, int offset, int length) {
        try (JsonParser in = FACTORY.createParser(utf8, offset, length)) {
            expect(in.nextToken() == JsonToken.START_OBJECT, "an object");
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                if (name.equals("event")) {
                    return event(in);
                } else if (name.equals("success")) {
                    return null;
                }
                in.skipChildren();
            }
            throw misshapen("an event or an answer");
        } catch (IOException e) {
            throw new CommandException(ErrorType.INVALID_JSON, "Invalid JSON: malformed event");
        } catch (IllegalArgumentException e) {
            throw misshapen("values in their ranges: " + e.getMessage());
        }
    }

    private StreamEvent event(JsonParser in) throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT, "an event as an object");
        Fields fields = new Fields();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "type" -> fields.type = text(in);
                case "subscriptionId" -> fields.subscriptionId = whole(in);
                case "sequenceNumber" -> fields.sequenceNumber = whole(in);
                case "epoch" -> fields.epoch = whole(in);
                case "publishTime" -> fields.publishTime = time(in);
                case "notifications" -> fields.notifications = notifications(in);
                case "dropped" -> fields.dropped = whole(in);
                case "from" -> fields.from = time(in);
                case "to" -> fields.to = time(in);
                case "state" -> fields.state = text(in);
                case "reason" -> fields.reason = text(in);
                case "error" -> fields.error = tree(in);
                default -> in.skipChildren();
            }
        }
        return fields.event();
    }

    /** What the members of an event say, before its type is known. */
    private static final class Fields {
        private @Nullable String type;
        private long subscriptionId;
        private long sequenceNumber;
        private long epoch;
        private @Nullable DateTime publishTime;
        private List<Notification> notifications = List.of();
        private long dropped;
        private @Nullable DateTime from;
        private @Nullable DateTime to;
        private @Nullable String state;
        private @Nullable String reason;
        private JsonValue error = JsonValue.Null.INSTANCE;

        StreamEvent event() {
            return switch (type == null ? "" : type) {
                case "Notifications" ->
                    new StreamEvent.Notifications(subscriptionId, sequenceNumber, epoch, publishTime, notifications);
                case "Overflow" -> new StreamEvent.Overflow(dropped);
                case "Gap" -> new StreamEvent.Gap(from, to, reason == null ? "" : reason);
                case "State" -> new StreamEvent.State(state == null ? "" : state, reason);
                case "KeepAlive" -> new StreamEvent.KeepAlive();
                case "End" -> new StreamEvent.End(error(error));
                case "" -> throw misshapen("a type of event");
                // Of a later version (protocol, Streams): a sign of life, and nothing that this one could tell.
                default -> new StreamEvent.KeepAlive();
            };
        }

        private static StreamEvent.@Nullable StreamError error(JsonValue json) {
            if (json instanceof JsonValue.Null) {
                return null;
            }
            Members members = Members.of(json, "error", ErrorType.ENCODING);
            JsonValue code = members.get("code");
            return new StreamEvent.StreamError(
                    members.string("type"),
                    members.string("message"),
                    code == null ? null : ValueReader.readStatusCode(code, "code"));
        }
    }

    private List<Notification> notifications(JsonParser in) throws IOException {
        expect(in.currentToken() == JsonToken.START_ARRAY, "notifications as an array");
        List<Notification> all = new ArrayList<>();
        while (in.nextToken() == JsonToken.START_OBJECT) {
            all.add(notification(in));
        }
        expect(in.currentToken() == JsonToken.END_ARRAY, "notifications as objects");
        return Collections.unmodifiableList(all);
    }

    private Notification notification(JsonParser in) throws IOException {
        long clientHandle = 0;
        DataValue dataValue = null;
        List<Variant> fields = null;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "clientHandle" -> clientHandle = whole(in);
                case "dataValue" -> dataValue = dataValue(in);
                case "eventFields" -> fields = variants(in);
                default -> in.skipChildren();
            }
        }
        if (dataValue != null) {
            return new Notification.DataChange(clientHandle, dataValue);
        }
        if (fields == null) {
            throw misshapen("a data change or an event");
        }
        return new Notification.Event(clientHandle, fields);
    }

    private List<Variant> variants(JsonParser in) throws IOException {
        List<JsonValue> all = tree(in).asArray();
        if (all == null) {
            throw misshapen("event fields as an array");
        }
        List<Variant> variants = new ArrayList<>(all.size());
        for (JsonValue each : all) {
            variants.add(ValueReader.readVariant(each));
        }
        return Collections.unmodifiableList(variants);
    }

    /** {@code {"value","type","dimensions","statusCode","sourceTimestamp","serverTimestamp"}}, in any order. */
    private DataValue dataValue(JsonParser in) throws IOException {
        expect(in.currentToken() == JsonToken.START_OBJECT, "a DataValue as an object");
        JsonValue value = JsonValue.Null.INSTANCE;
        JsonValue dimensions = JsonValue.Null.INSTANCE;
        int type = -1;
        StatusCode status = StatusCode.GOOD;
        DateTime sourceTimestamp = null;
        DateTime serverTimestamp = null;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            switch (name) {
                case "value" -> value = tree(in);
                case "type" -> type = token == JsonToken.VALUE_NULL ? -1 : (int) whole(in);
                case "dimensions" -> dimensions = tree(in);
                case "statusCode" -> status = status(whole(in));
                case "sourceTimestamp" -> sourceTimestamp = time(in);
                case "serverTimestamp" -> serverTimestamp = time(in);
                default -> in.skipChildren();
            }
        }
        Variant variant = dimensions instanceof JsonValue.Null ? scalar(type, value) : null;
        return new DataValue(
                variant == null ? variant(type, value, dimensions) : variant, status, sourceTimestamp, serverTimestamp);
    }

    /** What needs no more than its literal; null for everything else, and for what does not fit. */
    private static @Nullable Variant scalar(int type, JsonValue value) {
        if (type < 0) {
            return value instanceof JsonValue.Null ? Variant.NULL : null;
        }
        if (value instanceof JsonValue.Num number) {
            String literal = number.literal();
            boolean isShort = literal.length() <= MAX_LONG_DIGITS && isWhole(literal);
            return switch (type) {
                case 1 -> null;
                case 6 -> isShort ? fitted(BuiltinType.INT32, Long.parseLong(literal)) : null;
                case 8 -> isShort ? new Variant(BuiltinType.INT64, Long.parseLong(literal), null) : null;
                case 10 -> finite(Float.parseFloat(literal));
                case 11 -> finite(Double.parseDouble(literal));
                default -> null;
            };
        }
        if (value instanceof JsonValue.Bool flag && type == 1) {
            return new Variant(BuiltinType.BOOLEAN, flag.value(), null);
        }
        return value instanceof JsonValue.Str text && type == 12
                ? new Variant(BuiltinType.STRING, text.value(), null)
                : null;
    }

    private static @Nullable Variant fitted(BuiltinType type, long value) {
        return value == (int) value ? new Variant(type, (int) value, null) : null;
    }

    private static @Nullable Variant finite(float value) {
        return Float.isInfinite(value) ? null : new Variant(BuiltinType.FLOAT, value, null);
    }

    private static @Nullable Variant finite(double value) {
        return Double.isInfinite(value) ? null : new Variant(BuiltinType.DOUBLE, value, null);
    }

    private static boolean isWhole(String literal) {
        for (int i = literal.charAt(0) == '-' ? 1 : 0; i < literal.length(); i++) {
            if (literal.charAt(i) < '0' || literal.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static Variant variant(int type, JsonValue value, JsonValue dimensions) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("type", type < 0 ? JsonValue.Null.INSTANCE : new JsonValue.Num(Integer.toString(type)));
        members.put("value", value);
        members.put("dimensions", dimensions);
        return ValueReader.readVariant(new JsonValue.Obj(members));
    }

    private static StatusCode status(long code) {
        return code == 0 ? StatusCode.GOOD : new StatusCode(code);
    }

    private static @Nullable String text(JsonParser in) throws IOException {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        expect(in.currentToken() == JsonToken.VALUE_STRING, "a string");
        return in.getText();
    }

    private static long whole(JsonParser in) throws IOException {
        expect(in.currentToken() == JsonToken.VALUE_NUMBER_INT, "an integer");
        return in.getLongValue();
    }

    private @Nullable DateTime time(JsonParser in) throws IOException {
        String text = text(in);
        if (text == null) {
            return null;
        }
        if (!text.equals(lastTimeText)) {
            DateTime parsed = DateTimeText.parse(text);
            if (parsed == null) {
                throw misshapen("an ISO 8601 date and time with an offset");
            }
            lastTime = parsed;
            lastTimeText = text;
        }
        return lastTime;
    }

    private static JsonValue tree(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> {
                Map<String, JsonValue> members = new LinkedHashMap<>();
                while (in.nextToken() == JsonToken.FIELD_NAME) {
                    String name = in.currentName();
                    in.nextToken();
                    members.put(name, tree(in));
                }
                yield new JsonValue.Obj(Collections.unmodifiableMap(members));
            }
            case START_ARRAY -> {
                List<JsonValue> elements = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(tree(in));
                }
                yield new JsonValue.Arr(elements);
            }
            case VALUE_STRING -> new JsonValue.Str(in.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonValue.Num(in.getText());
            case VALUE_TRUE -> new JsonValue.Bool(true);
            case VALUE_FALSE -> new JsonValue.Bool(false);
            case VALUE_NULL -> JsonValue.Null.INSTANCE;
            default -> throw misshapen("a value");
        };
    }

    private static void expect(boolean condition, String what) {
        if (!condition) {
            throw misshapen(what);
        }
    }

    private static CommandException misshapen(String expected) {
        return new CommandException(ErrorType.ENCODING, "Not an event of a daemon of ours: expected " + expected);
    }
}

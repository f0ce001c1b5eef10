package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Turns what Java programs have into JSON, for configs, parameters and values to write. */
public final class Json {
    private Json() {}

    /**
     * A Java value as JSON, in the protocol's shapes (section 5, <em>Value shapes</em>).
     *
     * @param value null, a Boolean, a Number (with all its digits), a String, a {@link Map} with text keys, an {@link
     *     Iterable}, an array of anything, a {@link JsonValue} (taken as it is); {@link Instant} and {@link DateTime}, {@code
     *     byte[]} and {@link ByteString} (base64), {@link UUID}, and the other classes of {@code protocol.type}; an {@link
     *     Enum}: its number if it is an {@link IntSupplier}, else its name. NaN and the infinities become the strings that
     *     the protocol has for them
     * @throws IllegalArgumentException for anything else, and for text with half a surrogate pair, which UTF-8 has no place
     *     for
     */
    public static JsonValue of(@Nullable Object value) {
        if (value == null || value == DiagnosticInfo.PRESENT) {
            return JsonValue.Null.INSTANCE;
        } else if (value instanceof JsonValue json) {
            return json;
        } else if (value instanceof Boolean bool) {
            return new JsonValue.Bool(bool);
        } else if (value instanceof Number number) {
            return number(number);
        } else if (value instanceof AggregateFunction function) {
            return new JsonValue.Str(function.wireName());
        } else if (value instanceof Enum<?> constant) {
            return constant instanceof IntSupplier number
                    ? number(number.getAsInt())
                    : new JsonValue.Str(constant.name());
        } else if (value instanceof CharSequence) {
            return new JsonValue.Str(wellFormed(value.toString()));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.forEach((name, member) -> members.put(wellFormed(String.valueOf(name)), of(member)));
            return new JsonValue.Obj(members);
        } else if (value instanceof Iterable<?> elements) {
            List<JsonValue> array = new ArrayList<>();
            elements.forEach(element -> array.add(of(element)));
            return new JsonValue.Arr(array);
        } else if (value instanceof byte[] bytes) {
            return new JsonValue.Str(ByteString.copyOf(bytes).toBase64());
        } else if (value.getClass().isArray()) {
            return new JsonValue.Arr(ArrayView.of(Array.getLength(value), index -> of(Array.get(value, index))));
        }
        JsonValue json = OpcUaJson.of(value);
        if (json == null) {
            throw new IllegalArgumentException("value: got " + value.getClass().getName()
                    + ", expected a number, a text, a class of protocol.type, or lists, arrays and maps of these");
        }
        return json;
    }

    /** The value as JSON text on one line. */
    public static String text(JsonValue value) {
        return RequestWriter.text(value);
    }

    /** The text; its characters are in no message, as they may be a secret. */
    static String wellFormed(String text) {
        int width;
        for (int at = 0; at < text.length(); at += width) {
            int character = text.codePointAt(at);
            width = Character.charCount(character);
            if (width == 1 && Character.isSurrogate((char) character)) {
                throw new IllegalArgumentException("text: got half of a surrogate pair, U+"
                        + Integer.toHexString(character).toUpperCase(Locale.ROOT) + ", at index " + at + " of "
                        + text.length() + ", expected whole characters");
            }
        }
        return text;
    }

    private static JsonValue number(Number number) {
        boolean exact = number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || number instanceof BigInteger
                || number instanceof BigDecimal;
        if (!exact && !Double.isFinite(number.doubleValue())) {
            return new JsonValue.Str(number.toString());
        }
        return new JsonValue.Num(number.toString());
    }
}

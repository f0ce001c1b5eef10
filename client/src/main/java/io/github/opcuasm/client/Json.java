package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns what Java programs have into JSON, for configs, parameters and values to write. */
public final class Json {
    private Json() {}

    /**
     * A Java value as JSON.
     *
     * @param value null, a Boolean, a Number, a String, an {@link Enum} (its name), a {@link Map} with text keys, an
     *     {@link Iterable}, an {@code Object[]}, or a {@link JsonValue} (taken as it is); NaN and the infinities become
     *     the strings that the protocol has for them
     * @throws IllegalArgumentException for anything else
     */
    public static JsonValue of(@Nullable Object value) {
        if (value == null) {
            return JsonValue.Null.INSTANCE;
        } else if (value instanceof JsonValue json) {
            return json;
        } else if (value instanceof Boolean bool) {
            return new JsonValue.Bool(bool);
        } else if (value instanceof Number number) {
            return number(number);
        } else if (value instanceof CharSequence || value instanceof Enum) {
            return new JsonValue.Str(value.toString());
        } else if (value instanceof Map<?, ?> map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.forEach((name, member) -> members.put(String.valueOf(name), of(member)));
            return new JsonValue.Obj(members);
        } else if (value instanceof Iterable<?> elements) {
            List<JsonValue> array = new ArrayList<>();
            elements.forEach(element -> array.add(of(element)));
            return new JsonValue.Arr(array);
        } else if (value instanceof Object[] elements) {
            List<JsonValue> array = new ArrayList<>();
            for (Object element : elements) {
                array.add(of(element));
            }
            return new JsonValue.Arr(array);
        }
        throw new IllegalArgumentException("value: got " + value.getClass().getName() + ", expected what JSON has");
    }

    /** The value as JSON text on one line. */
    public static String text(JsonValue value) {
        return RequestWriter.text(value);
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

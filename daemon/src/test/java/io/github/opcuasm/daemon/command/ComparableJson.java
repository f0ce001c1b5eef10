package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON in a form in which equal means the same: {@code 1.0E3} is {@code 1000.0}, but {@code 3.0} is not {@code 3}, and
 * {@code -0.0} not {@code 0.0}.
 */
final class ComparableJson {
    private ComparableJson() {}

    static JsonValue of(String json) {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return of(JsonReader.readValue(utf8, 0, utf8.length));
    }

    static JsonValue of(JsonValue json) {
        if (json instanceof JsonValue.Num number && number.literal().matches(".*[.eE].*")) {
            String sign = number.literal().startsWith("-") ? "-" : "";
            return new JsonValue.Num(sign + "fraction " + number.decimal().abs().stripTrailingZeros());
        } else if (json instanceof JsonValue.Arr array) {
            return new JsonValue.Arr(
                    array.elements().stream().map(ComparableJson::of).toList());
        } else if (json instanceof JsonValue.Obj object) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            object.members().forEach((name, value) -> members.put(name, of(value)));
            return new JsonValue.Obj(members);
        }
        return json;
    }

    /** With the six digits of a second that invoke and protocol 1 give. */
    static JsonValue withMicroseconds(String json) {
        return of(json.replaceAll("(T[0-9:]{8}\\.[0-9]{6})[0-9](\\+00:00\")", "$1$2"));
    }

    /** The JSON text, as it can be sent. */
    static String text(JsonValue json) {
        if (json instanceof JsonValue.Str string) {
            return ValueSample.quoted(string.value());
        } else if (json instanceof JsonValue.Arr array) {
            return array.elements().stream().map(ComparableJson::text).collect(Collectors.joining(",", "[", "]"));
        } else if (json instanceof JsonValue.Obj object) {
            return object.members().entrySet().stream()
                    .map(member -> ValueSample.quoted(member.getKey()) + ":" + text(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return json.toString();
    }
}

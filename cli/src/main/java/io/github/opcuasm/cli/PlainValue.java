package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Values as people type them: JSON if it is JSON, else text ({@code 42}, {@code true}, {@code [1,2]}, {@code hello}). */
final class PlainValue {
    private PlainValue() {}

    /** A value of a known type: text of a String needs no quotes, so that it may look like JSON. */
    static JsonValue parse(String text, @Nullable Integer type) {
        boolean plain = type != null && type == BuiltinType.STRING.id() && !text.startsWith("\"");
        return plain ? new JsonValue.Str(text) : parse(text);
    }

    static JsonValue parse(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        try {
            return JsonReader.readValue(utf8, 0, utf8.length);
        } catch (CommandException e) {
            return new JsonValue.Str(text);
        }
    }
}

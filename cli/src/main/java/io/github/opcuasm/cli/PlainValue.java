package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;

/** Values as people type them: JSON if it is JSON, else text ({@code 42}, {@code true}, {@code [1,2]}, {@code hello}). */
final class PlainValue {
    private PlainValue() {}

    static JsonValue parse(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        try {
            return JsonReader.readValue(utf8, 0, utf8.length);
        } catch (CommandException e) {
            return new JsonValue.Str(text);
        }
    }
}

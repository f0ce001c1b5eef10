package io.github.opcuasm.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes JSON as UTF-8 on one line. Numbers keep the text they came with. */
final class RequestWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private RequestWriter() {}

    /**
     * @param levels that it may be nested
     * @throws RequestFailedException.InvalidJson if it is nested deeper
     * @throws IllegalArgumentException if a text in it cannot be encoded
     */
    static byte[] bytes(JsonValue value, int levels) {
        var bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
            write(out, value, levels);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail that way
        }
        return bytes.toByteArray();
    }

    static String text(JsonValue value) {
        return new String(bytes(value, Integer.MAX_VALUE), StandardCharsets.UTF_8);
    }

    private static void write(JsonGenerator out, JsonValue value, int levels) throws IOException {
        if (levels == 0 && (value instanceof JsonValue.Obj || value instanceof JsonValue.Arr)) {
            throw RequestFailedException.local(
                    ErrorType.INVALID_JSON,
                    "The request is nested deeper than " + JsonReader.MAX_REQUEST_DEPTH
                            + " levels, the most that a daemon takes");
        }
        if (value instanceof JsonValue.Obj object) {
            out.writeStartObject();
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                out.writeFieldName(Json.wellFormed(member.getKey()));
                write(out, member.getValue(), levels - 1);
            }
            out.writeEndObject();
        } else if (value instanceof JsonValue.Arr array) {
            out.writeStartArray();
            for (JsonValue element : array.elements()) {
                write(out, element, levels - 1);
            }
            out.writeEndArray();
        } else if (value instanceof JsonValue.Str text) {
            out.writeString(Json.wellFormed(text.value()));
        } else if (value instanceof JsonValue.Num number) {
            out.writeNumber(number.literal());
        } else if (value instanceof JsonValue.Bool bool) {
            out.writeBoolean(bool.value());
        } else {
            out.writeNull();
        }
    }
}

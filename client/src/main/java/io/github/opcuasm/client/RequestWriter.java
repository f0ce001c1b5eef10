package io.github.opcuasm.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes one request as a frame: a JSON object and its newline. Numbers keep the text they came with. */
final class RequestWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private RequestWriter() {}

    static ByteBuffer frame(JsonValue.Obj request) {
        ByteArrayOutputStream bytes = bytes(request);
        bytes.write('\n');
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    static String text(JsonValue value) {
        return bytes(value).toString(StandardCharsets.UTF_8);
    }

    private static ByteArrayOutputStream bytes(JsonValue value) {
        var bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail that way
        }
        return bytes;
    }

    private static void write(JsonGenerator out, JsonValue value) throws IOException {
        if (value instanceof JsonValue.Obj object) {
            out.writeStartObject();
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                out.writeFieldName(member.getKey());
                write(out, member.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof JsonValue.Arr array) {
            out.writeStartArray();
            for (JsonValue element : array.elements()) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof JsonValue.Str text) {
            out.writeString(text.value());
        } else if (value instanceof JsonValue.Num number) {
            out.writeNumber(number.literal());
        } else if (value instanceof JsonValue.Bool bool) {
            out.writeBoolean(bool.value());
        } else {
            out.writeNull();
        }
    }
}

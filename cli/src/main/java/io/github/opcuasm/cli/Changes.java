package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueWriter;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.Variant;

/** Values of streams in the shapes that answers have, which is what {@link Shown} knows. */
final class Changes {
    private Changes() {}

    static JsonValue.Obj json(DataValue value) {
        return object(JsonEncoder.toBytes(out -> ValueWriter.dataValue(out, value), JsonStyle.PROTOCOL_2));
    }

    static JsonValue.Obj json(Variant value) {
        return object(JsonEncoder.toBytes(out -> ValueWriter.variant(out, value), JsonStyle.PROTOCOL_2));
    }

    private static JsonValue.Obj object(byte[] utf8) {
        return JsonReader.readValue(utf8, 0, utf8.length) instanceof JsonValue.Obj object
                ? object
                : JsonValue.Obj.EMPTY;
    }

    /** The source's timestamp, else the server's; empty if there is neither. */
    static String time(JsonValue.Obj value) {
        JsonValue time =
                value.get("sourceTimestamp") == null ? value.get("serverTimestamp") : value.get("sourceTimestamp");
        return time == null ? "" : Shown.plain(time);
    }

    /** One line, which no terminal takes for a command. */
    static String line(String text) {
        return CellText.line(text);
    }
}

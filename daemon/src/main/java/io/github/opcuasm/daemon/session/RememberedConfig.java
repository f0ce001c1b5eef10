package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;

/** A {@link SessionConfig} in a record: its members as they were given, numbers as text, so that nothing is rounded. */
final class RememberedConfig {
    private static final int SMALLEST_MEMBER = 3 * Integer.BYTES;

    /** What a member is. */
    private enum Kind {
        NUMBER,
        FLAG,
        TEXT
    }

    private RememberedConfig() {}

    static void write(PartWriter out, SessionConfig config) {
        Map<String, JsonValue> members = config.given().members();
        out.number(members.size());
        members.forEach((name, value) -> {
            out.text(name);
            if (value instanceof JsonValue.Num number) {
                out.text(Kind.NUMBER.name()).text(number.literal());
            } else if (value instanceof JsonValue.Bool flag) {
                out.text(Kind.FLAG.name()).text(Boolean.toString(flag.value()));
            } else if (value instanceof JsonValue.Str text) {
                out.text(Kind.TEXT.name()).text(text.value());
            } else {
                throw new IllegalStateException("no member takes a " + value.kind());
            }
        });
    }

    static SessionConfig read(PartReader in) throws DamagedStateException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (int left = in.count(SMALLEST_MEMBER); left > 0; left--) {
            members.put(in.text(), value(in.text(), in.text()));
        }
        try {
            return SessionConfig.parse(new JsonValue.Obj(members));
        } catch (CommandException | IllegalArgumentException e) {
            // Not its message: it may hold what the member holds.
            throw new DamagedStateException("holds a config that this version does not take", e);
        }
    }

    private static JsonValue value(String kind, String text) throws DamagedStateException {
        try {
            return switch (Kind.valueOf(kind)) {
                case NUMBER -> new JsonValue.Num(text);
                case FLAG -> new JsonValue.Bool(Boolean.parseBoolean(text));
                case TEXT -> new JsonValue.Str(text);
            };
        } catch (IllegalArgumentException e) {
            throw new DamagedStateException("holds a value of another kind", e);
        }
    }
}

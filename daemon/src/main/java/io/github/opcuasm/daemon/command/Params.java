package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The positional parameters of a method. What is missing at the end is absent; what is too much is ignored. */
final class Params {
    private final List<JsonValue> values;

    private Params(List<JsonValue> values) {
        this.values = values;
    }

    /** @param params the request's member; absent = none */
    static Params of(@Nullable JsonValue params) {
        if (params == null) {
            return new Params(List.of());
        }
        List<JsonValue> elements = params.asArray();
        if (elements == null) {
            throw CommandException.invalidArgument("params", params.excerpt(), "an array");
        }
        return new Params(elements);
    }

    /** @param name for messages */
    Argument get(int index, String name) {
        return new Argument(name, index < values.size() ? values.get(index) : null);
    }
}

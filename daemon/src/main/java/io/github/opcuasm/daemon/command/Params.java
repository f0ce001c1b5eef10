package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.WireReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The positional parameters of a method. What is missing at the end is absent; what is too much is ignored. */
final class Params {
    private final List<JsonValue> values;
    private final boolean isTyped;

    private Params(List<JsonValue> values, boolean isTyped) {
        this.values = values;
        this.isTyped = isTyped;
    }

    /** @param params the request's member; absent = none */
    static Params of(@Nullable JsonValue params) {
        if (params == null) {
            return new Params(List.of(), false);
        }
        List<JsonValue> elements = params.asArray();
        if (elements == null) {
            throw CommandException.invalidArgument("params", params.excerpt(), "an array");
        }
        return new Params(elements, false);
    }

    /**
     * Typed parameters, as {@code invoke} has them.
     *
     * @throws CommandException {@code EncodingException} and the like, naming the parameter by its place: {@code args[0]}
     */
    static Params typed(List<JsonValue> args) {
        List<JsonValue> values = new ArrayList<>(args.size());
        for (JsonValue arg : args) {
            values.add(WireReader.read(arg, "args[" + values.size() + "]"));
        }
        return new Params(values, true);
    }

    /** @param name for messages */
    Argument get(int index, String name) {
        return new Argument(name, index < values.size() ? values.get(index) : null, isTyped);
    }
}

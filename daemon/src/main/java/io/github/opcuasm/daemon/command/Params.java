package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.NodeReference;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The positional parameters of a query, or the members of one of its items, read with the protocol's leniency: null is
 * absent, a whole number may come as {@code 3.0}, an object stands for the array of its values (protocol, section 1).
 * Whatever does not fit is {@code invalid_argument} and names the parameter.
 */
final class Params {
    private final List<JsonValue> values;

    private Params(List<JsonValue> values) {
        this.values = values;
    }

    /** @param params the request's member; absent = none */
    static Params of(@Nullable JsonValue params) {
        return new Params(params == null ? List.of() : elements(params, "params"));
    }

    NodeReference nodeId(int index, String name) {
        return ValueReader.readNodeReference(required(index, name, "a NodeId"), name);
    }

    @Nullable
    NodeReference nodeIdOrNull(int index, String name) {
        JsonValue value = get(index);
        return value == null ? null : ValueReader.readNodeReference(value, name);
    }

    int whole(int index, String name, int from, int to, int otherwise) {
        JsonValue value = get(index);
        return value == null ? otherwise : wholeOf(value, name, from, to);
    }

    boolean flag(int index, String name, boolean otherwise) {
        JsonValue value = get(index);
        return value == null ? otherwise : flagOf(value, name);
    }

    /** The elements of an array; absent = none. */
    List<JsonValue> list(int index, String name) {
        JsonValue value = get(index);
        return value == null ? List.of() : elements(value, name);
    }

    List<JsonValue> requiredList(int index, String name) {
        return elements(required(index, name, "an array"), name);
    }

    /** As it came; JSON's null stays null, absence is an error. */
    JsonValue value(int index, String name) {
        if (index >= values.size()) {
            throw missing(name, "a value");
        }
        return values.get(index);
    }

    @Nullable
    JsonValue get(int index) {
        JsonValue value = index < values.size() ? values.get(index) : null;
        return value instanceof JsonValue.Null ? null : value;
    }

    static JsonValue.Obj object(JsonValue value, String name) {
        if (value instanceof JsonValue.Obj object) {
            return object;
        }
        throw CommandException.invalidArgument(name, value.excerpt(), "an object");
    }

    static int wholeOf(JsonValue value, String name, int from, int to) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        if (whole == null || whole.bitLength() > 31 || whole.intValue() < from || whole.intValue() > to) {
            throw CommandException.invalidArgument(name, value.excerpt(), "a whole number from " + from + " to " + to);
        }
        return whole.intValue();
    }

    static boolean flagOf(JsonValue value, String name) {
        if (value instanceof JsonValue.Bool flag) {
            return flag.value();
        }
        throw CommandException.invalidArgument(name, value.excerpt(), "true or false");
    }

    static CommandException missing(String name, String expected) {
        return CommandException.invalidArgument(name, "nothing", expected);
    }

    private static List<JsonValue> elements(JsonValue value, String name) {
        if (value instanceof JsonValue.Arr array) {
            return array.elements();
        }
        if (value instanceof JsonValue.Obj object) {
            return List.copyOf(object.members().values());
        }
        throw CommandException.invalidArgument(name, value.excerpt(), "an array");
    }

    private JsonValue required(int index, String name, String expected) {
        JsonValue value = get(index);
        if (value == null) {
            throw missing(name, expected);
        }
        return value;
    }
}

package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of one object, with errors that name the member by its path: {@code nodeId.ns}. */
final class Members {
    private final JsonValue.Obj object;
    private final String path;
    private final ErrorType errorType;

    private Members(JsonValue.Obj object, String path, ErrorType errorType) {
        this.object = object;
        this.path = path;
        this.errorType = errorType;
    }

    static Members of(JsonValue json, String path, ErrorType errorType) {
        JsonValue.Obj object = json.asObject();
        if (object == null) {
            throw wrong(errorType, path, json.excerpt(), "an object");
        }
        return new Members(object, path, errorType);
    }

    static BuiltinType builtinType(JsonValue json, String name, ErrorType errorType) {
        if (json instanceof JsonValue.Num number) {
            BigInteger whole = number.whole();
            if (whole != null && whole.bitLength() < 31) {
                BuiltinType type = BuiltinType.of(whole.intValueExact()).orElse(null);
                if (type != null) {
                    return type;
                }
            }
        }
        throw wrong(errorType, name, json.excerpt(), "a BuiltinType, 1 to 25");
    }

    boolean has(String name) {
        return object.members().containsKey(name);
    }

    boolean areAmong(Set<String> names) {
        return names.containsAll(object.members().keySet());
    }

    /** The member, or null if it is absent or null. */
    @Nullable
    JsonValue get(String name) {
        return object.get(name);
    }

    /** The member as it came, null included; {@link JsonValue.Null} if it is absent. */
    JsonValue raw(String name) {
        return object.members().getOrDefault(name, JsonValue.Null.INSTANCE);
    }

    JsonValue required(String name) {
        JsonValue value = object.get(name);
        if (value == null) {
            throw wrong(errorType, path(name), "nothing", "a value");
        }
        return value;
    }

    /** A whole number from 0 to {@code max}. */
    BigInteger whole(String name, BigInteger max) {
        JsonValue value = required(name);
        if (value instanceof JsonValue.Num number) {
            BigInteger whole = number.whole();
            if (whole != null && whole.signum() >= 0 && whole.compareTo(max) <= 0) {
                return whole;
            }
        }
        throw wrong(errorType, path(name), value.excerpt(), "an integer from 0 to " + max);
    }

    String string(String name) {
        JsonValue value = required(name);
        if (value instanceof JsonValue.Str text) {
            return text.value();
        }
        throw wrong(errorType, path(name), value.excerpt(), "a string");
    }

    /** The string, or null if the member is absent or null. */
    @Nullable
    String optionalString(String name) {
        return object.get(name) == null ? null : string(name);
    }

    boolean flag(String name) {
        JsonValue value = required(name);
        if (value instanceof JsonValue.Bool flag) {
            return flag.value();
        }
        throw wrong(errorType, path(name), value.excerpt(), "true or false");
    }

    String path(String name) {
        return path + "." + name;
    }

    CommandException wrong(String name, String expected) {
        return wrong(errorType, path(name), raw(name).excerpt(), expected);
    }

    static CommandException wrong(ErrorType errorType, String name, String got, String expected) {
        return new CommandException(
                errorType, String.format(Locale.ROOT, "%s: got %s, expected %s", name, got, expected));
    }
}

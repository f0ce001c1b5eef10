package io.github.opcuasm.protocol.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON value as it was read, before anything is known about its meaning. Immutable. */
public sealed interface JsonValue {

    /** A name for messages: {@code null}, {@code boolean}, {@code number}, {@code string}, {@code array}, {@code object}. */
    String kind();

    /**
     * The value as one short line for messages: at most 60 characters, longer ones cut with an ellipsis, control characters as U+FFFD. Of arrays and
     * objects only the size, since a member may be a secret.
     */
    default String excerpt() {
        String text = toString();
        String line = text.length() <= 60 ? text : text.substring(0, 59) + "…";
        return line.chars().noneMatch(Character::isISOControl) ? line : line.replaceAll("\\p{Cntrl}", "\uFFFD");
    }

    /** The value where an object is expected: PHP encodes an empty map as {@code []}. Null if it is no object. */
    default @Nullable Obj asObject() {
        return null;
    }

    /** The value where an array is expected: of an object, its values in order. Null if it is neither. */
    default @Nullable List<JsonValue> asArray() {
        return null;
    }

    enum Null implements JsonValue {
        INSTANCE;

        @Override
        public String kind() {
            return "null";
        }

        @Override
        public String toString() {
            return "null";
        }
    }

    record Bool(boolean value) implements JsonValue {
        @Override
        public String kind() {
            return "boolean";
        }

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /** A number; {@code literal} is the text as it stood in the frame, so that nothing is lost in reading it. */
    record Num(String literal) implements JsonValue {
        @Override
        public String kind() {
            return "number";
        }

        /**
         * The exact value. The reader lets at most nine digits of exponent through, so this never fails for what was
         * read; but never expand it, {@code 1e999999999} has as many digits: compare it, or ask {@link #whole}.
         */
        public BigDecimal decimal() {
            return new BigDecimal(literal);
        }

        /** The value if it is whole ({@code 3}, {@code 3.0}, {@code 3e2}) and not absurdly long; else null. */
        public @Nullable BigInteger whole() {
            BigDecimal exact = decimal();
            if (exact.signum() == 0) {
                return BigInteger.ZERO;
            }
            if ((long) exact.precision() - exact.scale() > 64) {
                return null;
            }
            BigDecimal stripped = exact.stripTrailingZeros();
            return stripped.scale() <= 0 ? stripped.toBigIntegerExact() : null;
        }

        @Override
        public String toString() {
            return literal;
        }
    }

    record Str(String value) implements JsonValue {
        @Override
        public String kind() {
            return "string";
        }

        @Override
        public String toString() {
            return '"' + value + '"';
        }
    }

    record Arr(List<JsonValue> elements) implements JsonValue {
        public Arr {
            elements = List.copyOf(elements);
        }

        @Override
        public String kind() {
            return "array";
        }

        @Override
        public String excerpt() {
            return "an array of " + elements.size();
        }

        @Override
        public @Nullable Obj asObject() {
            return elements.isEmpty() ? Obj.EMPTY : null;
        }

        @Override
        public List<JsonValue> asArray() {
            return elements;
        }

        @Override
        public String toString() {
            return elements.toString();
        }
    }

    /** Members in the order in which they stood in the frame. */
    record Obj(Map<String, JsonValue> members) implements JsonValue {
        public static final Obj EMPTY = new Obj(Map.of());

        /** The member, or null if it is absent or null: the protocol does not tell the two apart. */
        public @Nullable JsonValue get(String name) {
            JsonValue value = members.get(name);
            return value instanceof Null ? null : value;
        }

        @Override
        public String kind() {
            return "object";
        }

        @Override
        public String excerpt() {
            return "an object of " + members.size();
        }

        @Override
        public Obj asObject() {
            return this;
        }

        @Override
        public List<JsonValue> asArray() {
            return List.copyOf(members.values());
        }

        @Override
        public String toString() {
            return members.toString();
        }
    }
}

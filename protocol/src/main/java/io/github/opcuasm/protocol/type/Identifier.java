package io.github.opcuasm.protocol.type;

import java.util.UUID;
import java.util.regex.Pattern;

/** What tells a node from the others of its namespace (Part 3, 8.2.4), in one of four forms. */
public sealed interface Identifier {

    /** The letter of the text form, {@code =} and the identifier: {@code i=85}, {@code s=Speed}. */
    String text();

    /** Form {@code i=}. */
    record Numeric(long value) implements Identifier {
        /** The greatest value, 2^32 - 1. */
        public static final long MAX = 0xFFFF_FFFFL;

        public Numeric {
            if (value < 0 || value > MAX) {
                throw new IllegalArgumentException("identifier: got " + value + ", expected 0 to " + MAX);
            }
        }

        @Override
        public String text() {
            return "i=" + value;
        }
    }

    /** Form {@code s=}; compared character by character. */
    record Text(String value) implements Identifier {
        @Override
        public String text() {
            return "s=" + value;
        }
    }

    /** Form {@code g=}. */
    record Guid(UUID value) implements Identifier {
        private static final Pattern FORM =
                Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

        /**
         * Reads a GUID of 8-4-4-4-12 hexadecimal digits, in any case.
         *
         * @throws IllegalArgumentException for anything else, the short forms of {@link UUID#fromString} included
         */
        public static Guid parse(String text) {
            if (!FORM.matcher(text).matches()) {
                throw new IllegalArgumentException("guid: expected 8-4-4-4-12 hexadecimal digits");
            }
            return new Guid(UUID.fromString(text));
        }

        @Override
        public String text() {
            return "g=" + value;
        }
    }

    /** Form {@code b=}. */
    record Opaque(ByteString value) implements Identifier {
        @Override
        public String text() {
            return "b=" + value.toBase64();
        }
    }
}

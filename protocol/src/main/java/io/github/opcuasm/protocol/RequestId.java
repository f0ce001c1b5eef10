package io.github.opcuasm.protocol;

import java.math.BigInteger;

/** The {@code id} of a protocol-2 request: a string of 1 to 64 characters, or an integer. Echoed as it came. */
public sealed interface RequestId {
    record Text(String value) implements RequestId {
        @Override
        public String toString() {
            return value;
        }
    }

    record Whole(BigInteger value) implements RequestId {
        @Override
        public String toString() {
            return value.toString();
        }
    }
}

package io.github.opcuasm.daemon.datatype;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How much may still be made of the structures that were received: so many values for each byte and some more, because a
 * server can declare types whose values take no bytes at all. There is one budget for an answer, over all of its
 * structures and however often they are decoded, and within it one for each structure, over all that is nested in it. So
 * neither memory nor time follows anything but the bytes received.
 *
 * <p>Thread-safe. Once spent it stays so.
 */
final class DecodingBudget {
    static final int VALUES_PER_BYTE = 16;
    static final int VALUES_PER_OBJECT = 1_000;
    static final int VALUES_PER_ANSWER = 100_000;
    static final int MAX_VALUES_OF_OBJECT = 1_000_000;

    private final @Nullable DecodingBudget whole;
    private final AtomicLong left;

    private DecodingBudget(@Nullable DecodingBudget whole, long values) {
        this.whole = whole;
        this.left = new AtomicLong(values);
    }

    /** @param bytes of all structures in the answer */
    static DecodingBudget ofAnswer(long bytes) {
        return new DecodingBudget(null, VALUES_PER_ANSWER + VALUES_PER_BYTE * bytes);
    }

    /** For one structure that is not part of an answer. */
    static DecodingBudget ofBody(int bytes) {
        return new DecodingBudget(null, valuesOf(bytes));
    }

    /** For one structure of this answer; what is spent of it is spent of the answer's too. */
    DecodingBudget ofObject(int bytes) {
        return new DecodingBudget(this, valuesOf(bytes));
    }

    private static long valuesOf(int bytes) {
        return Math.min(MAX_VALUES_OF_OBJECT, VALUES_PER_OBJECT + (long) VALUES_PER_BYTE * bytes);
    }

    /** @throws SpentException if there are not as many values left */
    void spend(long values) {
        if (left.addAndGet(-values) < 0) {
            left.set(-1);
            throw new SpentException();
        }
        if (whole != null) {
            whole.spend(values);
        }
    }

    boolean isSpent() {
        return left.get() < 0 || (whole != null && whole.isSpent());
    }

    /** How many values are left. */
    long left() {
        return left.get();
    }

    /** The body may fit its type, but nobody will find out. */
    static final class SpentException extends BodyMismatchException {
        private static final long serialVersionUID = 1L;

        SpentException() {
            super("more values than such a body may have");
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;

/**
 * The sequence numbers of one direction of a secure channel (Part 6, 6.7.2.4): each chunk's is one above the last one's.
 * They begin anew, below 1024, once they are above 2^32 - 1 - 1024.
 */
final class SequenceNumbers {
    private static final long WRAPS_ABOVE = 0xFFFF_FFFFL - 1024;
    private static final long LARGEST = 0xFFFF_FFFFL;
    private static final long FIRST_BELOW = 1024;
    private static final long NONE = -1;

    private long last;

    private SequenceNumbers(long last) {
        this.last = last;
    }

    /** Of what we send: the first is 1. */
    static SequenceNumbers sent() {
        return new SequenceNumbers(0);
    }

    /** Of what we receive: the first may be any. */
    static SequenceNumbers received() {
        return new SequenceNumbers(NONE);
    }

    long next() {
        last = last > WRAPS_ABOVE ? 1 : last + 1;
        return last;
    }

    /** The number taken last was not sent after all. */
    void putBack(long number) {
        last = number - 1;
    }

    /**
     * Takes the number of the chunk that came.
     *
     * @throws UaException if chunks were lost, repeated or exchanged on the way
     */
    void check(long number) throws UaException {
        boolean follows = last == NONE || (number == last + 1 && number <= LARGEST);
        boolean wraps = last >= WRAPS_ABOVE && number < FIRST_BELOW;
        if (!follows && !wraps) {
            throw new UaException(
                    StatusCodes.Bad_SecurityChecksFailed,
                    "a chunk has the sequence number " + number + " where " + (last + 1) + " was due");
        }
        last = number;
    }
}

package io.github.opcuasm.simulator;

import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/**
 * How one subscription numbers its messages on the wire. Milo counts from 1 without end; on the wire numbering begins
 * anew on demand, and 1 follows the highest UInt32 (Part 4, 7.8).
 */
final class MessageNumbers {
    /** Milo's number of the first message of this numbering, and its number on the wire. */
    private long begin = 1;

    private long first = 1;

    synchronized void restart(long next, long number) {
        begin = next;
        first = number;
    }

    synchronized UInteger onWire(UInteger number) {
        return UInteger.valueOf(Math.floorMod(number.longValue() - begin + first - 1, UInteger.MAX_VALUE) + 1);
    }

    /** The numbers that are of this numbering; those before it nobody has any more. */
    synchronized UInteger[] onWire(UInteger[] numbers) {
        return Arrays.stream(numbers)
                .filter(number -> number.longValue() >= begin)
                .map(this::onWire)
                .toArray(UInteger[]::new);
    }

    /** Milo's number; for what is not of this numbering one that no message has. */
    synchronized UInteger ofWire(UInteger number) {
        long distance = Math.floorMod(number.longValue() - first, UInteger.MAX_VALUE);
        return UInteger.valueOf(Math.min(begin + distance, UInteger.MAX_VALUE));
    }
}

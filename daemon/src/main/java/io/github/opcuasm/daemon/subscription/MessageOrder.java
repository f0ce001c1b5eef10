package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of one subscription in their order (Part 4, 5.14.1.2, 7.9): numbers rise by one and begin anew at 1
 * after 4,294,967,295.
 *
 * <ul>
 *   <li>The expected message goes out at once, with those that were held back for it.
 *   <li>One behind the expected number has been told or given up before: it is dropped and counted. If its publish time is
 *       newer than anything that came, it is no repetition: the server numbers anew, which is a gap and a new epoch.
 *   <li>One ahead leaves a hole and is held back; so does a keep-alive that names a higher next number, without a message.
 *       While there is a hole, {@link #missing} says what to ask the server for. What it cannot give is given up: the next
 *       message, or the keep-alive, is preceded by one gap for all that is missing.
 * </ul>
 *
 * <p>At most {@value #MAX_HELD} messages and {@value #MAX_HELD_BYTES} bytes are held back, or one that is larger by itself:
 * beyond that the first hole is given up. Each answer to {@link #missing} brings the expected number forward, by at least one.
 *
 * <p>Positions count messages since the epoch began and do not wrap. Invariants: {@code position} is that of the expected
 * number; all that is held lies behind it; {@code position < horizon} exactly while there is a hole, and everything before
 * {@code horizon} is known to have been sent.
 */
final class MessageOrder {
    static final int MAX_HELD = 256;
    static final long MAX_HELD_BYTES = 1 << 20;
    private static final long NUMBERS = 0xFFFF_FFFFL;

    private final Output output;
    private final NavigableMap<Long, Held> held = new TreeMap<>();
    private long heldBytes;
    private long epoch;
    private @Nullable Long expected;
    private long position;
    private long horizon;
    private DateTime horizonTime = DateTime.NULL;
    private DateTime newest = DateTime.NULL;
    private DateTime upTo = DateTime.NULL;
    private List<Long> available = List.of();
    private long givenUp;
    private long repeated;

    /** Where messages go, in their order. */
    interface Output {
        /** The next message, of the present epoch; its data may be empty. */
        void message(Message message);

        void gap(Gap gap);

        /** Numbers begin anew: nothing that was said of numbers before holds any more. */
        void epochBegan();
    }

    /** With whether the server had nothing more to say when it sent the message. */
    private record Held(Message message, boolean complete) {}

    /** @param expected number of the first message; null if whatever comes first is taken for it */
    MessageOrder(@Nullable Long expected, long epoch, Output output) {
        this.expected = expected;
        this.epoch = epoch;
        this.output = output;
    }

    long epoch() {
        return epoch;
    }

    /** Number of the next message in order; null while any will do. */
    @Nullable
    Long expected() {
        return expected;
    }

    /** Until then, by the server's clock, everything that it had was told; {@link DateTime#NULL} if nothing was. */
    DateTime upTo() {
        return upTo;
    }

    /** How many messages came a second time. */
    long repeated() {
        return repeated;
    }

    boolean hasHole() {
        return position < horizon;
    }

    /** The message to ask the server for; null if none is known to be missing. */
    @Nullable
    Long missing() {
        return hasHole() ? expected : null;
    }

    /** What the server still has, as it says. */
    void available(List<Long> numbers) {
        available = numbers;
    }

    /** As {@link #available}, where the server will not send again by itself what it has: what is ahead is missing. */
    void promised(List<Long> numbers) {
        available = numbers;
        for (Long number : numbers) {
            long ahead = ahead(number);
            if (ahead >= 0) {
                horizon = Math.max(horizon, position + ahead + 1);
            }
        }
    }

    /** The server had told everything at this time, without a message. */
    void toldAllUntil(DateTime time) {
        upTo = later(upTo, time);
        newest = later(newest, time);
    }

    /**
     * A message came, by a Publish response or by Republish.
     *
     * @param message its epoch is not looked at
     * @param complete whether the server had nothing more to say when it sent it; false if that is not known
     */
    void message(Message message, boolean complete) {
        if (expected == null) {
            expected = message.sequenceNumber();
        }
        long ahead = ahead(message.sequenceNumber());
        if (ahead < 0) {
            behind(message, complete);
            return;
        }
        newest = later(newest, message.publishTime());
        if (ahead > 0) {
            hold(position + ahead, new Held(message, complete));
        } else {
            deliver(message, complete);
            drain();
        }
    }

    /** A keep-alive came (Part 4, 7.21): it names the number of the next message, and nothing had changed. */
    void keepAlive(long next, DateTime time) {
        if (expected == null) {
            expected = next;
        }
        long ahead = ahead(next);
        if (ahead < 0) {
            // Some servers name the last message instead. If numbers begin anew, a message will show it.
            return;
        }
        newest = later(newest, time);
        if (ahead > 0) {
            horizon = Math.max(horizon, position + ahead);
            horizonTime = later(horizonTime, time);
        } else if (!hasHole()) {
            upTo = later(upTo, time);
        }
    }

    /** The server cannot give {@link #missing}: it is given up, with all up to what the server has or what is held. */
    void unavailable() {
        if (hasHole()) {
            long target = firstKnown();
            for (Long number : available) {
                long ahead = ahead(number);
                if (ahead > 0) {
                    target = Math.min(target, position + ahead);
                }
            }
            skipTo(target);
        }
    }

    /** Nothing can be asked for any more: everything that is missing is given up. */
    void giveUp() {
        while (hasHole()) {
            skipTo(firstKnown());
        }
    }

    /** The subscription was created anew: its first message has number 1. Tells a gap, and gives up what is missing. */
    void createdAnew(DateTime to, String reason) {
        giveUp();
        beginEpoch(1L, to, reason);
    }

    /** Goes on where another one ended. */
    void takeOver(MessageOrder before) {
        epoch = before.epoch;
        expected = before.expected;
        upTo = before.upTo;
        newest = before.newest;
    }

    private void behind(Message message, boolean complete) {
        if (newest.isNull() || message.publishTime().compareTo(newest) <= 0) {
            repeated++;
            return;
        }
        giveUp();
        beginEpoch(message.sequenceNumber(), message.publishTime(), "the server began to number its messages anew");
        deliver(message, complete);
    }

    private void beginEpoch(long first, DateTime to, String reason) {
        expected = first;
        epoch++;
        position = 0;
        horizon = 0;
        available = List.of();
        newest = to;
        output.epochBegan();
        tellGap(to, reason);
    }

    private void hold(long index, Held message) {
        if (held.putIfAbsent(index, message) != null) {
            repeated++;
            return;
        }
        heldBytes += message.message().bytes();
        horizon = Math.max(horizon, index);
        while (held.size() > MAX_HELD || (held.size() > 1 && heldBytes > MAX_HELD_BYTES)) {
            skipTo(held.firstKey());
        }
    }

    private void drain() {
        for (Map.Entry<Long, Held> first = held.firstEntry();
                first != null && first.getKey() == position;
                first = held.firstEntry()) {
            held.remove(first.getKey());
            heldBytes -= first.getValue().message().bytes();
            deliver(first.getValue().message(), first.getValue().complete());
        }
    }

    private void deliver(Message message, boolean complete) {
        if (givenUp > 0) {
            tellGap(message.publishTime(), reason());
        }
        expected = ManagedSubscription.after(message.sequenceNumber());
        position++;
        horizon = Math.max(horizon, position);
        if (complete) {
            upTo = later(upTo, message.publishTime());
        }
        output.message(message.inEpoch(epoch));
    }

    /** The position of the first message that is held, or of the one that a keep-alive named. */
    private long firstKnown() {
        return held.isEmpty() ? horizon : held.firstKey();
    }

    private void skipTo(long target) {
        long skipped = target - position;
        givenUp += skipped;
        expected = plus(expected == null ? 1 : expected, skipped);
        position = target;
        drain();
        if (givenUp > 0 && !hasHole()) {
            tellGap(later(horizonTime, newest), reason());
        }
    }

    private String reason() {
        return givenUp == 1
                ? "1 message was missed, and the server does not have it any more"
                : givenUp + " messages were missed, and the server does not have them any more";
    }

    private void tellGap(DateTime to, String reason) {
        givenUp = 0;
        DateTime from = upTo.isNull() || upTo.compareTo(to) > 0 ? to : upTo;
        upTo = later(upTo, to);
        output.gap(new Gap(from, to, reason));
    }

    /** How far a number is ahead of the expected one; negative if it is behind. */
    private long ahead(long number) {
        long from = expected == null ? number : expected;
        long distance = Math.floorMod(number - from, NUMBERS);
        return distance <= NUMBERS / 2 ? distance : distance - NUMBERS;
    }

    private static long plus(long number, long count) {
        return Math.floorMod(number - 1 + count, NUMBERS) + 1;
    }

    private static DateTime later(DateTime one, DateTime other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The time during which a subscription has no daemon: when the next attempt is due, and whether there is to be one. Times are
 * {@link System#nanoTime()}'s. Pauses grow from 0.1 s to 2 s.
 *
 * <p>It is over when an attempt succeeded and what it gave has lasted for 5 s. A stream that breaks earlier is a failed
 * attempt: the pauses go on growing, and the time for it all is not counted anew.
 */
final class Outage {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 2_000_000_000;

    /** What a daemon says that is ending, starting, or has not got its servers back yet. */
    private static final Set<ErrorType> PASSING = EnumSet.of(
            ErrorType.SHUTTING_DOWN,
            ErrorType.SESSION_NOT_FOUND,
            ErrorType.CONNECTION,
            ErrorType.CONNECTION_TIMEOUT,
            ErrorType.TOO_MANY_CONNECTIONS,
            ErrorType.OVERLOADED,
            ErrorType.RATE_LIMITED,
            ErrorType.SESSION_BUDGET);

    private static final long STEADY_NANOS = 5_000_000_000L;

    private final ClientException why;
    private final long end;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private long due;
    private long begunAgain;

    Outage(ClientException why, Duration atMost, long now) {
        this.why = why;
        this.end = now + NotificationStream.nanos(atMost);
        this.due = now;
    }

    /** What it began with. */
    ClientException why() {
        return why;
    }

    /** Nanoseconds until the next attempt. */
    long pause(long now) {
        return Math.max(0, due - now);
    }

    /** An attempt succeeded. */
    void begunAgain(long now) {
        begunAgain = now;
    }

    /** Whether the last attempt that succeeded did so for good. */
    boolean isOver(long now) {
        return now - begunAgain >= STEADY_NANOS;
    }

    /** After an attempt that failed like this: whether there is another one. */
    boolean mayContinue(RuntimeException failure, long now) {
        due = now + pauseNanos;
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        boolean passes = failure instanceof RequestFailedException refused
                ? refused.errorType().filter(PASSING::contains).isPresent()
                : failure instanceof ConnectionLostException
                        || failure instanceof DaemonNotRunningException
                        || failure instanceof AnswerTimeoutException;
        return passes && due - end < 0;
    }

    /** Whether the daemon is gone, or says that it is going: what ended otherwise was meant to end. */
    static boolean isOfTheDaemon(ClientException why) {
        return (why instanceof ConnectionLostException lost && !NotificationStream.isUnreadable(lost))
                || why instanceof DaemonNotRunningException
                || why instanceof RequestFailedException.ShuttingDown
                || why instanceof RequestFailedException.Overloaded;
    }

    /** Why a stream ended; null if its reader ended it. */
    static @Nullable ClientException failure(StreamEvent.@Nullable StreamError error) {
        if (error == null) {
            return null;
        }
        StatusCode code = error.statusCode();
        return RequestFailedException.of(new RequestFailedException.Failure(
                error.type(), error.message(), code == null ? null : code.value(), null, null));
    }
}

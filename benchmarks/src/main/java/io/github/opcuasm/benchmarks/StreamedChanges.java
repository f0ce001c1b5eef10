package io.github.opcuasm.benchmarks;

import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A kept Java reader of variables that each rise by one: counts what it reads, and what is missing between two values of
 * the same variable. One thread reads; the figures are for whoever has joined it.
 */
final class StreamedChanges implements Runnable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final NotificationStream stream;
    private final long[] last;
    private final Thread thread = new Thread(this, "stream-reader");
    private Latencies lags = new Latencies();
    private long changes;
    private long lost;
    private long overflows;
    private long gaps;
    private @Nullable String ended;
    private volatile boolean over;

    /**
     * What was read in one stretch of time.
     *
     * @param lost values that are missing between others
     * @param interruptions events that told of values that were dropped or may be missing
     * @param lags of messages, from when the server sent them until they were read
     */
    record Result(long changes, long lost, long interruptions, Latencies lags) {}

    /** @param variables of which the first has the client handle 0, the next 1 and so on */
    StreamedChanges(NotificationStream stream, int variables) {
        this.stream = stream;
        this.last = new long[variables];
    }

    void start() {
        thread.start();
    }

    /** What came since the last call, or since the start. */
    synchronized Result take() throws IOException {
        if (ended != null) {
            throw new IOException("the stream ended: " + ended);
        }
        Result result = new Result(changes, lost, overflows + gaps, lags);
        changes = 0;
        lost = 0;
        overflows = 0;
        gaps = 0;
        lags = new Latencies();
        return result;
    }

    void stop() throws InterruptedException {
        over = true;
        thread.join();
    }

    @Override
    public void run() {
        try {
            while (!over) {
                StreamEvent event = stream.next(POLL);
                if (event != null) {
                    take(event);
                }
            }
        } catch (RuntimeException e) {
            end(e.toString());
        }
    }

    private synchronized void take(StreamEvent event) {
        if (event instanceof StreamEvent.Notifications message) {
            message.notifications().forEach(this::count);
            DateTime sent = message.publishTime();
            if (sent != null) {
                lags.record(Duration.between(sent.toInstant(), Instant.now()).toNanos());
            }
        } else if (event instanceof StreamEvent.Overflow) {
            overflows++;
        } else if (event instanceof StreamEvent.Gap) {
            gaps++;
        } else if (event instanceof StreamEvent.End end) {
            end(String.valueOf(end.error()));
        }
    }

    private void count(Notification notification) {
        if (notification instanceof Notification.DataChange change
                && change.dataValue().variant().value() instanceof Number number) {
            changes++;
            int variable = (int) change.clientHandle();
            long value = number.longValue();
            if (last[variable] > 0 && value != last[variable] + 1) {
                lost += Math.abs(value - last[variable] - 1);
            }
            last[variable] = value;
        }
    }

    private synchronized void end(String why) {
        ended = why;
        over = true;
    }
}

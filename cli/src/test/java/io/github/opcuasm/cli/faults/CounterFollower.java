package io.github.opcuasm.cli.faults;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A reader that follows one subscription through whatever happens. It acknowledges each message with the request for the
 * next, and now and then its connection is gone between a message and its acknowledgement, so that the message comes again.
 */
final class CounterFollower implements Runnable {
    private static final Set<String> PASSING = Set.of("ConnectionException", "ServiceException", "shutting_down");
    /** The subscription is never gone for those who read it, whatever the server has forgotten. */
    private static final String LOST = "Bad_NoSubscription";

    private static final int REFUSALS_KEPT = 3;
    private static final int MAX_WAIT_MILLIS = 1_000;
    private static final int CRASHES_EVERY = 40;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final MailboxReader reader;
    private final Random random;
    private final Thread thread = new Thread(this, "counter-follower");
    private final Set<ReadMessage.Key> known = new HashSet<>();
    private final List<ReadMessage> read = new ArrayList<>();
    private final Deque<String> lastRefusals = new ConcurrentLinkedDeque<>();
    private int repeated;
    private int refusals;
    private @Nullable Throwable failure;
    private volatile boolean over;
    private volatile long last = -1;

    CounterFollower(IpcEndpoint endpoint, String sessionId, Random random) {
        this.reader = new MailboxReader(endpoint, sessionId, true);
        this.random = random;
    }

    void start() {
        thread.start();
    }

    /** The last value that it read; -1 before the first. */
    long last() {
        return last;
    }

    /** What ended it before it was to; null if nothing did. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }

    /** Ends it; every message that it read, in the order in which it read them, each once. */
    List<ReadMessage> stop() throws InterruptedException {
        over = true;
        thread.join();
        return read;
    }

    /** How often a message came again. */
    int repeated() {
        return repeated;
    }

    /** How often {@code publish} was answered with a failure, while something was wrong. */
    int refusals() {
        return refusals;
    }

    /** The newest of these failures. */
    List<String> lastRefusals() {
        return List.copyOf(lastRefusals);
    }

    @Override
    public void run() {
        List<ReadMessage.Key> unacknowledged = new ArrayList<>();
        try (reader) {
            while (!over) {
                try {
                    ReadMessage message = reader.publish(unacknowledged, MAX_WAIT_MILLIS);
                    unacknowledged.clear();
                    if (message != null) {
                        take(message);
                        unacknowledged.add(message.key());
                        if (random.nextInt(CRASHES_EVERY) == 0) {
                            reader.close();
                            unacknowledged.clear();
                        }
                    }
                } catch (IOException gone) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                } catch (MailboxReader.Refused refused) {
                    if (!PASSING.contains(refused.type())
                            || String.valueOf(refused.getMessage()).contains(LOST)) {
                        throw refused;
                    }
                    refusals++;
                    lastRefusals.add(Instant.now() + " " + refused.getMessage());
                    if (lastRefusals.size() > REFUSALS_KEPT) {
                        lastRefusals.remove();
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (Exception | AssertionError e) {
            synchronized (this) {
                failure = e;
            }
        }
    }

    private void take(ReadMessage message) {
        if (!known.add(message.key())) {
            repeated++;
            return;
        }
        read.add(message);
        if (!message.values().isEmpty()) {
            last = message.values().get(message.values().size() - 1).value();
        }
    }
}

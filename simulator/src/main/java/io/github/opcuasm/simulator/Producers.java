package io.github.opcuasm.simulator;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * The variables of folder Produced, whose every value goes straight into the queues of the items that monitor them: no
 * sampling comes between, and none is lost before the queue of an item is full.
 *
 * <p>Produced/Counter (Int64) rises by one. Produced/00000 and its like (Int32) change in rounds: in round n each of
 * them gets the value n. Both go on over stop and start and never repeat a value, but a new item begins with the value of
 * the moment. All methods may be called from any thread.
 *
 * <p>One lock is held while values are queued, while items come and go, and while the log is read: what is in the log is
 * in the queues, in the same order, and an item gets every value after its first.
 */
public final class Producers {
    /** The most values that the log keeps; the oldest go first. */
    public static final int MOST_LOGGED = 1_000_000;

    private final InstantSource clock;
    private final int variables;
    private final Set<DataItem> counterItems = new LinkedHashSet<>();
    private final Set<DataItem> items = new LinkedHashSet<>();
    private final List<QueuedValue> log = new ArrayList<>();
    private final Set<Running> running = new HashSet<>();
    private DataValue counter;
    private DataValue round;
    private long queued;

    Producers(InstantSource clock, int variables) {
        this.clock = clock;
        this.variables = variables;
        this.counter = good(0L);
        this.round = good(0);
    }

    /**
     * Lets Produced/Counter rise.
     *
     * @param perSecond how often a second, 1 to 10,000
     */
    public Production count(int perSecond) {
        if (perSecond < 1 || perSecond > 10_000) {
            throw new IllegalArgumentException("A counter rises 1 to 10000 times a second, was " + perSecond);
        }
        return start(TimeUnit.SECONDS.toNanos(1) / perSecond, this::rise);
    }

    /**
     * Lets the other variables change.
     *
     * @param perSecond how many changes a second there are over all of them, at least 1
     * @throws IllegalStateException if the simulator was built without, see {@link Simulator.Builder#produced(int)}
     */
    public Production change(int perSecond) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("At least 1 value changes a second, was " + perSecond);
        }
        if (variables == 0) {
            throw new IllegalStateException("The simulator was built without variables that change");
        }
        return start(TimeUnit.SECONDS.toNanos(1) * variables / perSecond, this::change);
    }

    /** The name of the variable of this number, from 0: {@code Produced/00000}. */
    public static String variable(int number) {
        return String.format("%s/%05d", ProducedNodes.FOLDER, number);
    }

    /** The values of Produced/Counter that were queued, in this order, over all starts. */
    public synchronized List<QueuedValue> queued() {
        return List.copyOf(log);
    }

    /** Empties {@link #queued()}. */
    public synchronized void clearQueued() {
        log.clear();
    }

    /** How many values of the other variables were queued, over all items and starts. */
    public synchronized long queuedChanges() {
        return queued;
    }

    /** The value of Produced/Counter. */
    public synchronized long counter() {
        return value(counter);
    }

    /** The number of the last round, which is the value of each of the other variables. */
    public synchronized long round() {
        return value(round);
    }

    int variables() {
        return variables;
    }

    synchronized DataValue counterValue() {
        return counter;
    }

    synchronized DataValue roundValue() {
        return round;
    }

    /** Gives the items every value from now on, and the present one at once. */
    synchronized void attach(List<DataItem> created, boolean counting) {
        for (DataItem item : created) {
            if ((counting ? counterItems : items).add(item)) {
                queue(item, counting);
            }
        }
    }

    synchronized void detach(List<DataItem> deleted) {
        deleted.forEach(counterItems::remove);
        deleted.forEach(items::remove);
    }

    synchronized void detachAll() {
        counterItems.clear();
        items.clear();
    }

    /** Ends every production. */
    void close() {
        List<Running> ended;
        synchronized (this) {
            ended = List.copyOf(running);
        }
        ended.forEach(Running::close);
    }

    private synchronized void rise() {
        counter = good(value(counter) + 1);
        counterItems.forEach(item -> queue(item, true));
    }

    private synchronized void change() {
        round = good((int) value(round) + 1);
        items.forEach(item -> queue(item, false));
    }

    private void queue(DataItem item, boolean counting) {
        if (!item.isSamplingEnabled()) {
            return;
        }
        item.setValue(counting ? counter : round);
        if (counting) {
            if (log.size() == MOST_LOGGED) {
                log.subList(0, MOST_LOGGED / 10).clear();
            }
            log.add(new QueuedValue(
                    item.getSubscriptionId().longValue(), item.getId().longValue(), value(counter), timeOf(counter)));
        } else {
            queued++;
        }
    }

    private static long value(DataValue value) {
        return value.value().value() instanceof Number number ? number.longValue() : 0;
    }

    private static Instant timeOf(DataValue value) {
        DateTime time = value.serverTime();
        return time == null ? Instant.EPOCH : time.getJavaInstant();
    }

    private DataValue good(Object value) {
        DateTime now = new DateTime(clock.instant().truncatedTo(ChronoUnit.MICROS));
        return new DataValue(new Variant(value), StatusCode.GOOD, now, now);
    }

    private Production start(long periodNanos, Runnable step) {
        Running started = new Running(periodNanos, step);
        synchronized (this) {
            running.add(started);
        }
        return started;
    }

    /** Steps at a fixed rate on a thread of its own; steps that come late are made up for. */
    private final class Running implements Production {
        private static final long PATIENCE_SECONDS = 10;

        private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, work -> {
            Thread made = new Thread(work, "simulator-producer");
            made.setDaemon(true);
            return made;
        });

        Running(long periodNanos, Runnable step) {
            var unused = thread.scheduleAtFixedRate(step, 0, periodNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            thread.shutdownNow();
            try {
                if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("A producer did not end within " + PATIENCE_SECONDS + " s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (Producers.this) {
                running.remove(this);
            }
        }
    }
}

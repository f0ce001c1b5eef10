package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.SubscriptionListener.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one thread that takes it, bounded in count and {@link PublishedEvent#weight}. Whoever offers never waits:
 * what does not fit makes room by dropping the oldest, counted for each origin. What was dropped is older than all that
 * waits, so the next thing that is taken is an {@link PublishedEvent.Overflow} for each origin that lost something. One
 * event that is larger than the bound is let in alone.
 *
 * <p>The futures complete outside the monitor. Thread-safe; one thread takes.
 */
public final class DeliveryQueue {
    private final int maxEvents;
    private final long maxWeight;
    private final Deque<Delivery> waiting = new ArrayDeque<>();
    private final Map<Origin, Long> dropped = new LinkedHashMap<>();
    private long weight;
    private long droppedInAll;
    private boolean closed;

    /**
     * An event on its way.
     *
     * @param done to be completed by whoever took it: whether it arrived
     */
    public record Delivery(PublishedEvent event, CompletableFuture<Boolean> done) {}

    public DeliveryQueue(int maxEvents, long maxWeight) {
        this.maxEvents = maxEvents;
        this.maxWeight = maxWeight;
    }

    /**
     * Takes an event in.
     *
     * @return completes on any thread: true when whoever took it is done with it, false if it was dropped. After
     *     {@link #close}, and for what waits then, false as well
     */
    public CompletableFuture<Boolean> offer(PublishedEvent event) {
        Delivery delivery = new Delivery(event, new CompletableFuture<>());
        List<Delivery> displaced = new ArrayList<>(0);
        synchronized (this) {
            if (closed) {
                displaced.add(delivery);
            } else {
                makeRoom(event.weight(), displaced);
                waiting.add(delivery);
                weight += event.weight();
                notifyAll();
            }
        }
        displaced.forEach(lost -> lost.done().complete(false));
        return delivery.done();
    }

    /**
     * Waits for what is there, and takes it: overflows first, then events of this weight at most, but one at least.
     *
     * @return null after {@link #close}, when nothing is left
     */
    public synchronized @Nullable List<Delivery> take(long mostWeight) throws InterruptedException {
        while (waiting.isEmpty() && dropped.isEmpty() && !closed) {
            wait();
        }
        List<Delivery> taken = new ArrayList<>();
        dropped.forEach((origin, count) ->
                taken.add(new Delivery(new PublishedEvent.Overflow(origin, count), new CompletableFuture<>())));
        dropped.clear();
        long sum = 0;
        for (Delivery next = waiting.peek(); next != null; next = waiting.peek()) {
            sum += next.event().weight();
            if (!taken.isEmpty() && sum > mostWeight) {
                break;
            }
            waiting.remove();
            weight -= next.event().weight();
            taken.add(next);
        }
        return taken.isEmpty() ? null : taken;
    }

    /** Nothing comes in any more; what waits can still be taken. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Gives up what waits. */
    public void abandon() {
        List<Delivery> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(waiting);
            waiting.clear();
            dropped.clear();
            weight = 0;
            notifyAll();
        }
        left.forEach(lost -> lost.done().complete(false));
    }

    /** How many there are. */
    public synchronized int size() {
        return waiting.size();
    }

    /** How many were dropped so far. */
    public synchronized long dropped() {
        return droppedInAll;
    }

    private void makeRoom(long wanted, List<Delivery> displaced) {
        while (!waiting.isEmpty() && (waiting.size() >= maxEvents || weight + wanted > maxWeight)) {
            Delivery oldest = waiting.remove();
            weight -= oldest.event().weight();
            droppedInAll++;
            dropped.merge(oldest.event().origin(), 1L, Long::sum);
            displaced.add(oldest);
        }
    }
}

package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.sink.PublishedEvent;
import io.github.opcuasm.daemon.subscription.DroppingExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The events of one subscription on their way out, in their order, though a message may have to wait for the server to tell
 * what the structures in it look like. Usually nothing waits and everything passes at once. What waits is bounded: of what
 * does not fit the oldest is dropped and counted.
 *
 * <p>Invariant: while {@code under} is not null, its event is the oldest that has not passed, and its completion goes on
 * with the next. Confined to one event loop.
 */
final class OrderedEvents {
    static final int MAX_WAITING = 1_000;
    static final long MAX_WAITING_WEIGHT = 16L * 1024 * 1024;

    private final Executor loop;
    private final BiConsumer<@Nullable Outgoing, @Nullable Throwable> out;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean under;
    private long weight;
    private long dropped;

    /**
     * An event that passes.
     *
     * @param acknowledge to be run on the loop when it is where it has to be
     */
    record Outgoing(PublishedEvent event, Runnable acknowledge) {}

    /** @param event begins to make it; called when those before it have passed */
    private record Waiting(Supplier<CompletableFuture<Outgoing>> event, long weight) {}

    /** @param out gets each event, or why it could not be made; on the loop */
    OrderedEvents(Executor loop, BiConsumer<@Nullable Outgoing, @Nullable Throwable> out) {
        this.loop = loop;
        this.out = out;
    }

    /** One that is there, and that nobody acknowledges. */
    void add(PublishedEvent event) {
        add(() -> CompletableFuture.completedFuture(new Outgoing(event, () -> {})), event.weight());
    }

    /** One that is to be made. */
    void add(Supplier<CompletableFuture<Outgoing>> event, long itsWeight) {
        while (!waiting.isEmpty() && (waiting.size() >= MAX_WAITING || weight + itsWeight > MAX_WAITING_WEIGHT)) {
            weight -= waiting.remove().weight();
            dropped++;
        }
        waiting.add(new Waiting(event, itsWeight));
        weight += itsWeight;
        goOn();
    }

    /** How many were dropped since this was asked last. */
    long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }

    private void goOn() {
        while (!under && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            weight -= next.weight();
            under = true;
            CompletableFuture<Outgoing> event = begun(next);
            if (event.isDone()) {
                event.whenComplete(this::passed);
            } else {
                event.whenComplete((made, failure) -> onLoop(() -> {
                    passed(made, failure);
                    goOn();
                }));
            }
        }
    }

    private static CompletableFuture<Outgoing> begun(Waiting next) {
        try {
            return next.event().get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void passed(@Nullable Outgoing event, @Nullable Throwable failure) {
        under = false;
        out.accept(event, failure);
    }

    private void onLoop(Runnable action) {
        // What was not passed on is not acknowledged.
        new DroppingExecutor(loop).execute(action);
    }
}

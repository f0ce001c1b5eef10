package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps things in the order in which they came, though some wait until the types of their structures are known. Nearly
 * always nothing waits, and everything is done on the spot. What waits is bounded: beyond that the first one goes on with
 * the types that are known, so that its unknown structures go out without their fields.
 *
 * <p>Confined to the session's event loop.
 */
final class OrderedDecoding {
    static final int MAX_WAITING = 256;
    static final long MAX_BYTES = 4 * 1024 * 1024;

    private final Executor loop;
    private final Supplier<ServerTypes> known;
    private final Deque<Step> waiting = new ArrayDeque<>(2);
    private long bytes;

    /** One thing to do, when its turn comes and its types are there. */
    private static final class Step {
        private final CompletableFuture<ServerTypes> types;
        private final long bytes;
        private final Consumer<ServerTypes> action;

        Step(CompletableFuture<ServerTypes> types, long bytes, Consumer<ServerTypes> action) {
            this.types = types;
            this.bytes = bytes;
            this.action = action;
        }
    }

    /**
     * @param loop where everything here is called
     * @param known the types as far as they are known
     */
    OrderedDecoding(Executor loop, Supplier<ServerTypes> known) {
        this.loop = loop;
        this.known = known;
    }

    /**
     * Does something after all that came before.
     *
     * @param types what has to be known for it; does not fail
     * @param weight bytes that wait with it
     */
    void add(CompletableFuture<ServerTypes> types, long weight, Consumer<ServerTypes> action) {
        if (waiting.isEmpty() && types.isDone()) {
            action.accept(types.join());
            return;
        }
        waiting.addLast(new Step(types, weight, action));
        bytes += weight;
        while (waiting.size() > MAX_WAITING || (waiting.size() > 1 && bytes > MAX_BYTES)) {
            perform(known.get());
        }
        if (!types.isDone()) {
            types.whenComplete((found, failure) -> loop.execute(this::goOn));
        }
        goOn();
    }

    /** Does something after all that came before. */
    void add(Runnable action) {
        if (waiting.isEmpty()) {
            action.run();
        } else {
            add(CompletableFuture.completedFuture(known.get()), 0, types -> action.run());
        }
    }

    /** Forgets what waits. */
    void clear() {
        waiting.clear();
        bytes = 0;
    }

    private void goOn() {
        for (Step first = waiting.peekFirst(); first != null && first.types.isDone(); first = waiting.peekFirst()) {
            perform(first.types.isCompletedExceptionally() ? known.get() : first.types.join());
        }
    }

    private void perform(ServerTypes types) {
        Step first = waiting.removeFirst();
        bytes -= first.bytes;
        first.action.accept(types);
    }
}

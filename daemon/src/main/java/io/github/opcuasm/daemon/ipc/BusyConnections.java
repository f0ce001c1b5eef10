package io.github.opcuasm.daemon.ipc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections with a request under way or an answer not yet written, and knows whether the daemon is ending.
 *
 * <p>A drain publishes its future before it looks at the count, and a connection lowers the count before it looks for
 * the future: one of the two sees the other, so the end is never missed.
 */
final class BusyConnections {
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean stopping;
    private volatile @Nullable CompletableFuture<Void> idle;

    void enter() {
        count.incrementAndGet();
    }

    void leave() {
        if (count.decrementAndGet() == 0) {
            CompletableFuture<Void> waiting = idle;
            if (waiting != null) {
                waiting.complete(null);
            }
        }
    }

    boolean isStopping() {
        return stopping;
    }

    /** From now on new requests are refused. */
    void stop() {
        stopping = true;
    }

    /** Completes when no connection is busy. */
    CompletableFuture<Void> whenIdle() {
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        idle = waiting;
        if (count.get() == 0) {
            waiting.complete(null);
        }
        return waiting;
    }
}

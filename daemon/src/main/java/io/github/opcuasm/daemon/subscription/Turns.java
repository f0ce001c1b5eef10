package io.github.opcuasm.daemon.subscription;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Lets a few tasks go on at a time; the others wait for their turn. Confined to the session's event loop. */
final class Turns {
    private final int atATime;
    private final Deque<Supplier<CompletableFuture<Void>>> waiting = new ArrayDeque<>(2);
    private int running;

    Turns(int atATime) {
        this.atATime = atATime;
    }

    /** Runs a task when its turn comes; its end, however it ends, gives the turn to the next. */
    void take(Supplier<CompletableFuture<Void>> task) {
        waiting.addLast(task);
        next();
    }

    /** Nobody waits any more; what runs goes on. */
    void clear() {
        waiting.clear();
    }

    private void next() {
        while (running < atATime && !waiting.isEmpty()) {
            running++;
            waiting.removeFirst().get().whenComplete((done, failure) -> {
                running--;
                next();
            });
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Those who wait for a session to be active, each at most until a deadline. Confined to the session's event loop. */
final class ActivationWaiters {
    private final EventLoop loop;
    private final List<CompletableFuture<Void>> waiters = new ArrayList<>(0);

    ActivationWaiters(EventLoop loop) {
        this.loop = loop;
    }

    void add(CompletableFuture<Void> waiter, long nanosLeft, Supplier<CommandException> onTimeout) {
        waiters.add(waiter);
        var timer = loop.schedule(
                () -> {
                    waiters.removeIf(other -> other == waiter);
                    waiter.completeExceptionally(onTimeout.get());
                },
                Math.max(0, nanosLeft),
                TimeUnit.NANOSECONDS);
        waiter.whenComplete((done, failure) -> timer.cancel(false));
    }

    void succeed() {
        drain(waiter -> waiter.complete(null));
    }

    void fail(Supplier<CommandException> cause) {
        drain(waiter -> waiter.completeExceptionally(cause.get()));
    }

    private void drain(Consumer<CompletableFuture<Void>> end) {
        List<CompletableFuture<Void>> ended = List.copyOf(waiters);
        waiters.clear();
        ended.forEach(end);
    }
}

package io.github.opcuasm.daemon.subscription;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@code publish} that waits for a message. Confined to the session's event loop, but for its future. */
final class Reader {
    private final @Nullable Set<Long> subscriptionIds;
    private final CompletableFuture<Delivery> answer = new CompletableFuture<>();
    private Runnable cancelTimer = () -> {};

    /** @param subscriptionIds null = all of the handle */
    Reader(@Nullable Set<Long> subscriptionIds) {
        this.subscriptionIds = subscriptionIds;
    }

    @Nullable
    Set<Long> subscriptionIds() {
        return subscriptionIds;
    }

    CompletableFuture<Delivery> answer() {
        return answer;
    }

    boolean wants(ManagedSubscription subscription) {
        return subscriptionIds == null || subscriptionIds.contains(subscription.id());
    }

    void timer(Runnable cancel) {
        cancelTimer = cancel;
    }

    void give(Delivery delivery) {
        cancelTimer.run();
        answer.complete(delivery);
    }

    void fail(Throwable cause) {
        cancelTimer.run();
        answer.completeExceptionally(cause);
    }
}

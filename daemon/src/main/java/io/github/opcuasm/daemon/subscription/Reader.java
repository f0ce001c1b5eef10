package io.github.opcuasm.daemon.subscription;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A {@code publish} that waits for a message. Confined to the session's event loop, but for its future. */
final class Reader {
    private final @Nullable Set<Long> subscriptionIds;
    private final @Nullable Long connection;
    private final boolean acknowledges;
    private final CompletableFuture<Delivery> answer = new CompletableFuture<>();
    private Runnable cancelTimer = () -> {};

    /**
     * It does not wait yet.
     *
     * @param subscriptionIds null = all of the handle
     * @param connection that is kept and reads on; null if it ends with the answer
     * @param acknowledges whether it said what it has
     */
    Reader(@Nullable Set<Long> subscriptionIds, @Nullable Long connection, boolean acknowledges) {
        this.subscriptionIds = subscriptionIds;
        this.connection = connection;
        this.acknowledges = acknowledges;
    }

    @Nullable
    Set<Long> subscriptionIds() {
        return subscriptionIds;
    }

    @Nullable
    Long connection() {
        return connection;
    }

    boolean acknowledges() {
        return acknowledges;
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

    /** False if the answer was withdrawn by whoever waited for it. */
    boolean give(Delivery delivery) {
        cancelTimer.run();
        return answer.complete(delivery);
    }

    void fail(Throwable cause) {
        cancelTimer.run();
        answer.completeExceptionally(cause);
    }
}

package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;

/**
 * What services need to know of subscriptions that may be interrupted, or be created anew, at any time: when they can be asked
 * for something, and what has to be done if the answer is about what they were before.
 */
public final class SubscriptionSetUp {
    private final OpcUaSession session;
    private final Ticker ticker;
    private final SubscriptionRequests requests;
    private final SubscriptionRecovery recovery;

    SubscriptionSetUp(
            OpcUaSession session, Ticker ticker, SubscriptionRequests requests, SubscriptionRecovery recovery) {
        this.session = session;
        this.ticker = ticker;
        this.requests = requests;
        this.recovery = recovery;
    }

    /**
     * Completes when the server has the subscription set up as it was asked to be; from any thread. What asks for something
     * of it waits for that first, and once more if it is not {@link ManagedSubscription#isEstablished established} any more
     * when its request leaves.
     *
     * @param deadline the ticker's nanoseconds
     * @return completes on the session's event loop; fails with {@code ConnectionException} at the deadline, with {@code
     *     ServiceException} Bad_SubscriptionIdInvalid if the subscription ends
     */
    public CompletableFuture<Void> established(ManagedSubscription subscription, long deadline) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Runnable wait = () -> {
            if (subscription.isEstablished()) {
                result.complete(null);
                return;
            }
            Runnable cancelTimer = session.schedule(
                    () -> result.completeExceptionally(notSetUp(subscription)),
                    Duration.ofNanos(Math.max(0, deadline - ticker.read())));
            subscription.established().whenComplete((done, failure) -> {
                cancelTimer.run();
                if (failure == null) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(OpcUaErrors.unwrap(failure));
                }
            });
        };
        try {
            session.executor().execute(wait);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(notSetUp(subscription));
        }
        return result;
    }

    private CommandException notSetUp(ManagedSubscription subscription) {
        return session.state() instanceof SessionState.Active
                ? OpcUaErrors.service(
                        "Subscription " + subscription.id() + " is being created anew, and that took too long",
                        StatusCodes.Bad_Timeout)
                : session.notConnected();
    }

    /**
     * Items were created or changed on the server, on what the subscription was there before it was {@link
     * ManagedSubscription#creation created anew}: once more, then. On the session's event loop.
     */
    public void setUpAgain(ManagedSubscription subscription, Collection<Long> itemIds) {
        if (!recovery.has(subscription)) {
            return;
        }
        List<Long> there = itemIds.stream()
                .filter(itemId -> !subscription.items().isMissing(itemId))
                .map(subscription::serverItemId)
                .toList();
        itemIds.forEach(subscription.items()::forsake);
        if (!there.isEmpty() && subscription.isEstablished()) {
            requests.deleteItems(subscription.serverId(), there).exceptionally(failure -> null);
        }
        if (subscription.isEstablished()) {
            recovery.items().hurry(subscription);
        }
    }
}

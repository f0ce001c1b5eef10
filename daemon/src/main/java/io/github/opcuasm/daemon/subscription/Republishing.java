package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the server again for messages that did not come (Part 4, 5.14.6), one after the other for each subscription, several
 * subscriptions at the same time.
 *
 * <p>A hole between messages is filled from its beginning on. The first message that the server does not have may still be on
 * its way in another Publish response, so it is given {@link #GRACE} before it is given up. After an interruption there need
 * not be a hole to be seen: there everything is asked for from the expected number on, until the server has no more.
 *
 * <p>A run ends with the activation of the session that it began on, with the subscription, and when that is created anew.
 * It never asks for more than {@value #MOST_IN_A_ROW} messages beyond a hole. Confined to the session's event loop.
 */
final class Republishing {
    static final int MOST_IN_A_ROW = 10_000;
    private static final int MOST_FAILURES = 3;
    private static final Duration GRACE = Duration.ofMillis(200);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Republishing.class);

    private final OpcUaSession session;
    private final SubscriptionRequests requests;
    private final Owner owner;
    private final Map<ManagedSubscription, Run> runs = new HashMap<>(2);

    /** Whose subscriptions they are. */
    interface Owner {
        boolean has(ManagedSubscription subscription);

        /** A message of the expected number, which is not known to the order of messages yet. */
        void republished(ManagedSubscription subscription, NotificationMessage message);

        void unknownToServer(ManagedSubscription subscription);
    }

    /** What is asked for one subscription. */
    private static final class Run {
        private final ManagedSubscription subscription;
        private final SessionState on;
        private final long creation;
        private final boolean beyondHoles;
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private boolean graceGiven;
        private int beyond;
        private int failures;

        Run(ManagedSubscription subscription, SessionState on, boolean beyondHoles) {
            this.subscription = subscription;
            this.on = on;
            this.creation = subscription.creation();
            this.beyondHoles = beyondHoles;
        }
    }

    Republishing(OpcUaSession session, SubscriptionRequests requests, Owner owner) {
        this.session = session;
        this.requests = requests;
        this.owner = owner;
    }

    /** Asks for what is missing, unless nothing is or that is under way. */
    void fillHoles(ManagedSubscription subscription) {
        Run present = runs.get(subscription);
        if (subscription.order().hasHole() && (present == null || !isCurrent(present))) {
            begin(subscription, false);
        }
    }

    /**
     * Asks for everything from the expected message on.
     *
     * @return completes when there is no more, or nothing more can be asked; never fails
     */
    CompletableFuture<Void> catchUp(ManagedSubscription subscription) {
        return begin(subscription, true);
    }

    private CompletableFuture<Void> begin(ManagedSubscription subscription, boolean beyondHoles) {
        Run run = new Run(subscription, session.state(), beyondHoles);
        Run before = runs.put(subscription, run);
        if (before != null) {
            before.over.complete(null);
        }
        next(run);
        return run.over;
    }

    private boolean isCurrent(Run run) {
        return runs.get(run.subscription) == run
                && session.state() == run.on
                && run.subscription.creation() == run.creation
                && owner.has(run.subscription);
    }

    private void end(Run run) {
        runs.remove(run.subscription, run);
        run.over.complete(null);
    }

    private void next(Run run) {
        MessageOrder order = run.subscription.order();
        Long wanted = order.missing();
        if (wanted == null && run.beyondHoles && run.beyond < MOST_IN_A_ROW) {
            run.beyond++;
            wanted = order.expected();
        }
        if (wanted == null || !isCurrent(run)) {
            end(run);
            return;
        }
        long number = wanted;
        requests.republish(run.subscription.serverId(), number).whenComplete((response, failure) -> {
            if (!isCurrent(run)) {
                end(run);
            } else if (response != null) {
                answered(run, number, response);
            } else if (failure != null) {
                failed(run, number, OpcUaErrors.unwrap(failure));
            }
        });
    }

    private void answered(Run run, long number, RepublishResponse response) {
        NotificationMessage message = response.getNotificationMessage();
        if (message != null
                && message.getSequenceNumber() != null
                && message.getSequenceNumber().longValue() == number
                && isTaken(run, message)) {
            next(run);
        } else {
            notAvailable(run, number);
        }
    }

    /** Whether it brought the order of messages forward. */
    private boolean isTaken(Run run, NotificationMessage message) {
        Long before = run.subscription.order().expected();
        try {
            owner.republished(run.subscription, message);
        } catch (RuntimeException e) {
            LOG.warn("A message of {} could not be understood: {}", session.server(), e.toString());
        }
        Long now = run.subscription.order().expected();
        return now != null && !now.equals(before);
    }

    private void failed(Run run, long number, Throwable cause) {
        CommandException error = cause instanceof CommandException known ? known : null;
        Long code = error == null ? null : error.statusCode();
        if (code != null && (code == StatusCodes.Bad_SubscriptionIdInvalid || code == StatusCodes.Bad_NoSubscription)) {
            end(run);
            owner.unknownToServer(run.subscription);
        } else if (isPassing(error) && ++run.failures <= MOST_FAILURES) {
            later(run, PAUSE, () -> next(run));
        } else {
            if (code == null || code != StatusCodes.Bad_MessageNotAvailable) {
                LOG.debug("Republish of message {} at {} failed: {}", number, session.server(), cause.toString());
            }
            notAvailable(run, number);
        }
    }

    /** Whether the same may succeed in a moment. */
    private static boolean isPassing(@Nullable CommandException error) {
        Long code = error == null ? null : error.statusCode();
        return error != null
                && (error.type() == ErrorType.CONNECTION
                        || error.type() == ErrorType.OVERLOADED
                        || (code != null
                                && (code == StatusCodes.Bad_TooManyOperations
                                        || code == StatusCodes.Bad_ServerTooBusy)));
    }

    private void notAvailable(Run run, long number) {
        Long missing = run.subscription.order().missing();
        if (missing == null) {
            // Beyond all holes: there is no more. In a hole: it came meanwhile.
            end(run);
        } else if (missing != number) {
            next(run);
        } else if (run.graceGiven || run.beyondHoles) {
            giveUp(run, number);
        } else {
            run.graceGiven = true;
            later(run, GRACE, () -> giveUp(run, number));
        }
    }

    private void giveUp(Run run, long number) {
        Long missing = run.subscription.order().missing();
        if (missing != null && missing == number) {
            run.subscription.order().unavailable();
        }
        next(run);
    }

    private void later(Run run, Duration pause, Runnable action) {
        Runnable unused = session.schedule(
                () -> {
                    if (isCurrent(run)) {
                        action.run();
                    } else {
                        end(run);
                    }
                },
                pause);
    }
}

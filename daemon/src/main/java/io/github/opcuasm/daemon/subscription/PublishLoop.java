package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.SessionState;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Publish requests of one session that rest with the server (Part 4, 5.14.5). While the session has
 * subscriptions, there are always some, at most {@value #MAX_RESTING}, whether anybody reads or not. They carry
 * the acknowledgements that wait when they leave; what a request carried that got no answer is carried again.
 *
 * <p>A server that takes fewer is given no more than it took, and one more each {@link #RAISE_AFTER} to see whether it takes
 * them by now. Requests that a server has forgotten are replaced by {@link #renew}; they count until their time is over, so
 * that never more than {@value #MOST_UNANSWERED} are on a channel.
 *
 * <p>Confined to the session's event loop.
 */
final class PublishLoop {
    static final int MAX_RESTING = 8;
    private static final Logger LOG = LoggerFactory.getLogger(PublishLoop.class);
    private static final int MAX_ACKNOWLEDGEMENTS = 1_000;
    private static final int MOST_UNANSWERED = 24;
    private static final Duration RAISE_AFTER = Duration.ofMinutes(1);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final Demand demand;
    private final Listener listener;
    private final Set<Poll> resting = new HashSet<>(2);
    private final Set<Poll> forgotten = new HashSet<>(0);
    private int limit = MAX_RESTING;
    private long raiseAt;

    /** Who is told what came. */
    interface Listener {
        void answered(PublishResponse response);

        /**
         * A request failed.
         *
         * @param sentAt the ticker's nanoseconds
         */
        void failed(Throwable cause, long sentAt);
    }

    /** One request. */
    private static final class Poll {
        private final long sentAt;
        private List<Demand.Carried> acknowledgements = List.of();

        Poll(long sentAt) {
            this.sentAt = sentAt;
        }
    }

    PublishLoop(OpcUaSession session, Ticker ticker, Demand demand, Listener listener) {
        this.session = session;
        this.ticker = ticker;
        this.demand = demand;
        this.listener = listener;
    }

    /** Sends what is wanted. */
    void pump() {
        if (limit < MAX_RESTING && ticker.read() - raiseAt >= 0) {
            limit++;
            raiseAt = ticker.read() + RAISE_AFTER.toNanos();
        }
        boolean sent = true;
        while (sent
                && session.state() instanceof SessionState.Active
                && resting.size() < Math.min(limit, demand.wanted())
                && resting.size() + forgotten.size() < MOST_UNANSWERED) {
            sent = send();
        }
    }

    /** The server takes no more than it has now. */
    void limitToResting() {
        limit = Math.max(1, Math.min(limit, resting.size()));
        raiseAt = ticker.read() + RAISE_AFTER.toNanos();
        LOG.debug("The server takes no more than {} Publish requests", limit);
    }

    boolean isEmpty() {
        return resting.isEmpty();
    }

    /** The server seems to have forgotten the requests that rest with it: others take their place. */
    void renew() {
        List<Poll> lost = List.copyOf(resting);
        resting.clear();
        forgotten.addAll(lost);
        lost.forEach(poll -> arrived(poll, false));
        pump();
    }

    /** A new channel: what rested with the server on the old one is not answered any more. */
    void reset() {
        List<Poll> lost = List.copyOf(resting);
        resting.clear();
        forgotten.clear();
        limit = MAX_RESTING;
        lost.forEach(poll -> arrived(poll, false));
    }

    /** False if it failed at once. */
    private boolean send() {
        Poll poll = new Poll(ticker.read());
        resting.add(poll);
        session.submit(ServiceCall.longPoll(
                        PublishResponse.class,
                        header -> {
                            poll.acknowledgements = demand.takeAcknowledgements(MAX_ACKNOWLEDGEMENTS);
                            return new PublishRequest(header, toMilo(poll.acknowledgements));
                        },
                        poll.sentAt + demand.patience().toNanos()))
                .whenComplete((response, failure) -> {
                    boolean current = resting.remove(poll);
                    forgotten.remove(poll);
                    if (failure == null) {
                        logRefused(poll, response.getResults());
                        arrived(poll, true);
                        listener.answered(response);
                    } else if (current) {
                        arrived(poll, false);
                        listener.failed(OpcUaErrors.unwrap(failure), poll.sentAt);
                    }
                });
        return resting.contains(poll);
    }

    private static void arrived(Poll poll, boolean answered) {
        poll.acknowledgements.forEach(carried -> carried.subscription().arrived(carried.sequenceNumber(), answered));
    }

    /** A message may have been acknowledged twice, or be gone: nobody is harmed. */
    private static void logRefused(Poll poll, StatusCode[] results) {
        int count = results == null ? 0 : Math.min(results.length, poll.acknowledgements.size());
        for (int i = 0; i < count; i++) {
            if (results[i] != null && results[i].isBad()) {
                Demand.Carried carried = poll.acknowledgements.get(i);
                LOG.debug(
                        "The server refused to take message {} of subscription {} for acknowledged: {}",
                        carried.sequenceNumber(),
                        carried.serverId(),
                        OpcUaErrors.describe(results[i].getValue()));
            }
        }
    }

    private static SubscriptionAcknowledgement[] toMilo(List<Demand.Carried> acknowledgements) {
        return acknowledgements.stream()
                .map(carried ->
                        new SubscriptionAcknowledgement(uint(carried.serverId()), uint(carried.sequenceNumber())))
                .toArray(SubscriptionAcknowledgement[]::new);
    }
}

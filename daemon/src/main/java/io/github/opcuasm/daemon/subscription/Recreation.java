package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription on its way to be created anew: what may be left of it is deleted, then it is created, then its items and
 * their links are. Only then its owner learns what the server calls it, so that messages which come meanwhile wait
 * ({@link Arrival}) until the gap before them has been told.
 *
 * <p>What the server refuses is tried again with growing pauses, and logged once for each reason. A lost session ends the
 * attempt; {@link #goOn} begins another one. If the session is the same by then, what was created there is used.
 *
 * <p>Confined to the session's event loop.
 */
final class Recreation {
    private static final int MOST_REASONS = 16;
    private static final Logger LOG = LoggerFactory.getLogger(Recreation.class);

    private final OpcUaSession session;
    private final SubscriptionRequests requests;
    private final MissingItems items;
    private final Pauses pauses;
    private final Turns turns;
    private final Owner owner;
    private final ManagedSubscription subscription;
    private final SubscriptionParameters asked;
    private final String why;
    private final Set<String> logged = new HashSet<>(1);
    private @Nullable Long toDelete;
    private @Nullable Long created;
    private DateTime createdAt = DateTime.NULL;
    private int failures;
    private Object attempt = new Object();
    private Runnable cancelTimer = () -> {};

    /** Whose subscription it is. */
    interface Owner {
        /** A call that brings the subscription in. */
        Arrival arrival();

        /** Whether this is still what becomes of the subscription. */
        boolean wants(Recreation recreation);

        /** Nobody uses what the server calls so. */
        void discard(long serverId);

        /** The subscription and its items are there, but messages are not looked at yet. */
        void recreated(Recreation recreation, long serverId, DateTime at);
    }

    /** @param toDelete what may be left of it on this session; null = nothing */
    Recreation(
            OpcUaSession session,
            SubscriptionRequests requests,
            MissingItems items,
            Pauses pauses,
            Turns turns,
            Owner owner,
            ManagedSubscription subscription,
            String why,
            @Nullable Long toDelete) {
        this.session = session;
        this.requests = requests;
        this.items = items;
        this.pauses = pauses;
        this.turns = turns;
        this.owner = owner;
        this.subscription = subscription;
        this.asked = Objects.requireNonNull(subscription.asked());
        this.why = why;
        this.toDelete = toDelete;
    }

    ManagedSubscription subscription() {
        return subscription;
    }

    /** Why it has to be created anew, for people. */
    String why() {
        return why;
    }

    /** Begins after a pause. */
    void begin(Duration pause) {
        attempt = new Object();
        Object mine = attempt;
        cancelTimer.run();
        if (pause.isZero()) {
            turns.take(() -> attempt(mine));
        } else {
            cancelTimer = session.schedule(() -> turns.take(() -> attempt(mine)), pause);
        }
    }

    /**
     * The session is back.
     *
     * @param anew whether it is another one: nothing is left of what was created
     */
    void goOn(boolean anew) {
        if (anew) {
            toDelete = null;
            created = null;
        }
        begin(Duration.ZERO);
    }

    /** The session is lost, or the subscription is over: nothing more is done. */
    void stop() {
        attempt = new Object();
        cancelTimer.run();
    }

    /** What the server has of it that nobody knows; null = nothing. */
    @Nullable
    Long created() {
        return created;
    }

    /** What the server may have of it that nobody is going to use if it is over. */
    List<Long> left() {
        return Stream.of(Optional.ofNullable(toDelete), Optional.ofNullable(created))
                .flatMap(Optional::stream)
                .toList();
    }

    private CompletableFuture<Void> attempt(Object mine) {
        if (!isCurrent(mine)) {
            return CompletableFuture.completedFuture(null);
        }
        SessionState on = session.state();
        Arrival arrival = owner.arrival();
        arrival.begin();
        return deleteOld(mine)
                .thenCompose(deleted -> createSubscription(mine))
                .thenCompose(
                        serverId -> items.create(subscription, serverId).thenAccept(at -> finish(mine, serverId, at)))
                .handle((done, failure) -> {
                    if (failure != null && isCurrent(mine) && session.state() == on) {
                        failed(OpcUaErrors.unwrap(failure));
                    }
                    arrival.end();
                    return null;
                });
    }

    private boolean isCurrent(Object mine) {
        return attempt == mine && session.state() instanceof SessionState.Active && owner.wants(this);
    }

    private void requireCurrent(Object mine) {
        if (!isCurrent(mine)) {
            throw new CommandException(ErrorType.CANCELLED, "Another attempt is under way");
        }
    }

    private CompletableFuture<Void> deleteOld(Object mine) {
        Long old = toDelete;
        if (old == null) {
            return CompletableFuture.completedFuture(null);
        }
        return requests.deleteIfThere(old).thenAccept(deleted -> {
            requireCurrent(mine);
            toDelete = null;
        });
    }

    private CompletableFuture<Long> createSubscription(Object mine) {
        Long present = created;
        if (present != null) {
            return CompletableFuture.completedFuture(present);
        }
        return requests.create(asked).thenApply(response -> {
            long serverId = response.getSubscriptionId().longValue();
            if (!isCurrent(mine)) {
                owner.discard(serverId);
            }
            requireCurrent(mine);
            created = serverId;
            createdAt = TypeMapper.toWire(response.getResponseHeader().getTimestamp());
            subscription.createdAnew(serverId, GrantedParameters.of(response));
            return serverId;
        });
    }

    private void finish(Object mine, long serverId, DateTime itemsAt) {
        requireCurrent(mine);
        created = null;
        owner.recreated(this, serverId, itemsAt.isNull() ? createdAt : itemsAt);
    }

    private void failed(Throwable cause) {
        failures++;
        CommandException error = cause instanceof CommandException known ? known : null;
        Long code = error == null ? null : error.statusCode();
        if (code != null && code == StatusCodes.Bad_SubscriptionIdInvalid) {
            created = null;
        }
        String reason = error == null ? cause.toString() : error.messageText();
        if (logged.size() < MOST_REASONS && logged.add(reason)) {
            LOG.warn(
                    "Subscription {} could not be created on {} again, it is tried until it can: {}",
                    subscription.id(),
                    session.server(),
                    reason);
        }
        begin(pauses.after(failures));
    }
}

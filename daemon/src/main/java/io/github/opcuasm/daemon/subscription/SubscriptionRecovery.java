package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the subscriptions of one session when something was lost.
 *
 * <table>
 *   <caption>What is done</caption>
 *   <tr><td>the session is back on a new channel</td><td>messages are asked for again, then Publish goes on</td></tr>
 *   <tr><td>the server granted a new session</td><td>subscriptions are transferred to it, then the same; those that the
 *       server does not give are created anew</td></tr>
 *   <tr><td>the server says that it has a subscription no longer</td><td>it is created anew</td></tr>
 * </table>
 *
 * <p>Only what is created anew begins a new epoch with a gap. What was not created by us cannot be created anew: it ends.
 * Nothing is transferred from a server that was started since, or that another session of ours has: such an id means somebody
 * else's subscription.
 *
 * <p>Invariant: a subscription is established, or it waits for the session, is caught up with, is being transferred, or has a
 * {@link Recreation}. What a loss of the session interrupts begins again when it is back.
 *
 * <p>Confined to the session's event loop.
 */
final class SubscriptionRecovery {
    private static final int CATCHING_UP_AT_A_TIME = 8;
    private static final int CREATED_AT_A_TIME = 4;
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);
    private static final Duration SETTLED = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionRecovery.class);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final SubscriptionRequests requests;
    private final SubscriptionOwners principals;
    private final Owner owner;
    private final Republishing republishing;
    private final MissingItems items;
    private final Pauses pauses;
    private final Turns creations = new Turns(CREATED_AT_A_TIME);
    private final Map<ManagedSubscription, Recreation> recreations = new HashMap<>(2);
    private final Map<ManagedSubscription, Integer> setbacks = new HashMap<>(1);
    private final Set<ManagedSubscription> catchingUp = new HashSet<>(2);
    private final Recreated recreated = new Recreated();
    private Object round = new Object();

    /** Who knows the subscriptions by their ids. */
    interface Owner {
        SessionSubscriptions subscriptions();

        Collection<ManagedSubscription> all();

        boolean has(ManagedSubscription subscription);

        /** Messages that the server calls so are this subscription's; false if they are another one's. */
        boolean map(ManagedSubscription subscription);

        /** Messages of it are not looked at any more. */
        void unmap(ManagedSubscription subscription);

        /** It is over, without its consumer's doing. */
        void lose(ManagedSubscription subscription, String why);

        /** Something may be published again. */
        void established(ManagedSubscription subscription);
    }

    SubscriptionRecovery(
            OpcUaSession session,
            Ticker ticker,
            RandomGenerator random,
            SubscriptionRequests requests,
            SubscriptionOwners principals,
            Republishing republishing,
            Owner owner) {
        this.session = session;
        this.ticker = ticker;
        this.requests = requests;
        this.principals = principals;
        this.republishing = republishing;
        this.owner = owner;
        this.items = new MissingItems(session, requests, random);
        this.pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE, random);
    }

    /** Whether nothing may be published: what comes would only have to wait for what is asked for again. */
    boolean holdsBack() {
        return !catchingUp.isEmpty();
    }

    /** Whether it is one of this session's. */
    boolean has(ManagedSubscription subscription) {
        return owner.has(subscription);
    }

    MissingItems items() {
        return items;
    }

    /** Whether the server has a subscription by this id that is being set up. */
    boolean isComing(long serverId) {
        return recreations.values().stream()
                .anyMatch(recreation -> Long.valueOf(serverId).equals(recreation.created()));
    }

    /** The session is lost. */
    void lost(String reason) {
        endRound();
        for (ManagedSubscription subscription : List.copyOf(owner.all())) {
            subscription.beginEstablishing();
            subscription.state(SubscriptionState.INTERRUPTED, reason);
        }
    }

    private void endRound() {
        round = new Object();
        creations.clear();
        catchingUp.clear();
        items.pause();
        recreations.values().forEach(Recreation::stop);
    }

    /**
     * The session is active again.
     *
     * @param anew whether it is another one
     */
    void restored(boolean anew) {
        endRound();
        List<Recreation> begunBefore = List.copyOf(recreations.values());
        List<ManagedSubscription> left = owner.all().stream()
                .filter(subscription -> !recreations.containsKey(subscription))
                .toList();
        left.forEach(ManagedSubscription::beginEstablishing);
        if (anew) {
            left.forEach(owner::unmap);
            transfer(left);
        } else {
            catchUp(left);
        }
        for (Recreation recreation : begunBefore) {
            if (recreated.wants(recreation)) {
                recreation.subscription().state(SubscriptionState.HEALING, recreation.why());
                recreation.goOn(anew);
            }
        }
    }

    private void transfer(List<ManagedSubscription> left) {
        List<ManagedSubscription> asked = new ArrayList<>();
        for (ManagedSubscription subscription : left) {
            if (isOfAnotherStart(subscription)) {
                createAnew(subscription, "the session was lost, and the server was started anew", null);
            } else if (principals.isHeldElsewhere(subscription.serverId(), owner.subscriptions(), session)) {
                createAnew(subscription, "the session was lost, and the server gave its id to another one", null);
            } else {
                asked.add(subscription);
            }
        }
        if (asked.isEmpty()) {
            return;
        }
        Object mine = round;
        Arrival arrival = owner.subscriptions().arrival();
        arrival.begin();
        requests.transfer(asked.stream().map(ManagedSubscription::serverId).toList())
                .whenComplete((response, failure) -> {
                    if (response != null && response.getResults() != null) {
                        discardDropped(asked, response.getResults());
                    }
                    if (round == mine) {
                        transferred(
                                asked.stream().filter(owner::has).toList(),
                                response == null ? null : response.getResults(),
                                asked,
                                failure);
                    }
                    arrival.end();
                });
    }

    /** What this session was given, and nobody wants any more. */
    private void discardDropped(List<ManagedSubscription> asked, @Nullable TransferResult[] results) {
        for (int i = 0; i < Math.min(asked.size(), results.length); i++) {
            TransferResult result = results[i];
            if (!owner.has(asked.get(i))
                    && result != null
                    && result.getStatusCode() != null
                    && !result.getStatusCode().isBad()) {
                owner.subscriptions().refuse(asked.get(i).serverId());
            }
        }
    }

    private void transferred(
            List<ManagedSubscription> present,
            TransferResult @Nullable [] results,
            List<ManagedSubscription> asked,
            @Nullable Throwable failure) {
        List<ManagedSubscription> here = new ArrayList<>();
        for (ManagedSubscription subscription : present) {
            int index = asked.indexOf(subscription);
            TransferResult result = results == null || index >= results.length ? null : results[index];
            if (result != null
                    && result.getStatusCode() != null
                    && !result.getStatusCode().isBad()
                    && owner.map(subscription)) {
                List<Long> numbers = SessionSubscriptions.numbers(result.getAvailableSequenceNumbers());
                subscription.order().promised(numbers);
                here.add(subscription);
            } else {
                createAnew(
                        subscription,
                        "the session was lost, and the server does not give it to the new one: "
                                + refusal(result, failure),
                        isUndecided(failure) ? subscription.serverId() : null);
            }
        }
        catchUp(here);
    }

    private static String refusal(@Nullable TransferResult result, @Nullable Throwable failure) {
        if (failure != null) {
            Throwable cause = OpcUaErrors.unwrap(failure);
            return cause instanceof CommandException error ? error.messageText() : cause.toString();
        }
        return result == null || result.getStatusCode() == null
                ? OpcUaErrors.describe(StatusCodes.Bad_UnknownResponse)
                : OpcUaErrors.describe(result.getStatusCode().getValue());
    }

    /** Whether the server may have done what it was asked for. */
    private static boolean isUndecided(@Nullable Throwable failure) {
        return failure != null
                && OpcUaErrors.unwrap(failure) instanceof CommandException error
                && error.type() == ErrorType.CONNECTION;
    }

    private boolean isOfAnotherStart(ManagedSubscription subscription) {
        DateTime present = serverStart();
        return !present.isNull() && !subscription.serverStart().isNull() && !present.equals(subscription.serverStart());
    }

    /** When the server was started, by its own clock; none if it does not tell. */
    DateTime serverStart() {
        return TypeMapper.toWire(session.serverInfo().startTime());
    }

    private void catchUp(List<ManagedSubscription> subscriptions) {
        if (subscriptions.isEmpty()) {
            return;
        }
        Object mine = round;
        catchingUp.addAll(subscriptions);
        Turns turns = new Turns(CATCHING_UP_AT_A_TIME);
        for (ManagedSubscription subscription : subscriptions) {
            turns.take(() -> republishing.catchUp(subscription).thenRun(() -> caughtUp(mine, subscription)));
        }
        Runnable unused = session.schedule(
                () -> {
                    if (round == mine && !catchingUp.isEmpty()) {
                        LOG.info("{} is slow to tell what was missed; publishing goes on beside it", session.server());
                        catchingUp.clear();
                        subscriptions.stream()
                                .filter(ManagedSubscription::isEstablished)
                                .forEach(owner::established);
                    }
                },
                LONGEST_SILENCE);
    }

    private void caughtUp(Object mine, ManagedSubscription subscription) {
        if (round == mine) {
            catchingUp.remove(subscription);
            if (owner.has(subscription) && !recreations.containsKey(subscription)) {
                establish(subscription, "");
            } else {
                owner.subscriptions().pump();
            }
        }
    }

    private void establish(ManagedSubscription subscription, String reason) {
        subscription.isPresent(ticker.read(), serverStart());
        subscription.establishedNow();
        subscription.state(SubscriptionState.LIVE, reason);
        owner.established(subscription);
        if (owner.has(subscription)) {
            items.watch(subscription);
        }
    }

    /** Something came of it: if it has lasted for a while, its next loss is not the same one again. */
    void seen(ManagedSubscription subscription) {
        if (!setbacks.isEmpty() && ticker.read() - subscription.presentSince() >= SETTLED.toNanos()) {
            setbacks.remove(subscription);
        }
    }

    /**
     * The server says that it has no subscription of this session.
     *
     * @param asked when it was asked, the ticker's nanoseconds
     */
    void noneLeft(long asked) {
        for (ManagedSubscription subscription : List.copyOf(owner.all())) {
            if (subscription.isEstablished() && subscription.presentSince() - asked < 0) {
                createAnew(subscription, "the server has no subscription of this session any more", null);
            }
        }
    }

    /**
     * Creates a subscription anew, unless that is under way; one that was created by others ends instead.
     *
     * @param why for people
     * @param toDelete what the server may have of it still; null if it has nothing
     */
    void createAnew(ManagedSubscription subscription, String why, @Nullable Long toDelete) {
        if (!owner.has(subscription) || recreations.containsKey(subscription)) {
            return;
        }
        if (subscription.asked() == null) {
            owner.lose(subscription, why);
            return;
        }
        LOG.info("Subscription {} on {} is created anew: {}", subscription.id(), session.server(), why);
        owner.unmap(subscription);
        items.forget(subscription);
        catchingUp.remove(subscription);
        subscription.beginEstablishing();
        Recreation recreation =
                new Recreation(session, requests, items, pauses, creations, recreated, subscription, why, toDelete);
        recreations.put(subscription, recreation);
        subscription.order().giveUp();
        subscription.state(SubscriptionState.HEALING, why);
        if (recreations.get(subscription) == recreation) {
            int before = setbacks.merge(subscription, 1, Integer::sum) - 1;
            recreation.begin(before == 0 ? Duration.ZERO : pauses.after(before));
        }
    }

    /** Somebody is done with it. */
    void forget(ManagedSubscription subscription) {
        Recreation recreation = recreations.remove(subscription);
        if (recreation != null) {
            recreation.stop();
            recreation.left().forEach(owner.subscriptions()::discard);
        }
        catchingUp.remove(subscription);
        setbacks.remove(subscription);
        items.over(subscription);
    }

    /** What the creations anew come to. */
    private final class Recreated implements Recreation.Owner {
        @Override
        public Arrival arrival() {
            return owner.subscriptions().arrival();
        }

        @Override
        public boolean wants(Recreation recreation) {
            return recreations.get(recreation.subscription()) == recreation;
        }

        @Override
        public void discard(long serverId) {
            owner.subscriptions().discard(serverId);
        }

        @Override
        public void recreated(Recreation recreation, long serverId, DateTime at) {
            ManagedSubscription subscription = recreation.subscription();
            recreations.remove(subscription, recreation);
            if (!owner.map(subscription)) {
                createAnew(subscription, "the server gave its id to another one", null);
                return;
            }
            subscription.order().createdAnew(at, recreation.why() + "; it was created anew");
            if (owner.has(subscription)) {
                LOG.info(
                        "Subscription {} is there again on {}, {} of its {} items with it",
                        subscription.id(),
                        session.server(),
                        subscription.itemCount()
                                - subscription.items().missing().size(),
                        subscription.itemCount());
                establish(subscription, recreation.why());
            }
        }
    }
}

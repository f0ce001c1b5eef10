package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices subscriptions of which the server says nothing, neither a change nor that there is none, for longer than it may
 * (1.5 keep-alive times and a second) while Publish requests rest with it. The items are read then ({@link SpotRead}):
 *
 * <ul>
 *   <li>No answer: the session's own supervision finds out.
 *   <li>Nothing changed: the subscription is {@link SubscriptionState#SILENT}, and looked at again after pauses that grow.
 *   <li>Something changed, and it is still not reported when it should have been: the subscription is dead, and healed by one
 *       step after the other until it speaks: fresh Publish requests and Republish; ModifySubscription and SetPublishingMode;
 *       creation anew; another channel.
 *   <li>There is nothing to be compared, as with events: the first two steps can do no harm. It is created anew once an hour
 *       at most, and the channel stays.
 * </ul>
 *
 * <p>One timer serves all subscriptions of the session. What is under way for one ends with its next sign of life.
 *
 * <p>Confined to the session's event loop.
 */
final class SilenceWatch {
    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration BETWEEN_BLIND_CREATIONS = Duration.ofHours(1);
    private static final Duration BETWEEN_CHANNELS = Duration.ofMinutes(5);
    private static final Duration SHORTEST_TIMER = Duration.ofMillis(50);
    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final SubscriptionRequests requests;
    private final Healer healer;
    private final Map<ManagedSubscription, Watch> watches = new HashMap<>(2);
    private Runnable cancelTimer = () -> {};
    private @Nullable Long timerAt;
    private @Nullable Long channelDroppedAt;

    /** What can be done about a silence. */
    interface Healer {
        /** Whether Publish requests rest with the server. */
        boolean isPublishing();

        /** Others take the place of the Publish requests that rest with the server. */
        void renewPublishing();

        void republish(ManagedSubscription subscription);

        void createAnew(ManagedSubscription subscription, String why);
    }

    /** What is known of one subscription. */
    private static final class Watch {
        private long seenAt;
        private long dueAt;
        private Object silence = new Object();
        private boolean silent;
        private boolean busy;
        private int checks;
        private int steps;
        private @Nullable SpotRead spots;
        private @Nullable Long blindlyCreatedAt;
    }

    SilenceWatch(OpcUaSession session, Ticker ticker, SubscriptionRequests requests, Healer healer) {
        this.session = session;
        this.ticker = ticker;
        this.requests = requests;
        this.healer = healer;
    }

    /** The server has it: from now on it has to speak. */
    void watch(ManagedSubscription subscription) {
        Watch watch = watches.computeIfAbsent(subscription, any -> new Watch());
        beginAnew(watch, subscription);
        arm();
    }

    private void beginAnew(Watch watch, ManagedSubscription subscription) {
        watch.silence = new Object();
        watch.silent = false;
        watch.busy = false;
        watch.checks = 0;
        watch.spots = null;
        watch.seenAt = ticker.read();
        watch.dueAt = watch.seenAt + bound(subscription).toNanos();
    }

    /** Something came of it. */
    void seen(ManagedSubscription subscription) {
        Watch watch = watches.get(subscription);
        if (watch == null) {
            return;
        }
        boolean wasSilent = watch.silent;
        if (wasSilent || watch.steps > 0) {
            watch.steps = 0;
            beginAnew(watch, subscription);
        } else {
            watch.seenAt = ticker.read();
            watch.dueAt = watch.seenAt + bound(subscription).toNanos();
        }
        if (wasSilent && subscription.isEstablished()) {
            LOG.info("The server {} speaks of subscription {} again", session.server(), subscription.id());
            subscription.state(SubscriptionState.LIVE, "the server speaks again");
        }
    }

    /** It is over. */
    void forget(ManagedSubscription subscription) {
        watches.remove(subscription);
    }

    /** The session is over. */
    void stop() {
        watches.clear();
        cancelTimer.run();
    }

    private static Duration bound(ManagedSubscription subscription) {
        Duration keepAlive = subscription.granted().keepAliveTime();
        return keepAlive.plus(keepAlive.dividedBy(2)).plus(MARGIN);
    }

    private void arm() {
        Long first = null;
        for (Map.Entry<ManagedSubscription, Watch> entry : watches.entrySet()) {
            Watch watch = entry.getValue();
            if (!watch.busy && entry.getKey().isEstablished() && (first == null || watch.dueAt - first < 0)) {
                first = watch.dueAt;
            }
        }
        if (first == null || (timerAt != null && timerAt - first <= 0)) {
            return;
        }
        cancelTimer.run();
        timerAt = first;
        long delay = Math.max(SHORTEST_TIMER.toNanos(), first - ticker.read());
        cancelTimer = session.schedule(this::look, Duration.ofNanos(delay));
    }

    private void look() {
        timerAt = null;
        long now = ticker.read();
        for (Map.Entry<ManagedSubscription, Watch> entry : List.copyOf(watches.entrySet())) {
            ManagedSubscription subscription = entry.getKey();
            Watch watch = entry.getValue();
            if (!watch.busy && subscription.isEstablished() && watch.dueAt - now <= 0) {
                if (healer.isPublishing()) {
                    check(subscription, watch);
                } else {
                    watch.dueAt = now + MARGIN.toNanos();
                }
            }
        }
        arm();
    }

    private boolean isStill(ManagedSubscription subscription, Watch watch, Object silence) {
        return watches.get(subscription) == watch && watch.silence == silence && subscription.isEstablished();
    }

    private void check(ManagedSubscription subscription, Watch watch) {
        if (!watch.silent) {
            watch.silent = true;
            LOG.info(
                    "The server {} has said nothing of subscription {} for {} ms, its items are read",
                    session.server(),
                    subscription.id(),
                    Duration.ofNanos(ticker.read() - watch.seenAt).toMillis());
        }
        watch.busy = true;
        watch.checks++;
        SpotRead spots = watch.spots;
        if (spots == null) {
            spots = new SpotRead(session, requests, subscription);
            watch.spots = spots;
        }
        Object silence = watch.silence;
        Duration reportingTime = spots.reportingTime();
        spots.read().whenComplete((finding, failure) -> {
            if (!isStill(subscription, watch, silence)) {
                return;
            }
            if (failure != null || finding == SpotRead.Finding.SAME) {
                quiet(subscription, watch, failure != null);
            } else {
                later(
                        subscription,
                        watch,
                        reportingTime,
                        () -> heal(subscription, watch, finding == SpotRead.Finding.CHANGED));
            }
        });
    }

    private void quiet(ManagedSubscription subscription, Watch watch, boolean unanswered) {
        subscription.state(
                SubscriptionState.SILENT,
                unanswered
                        ? "the server says nothing and cannot be asked"
                        : "the server says nothing, but nothing changes");
        if (watch.checks == 1 && !unanswered) {
            // In case it has forgotten those that rest with it: the next change shall not wait for the next look.
            healer.renewPublishing();
        }
        restUntilLater(subscription, watch);
    }

    private void restUntilLater(ManagedSubscription subscription, Watch watch) {
        long pause = Math.min(
                LONGEST_PAUSE.toNanos(), bound(subscription).toNanos() << Math.min(Math.max(watch.checks - 1, 0), 10));
        watch.dueAt = ticker.read() + Math.max(pause, MARGIN.toNanos());
        watch.busy = false;
        arm();
    }

    private void later(ManagedSubscription subscription, Watch watch, Duration pause, Runnable action) {
        Object silence = watch.silence;
        Runnable unused = session.schedule(
                () -> {
                    if (isStill(subscription, watch, silence)) {
                        action.run();
                    }
                },
                pause);
    }

    /** @param proven whether something changed that was not reported */
    private void heal(ManagedSubscription subscription, Watch watch, boolean proven) {
        int step = ++watch.steps;
        String what = proven ? "something changed, and the server does not say it" : "the server says nothing";
        Duration publishing = Duration.ofMillis((long) subscription.granted().publishingInterval());
        Duration wait = proven ? publishing.multipliedBy(2).plus(MARGIN) : bound(subscription);
        if (step == 1) {
            LOG.warn("Subscription {} on {} is dead: {}", subscription.id(), session.server(), what);
            subscription.state(SubscriptionState.HEALING, what);
            healer.renewPublishing();
            healer.republish(subscription);
            later(subscription, watch, wait, () -> heal(subscription, watch, proven));
        } else if (step == 2) {
            modify(subscription);
            later(subscription, watch, wait, () -> heal(subscription, watch, proven));
        } else if (step == 3 && subscription.asked() != null && (proven || mayCreateBlindly(watch))) {
            healer.createAnew(subscription, "the server said nothing of it any more");
        } else if (proven && step <= 4 && mayDropChannel()) {
            watch.steps = 0;
            channelDroppedAt = ticker.read();
            LOG.warn("Nothing else helped subscription {}: another channel to {}", subscription.id(), session.server());
            session.abandonChannel("the server does not say what changes");
        } else {
            watch.steps = 0;
            subscription.state(SubscriptionState.SILENT, what);
            restUntilLater(subscription, watch);
        }
    }

    private void modify(ManagedSubscription subscription) {
        SubscriptionParameters asked = subscription.asked();
        if (asked != null) {
            requests.modify(subscription.serverId(), asked)
                    .thenCompose(modified -> requests.publishing(subscription.serverId(), asked.publishingEnabled()))
                    .whenComplete((response, failure) -> {
                        if (failure != null) {
                            LOG.debug(
                                    "Subscription {} could not be modified: {}", subscription.id(), failure.toString());
                        }
                    });
        }
    }

    private boolean mayCreateBlindly(Watch watch) {
        Long last = watch.blindlyCreatedAt;
        boolean may = last == null || ticker.read() - last >= BETWEEN_BLIND_CREATIONS.toNanos();
        if (may) {
            watch.blindlyCreatedAt = ticker.read();
        }
        return may;
    }

    private boolean mayDropChannel() {
        return channelDroppedAt == null || ticker.read() - channelDroppedAt >= BETWEEN_CHANNELS.toNanos();
    }
}

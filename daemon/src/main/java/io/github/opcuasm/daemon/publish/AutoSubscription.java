package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.SubscriptionListener;
import io.github.opcuasm.daemon.SubscriptionListener.Origin;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.ConfiguredItems;
import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.sink.PublishedEvent;
import io.github.opcuasm.daemon.subscription.DroppingExecutor;
import io.github.opcuasm.daemon.subscription.Gap;
import io.github.opcuasm.daemon.subscription.ListedConsumer;
import io.github.opcuasm.daemon.subscription.ManagedSubscription;
import io.github.opcuasm.daemon.subscription.Message;
import io.github.opcuasm.daemon.subscription.SubscriptionConsumer;
import io.github.opcuasm.daemon.subscription.SubscriptionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription of the configuration, on one handle, until that ends. What cannot be created is tried again with growing
 * pauses; what is lost beyond repair is created anew, with the next epoch and a gap from the last message to the first.
 *
 * <p>Messages go to the {@link Outlets} in their order; one is acknowledged to the server when it is in the sink, or at once
 * if there is none. What a sink dropped is not acknowledged.
 *
 * <p>Confined to the session's event loop, but for {@link #start}, {@link #end} and {@link #abandon}.
 */
final class AutoSubscription implements SubscriptionConsumer, ListedConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(AutoSubscription.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(60);
    /** Until the session is there again nothing is lost by asking. */
    private static final Duration PAUSE_WITHOUT_SESSION = Duration.ofSeconds(1);

    private final String connection;
    private final SessionHandle handle;
    private final ConfiguredSubscription configured;
    private final Publishing publishing;
    private final Outlets outlets;
    private final OrderedEvents events;
    private final ConfiguredItemCreation items;
    private @Nullable ManagedSubscription current;
    private @Nullable ManagedSubscription endedEarly;
    private @Nullable Origin origin;
    private @Nullable DateTime lastPublishTime;
    private @Nullable String gap;
    private @Nullable String reason;
    private Duration pause = FIRST_PAUSE;
    private long epochs;
    private volatile boolean over;

    /** @param gap why something may be missing before the first message; null = nothing is */
    AutoSubscription(
            String connection,
            SessionHandle handle,
            ConfiguredSubscription configured,
            Publishing publishing,
            Outlets outlets,
            @Nullable String gap) {
        this.connection = connection;
        this.handle = handle;
        this.configured = configured;
        this.publishing = publishing;
        this.outlets = outlets;
        this.gap = gap;
        this.events = new OrderedEvents(handle.session().executor(), this::passOn);
        this.items = new ConfiguredItemCreation(
                connection,
                handle,
                publishing,
                ConfiguredItems.of(configured),
                this::require,
                this::startOver,
                () -> over);
    }

    /** Begins to create it. */
    void start() {
        onLoop(this::create);
    }

    /** The handle has ended: it is deleted on the server. */
    void end() {
        over = true;
        onLoop(() -> {
            ManagedSubscription live = current;
            current = null;
            if (live != null) {
                publishing.subscriptions().of(handle.session()).drop(List.of(live));
            }
        });
    }

    /** The daemon ends: nothing more is created, and what comes is neither passed on nor acknowledged. */
    void abandon() {
        over = true;
    }

    @Override
    public Collection<String> handleIds() {
        return List.of(handle.id());
    }

    @Override
    public String kind() {
        return "auto";
    }

    private void create() {
        if (over) {
            return;
        }
        if (!(handle.state() instanceof SessionState.Active)) {
            again(PAUSE_WITHOUT_SESSION);
            return;
        }
        publishing
                .service()
                .create(publishing.context(handle), ConfiguredItems.parameters(configured), this)
                .whenComplete((subscription, failure) -> onLoop(() -> {
                    if (failure == null) {
                        created(subscription);
                    } else {
                        failed(OpcUaErrors.unwrap(failure));
                    }
                }));
    }

    private void created(ManagedSubscription subscription) {
        if (over) {
            publishing.subscriptions().of(handle.session()).drop(List.of(subscription));
            return;
        }
        current = subscription;
        if (endedEarly == subscription) {
            ended(subscription, "the server ended it at once");
            return;
        }
        pause = FIRST_PAUSE;
        reason = null;
        Origin here = originOf(subscription);
        items.createAll().whenComplete((created, failure) -> {
            if (current == subscription && failure == null) {
                LOG.info(
                        "Connection {}: subscription {} is live with {} of {} items",
                        connection,
                        here.subscriptionId(),
                        created,
                        configured.items().size() + configured.events().size());
            }
        });
    }

    private void failed(Throwable cause) {
        String now = cause instanceof CommandException error ? error.messageText() : cause.toString();
        if (!now.equals(reason)) {
            reason = now;
            LOG.warn(
                    "Connection {}: a subscription could not be created and is tried again until it can: {}",
                    connection,
                    now,
                    cause instanceof CommandException ? null : cause);
        }
        again(pause);
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LAST_PAUSE) < 0 ? twice : LAST_PAUSE;
    }

    private void again(Duration after) {
        Runnable unused = handle.session().schedule(this::create, after);
    }

    @Override
    public void message(ManagedSubscription subscription, Message message) {
        if (over) {
            return;
        }
        Origin here = originOf(subscription);
        tellGap(here, message.publishTime());
        lastPublishTime = message.publishTime();
        long epoch = epochs + message.epoch();
        CallContext context = publishing.context(handle);
        events.add(
                () -> SubscriptionService.notifications(context, message)
                        .thenApply(notifications -> new OrderedEvents.Outgoing(
                                new PublishedEvent.Notifications(
                                        here,
                                        configured,
                                        message.sequenceNumber(),
                                        epoch,
                                        message.publishTime(),
                                        notifications,
                                        message.bytes()),
                                () -> acknowledge(subscription, message))),
                message.bytes());
    }

    @Override
    public void gap(ManagedSubscription subscription, Gap missing) {
        if (!over) {
            events.add(new PublishedEvent.Gap(originOf(subscription), missing.from(), missing.to(), missing.reason()));
        }
    }

    @Override
    public void keepAlive(ManagedSubscription subscription) {
        if (!over) {
            Origin here = originOf(subscription);
            tellGap(here, null);
            events.add(new PublishedEvent.KeepAlive(here));
        }
    }

    @Override
    public void state(ManagedSubscription subscription, SubscriptionState state, String why) {
        if (!over) {
            events.add(new PublishedEvent.State(
                    originOf(subscription), SubscriptionListener.State.valueOf(state.name()), why));
        }
    }

    @Override
    public void ended(ManagedSubscription subscription, String why) {
        if (over || current != subscription) {
            endedEarly = subscription;
            return;
        }
        lost(subscription, why, Duration.ZERO);
    }

    /** Which items it has is not known: it is deleted, and another one made. */
    private void startOver(String why) {
        ManagedSubscription live = current;
        if (live != null) {
            publishing.subscriptions().of(handle.session()).drop(List.of(live));
            lost(live, why, FIRST_PAUSE);
        }
    }

    private void lost(ManagedSubscription subscription, String why, Duration after) {
        Origin here = originOf(subscription);
        LOG.warn(
                "Connection {}: subscription {} was lost and is created anew: {}",
                connection,
                here.subscriptionId(),
                why);
        current = null;
        epochs += subscription.epoch() + 1;
        gap = why;
        events.add(new PublishedEvent.State(here, SubscriptionListener.State.INTERRUPTED, why));
        again(after);
    }

    @Override
    public void closed(ManagedSubscription subscription) {
        over = true;
    }

    private void acknowledge(ManagedSubscription subscription, Message message) {
        if (!over && !subscription.acknowledge(message.epoch(), message.sequenceNumber())) {
            LOG.debug(
                    "Message {} of subscription {} could not be acknowledged",
                    message.sequenceNumber(),
                    subscription.id());
        }
    }

    /** What may be missing lies between the last message before and the first one behind it. */
    private void tellGap(Origin here, @Nullable DateTime to) {
        String why = gap;
        if (why != null) {
            gap = null;
            events.add(new PublishedEvent.Gap(here, lastPublishTime, to, why));
        }
    }

    /** On the loop, in order. */
    private void passOn(OrderedEvents.@Nullable Outgoing passing, @Nullable Throwable failure) {
        Origin here = origin;
        if (over || here == null) {
            return;
        }
        long dropped = events.takeDropped();
        if (failure != null) {
            LOG.warn(
                    "Connection {}: a message of subscription {} could not be understood and is left out: {}",
                    connection,
                    here.subscriptionId(),
                    OpcUaErrors.unwrap(failure).toString());
            dropped++;
        }
        if (dropped > 0) {
            var unused = outlets.offer(new PublishedEvent.Overflow(here, dropped));
        }
        if (passing != null) {
            outlets.offer(passing.event()).thenAccept(there -> {
                if (there) {
                    onLoop(passing.acknowledge());
                }
            });
        }
    }

    /** The id that it had first: what it is called does not change when it is created anew. */
    private Origin originOf(ManagedSubscription subscription) {
        Origin known = origin;
        if (known == null) {
            known = new Origin(connection, handle.id(), subscription.id());
            origin = known;
        }
        return known;
    }

    /** The subscription that items belong into; throws if there is none now. */
    private ManagedSubscription require() {
        ManagedSubscription live = current;
        if (live == null) {
            throw handle.session().notActive();
        }
        return live;
    }

    private void onLoop(Runnable action) {
        new DroppingExecutor(handle.session().executor()).execute(action);
    }
}

package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.EventNotificationList;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription on the server, and the streams that share it. It is created for the first stream and deleted with the
 * last, also if that one leaves while the server is still being asked.
 *
 * <p>Each message is decoded once, for all; each stream gets the part of it that its items brought, under its own client
 * handles and its own number. What a stream gets is acknowledged to the server at once: streams are not kept for readers
 * that come back.
 *
 * <p>Telling a stream may make its connection write at once, fail, and leave in the midst of it: so whoever is told is taken
 * from a copy, and messages are sorted out before anybody is told.
 *
 * <p>Confined to the session's event loop.
 */
final class SharedSubscription implements SubscriptionConsumer, ListedConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSubscription.class);

    /** Decoded, a notification takes some times its bytes on the wire, and its objects' headers. */
    private static final long DECODED = 4;

    private static final long OBJECTS = 64;

    private final OpcUaSession session;
    private final SessionSubscriptions subscriptions;
    private final StructureTypes types;
    private final Ticker ticker;
    private final String owner;
    private final SubscriptionParameters asked;
    private final Consumer<SharedSubscription> onGone;
    private final CompletableFuture<ManagedSubscription> created = new CompletableFuture<>();
    private final Set<StreamMember> members = new LinkedHashSet<>(2);
    private final SharedItems items;
    private final OrderedDecoding decoding;
    private @Nullable ManagedSubscription managed;
    private DateTime lastPublishTime = DateTime.NULL;
    private boolean gone;

    /** @param onGone called once, when no stream can join it any more */
    SharedSubscription(
            OpcUaSession session,
            SessionSubscriptions subscriptions,
            StructureTypes types,
            Ticker ticker,
            String owner,
            SubscriptionParameters asked,
            Consumer<SharedSubscription> onGone) {
        this.session = session;
        this.subscriptions = subscriptions;
        this.types = types;
        this.ticker = ticker;
        this.owner = owner;
        this.asked = asked;
        this.onGone = onGone;
        this.items = new SharedItems(subscriptions, ticker);
        this.decoding = new OrderedDecoding(subscriptions.executor(), () -> types.known(session));
    }

    @Override
    public Collection<String> handleIds() {
        return members.stream().map(member -> member.handle().id()).collect(Collectors.toSet());
    }

    @Override
    public String kind() {
        return "stream";
    }

    /** Asks the server for it; for the first stream, which has joined. */
    void create() {
        Arrival arrival = subscriptions.arrival();
        arrival.begin();
        subscriptions
                .requests()
                .create(asked)
                .whenCompleteAsync(
                        (response, failure) -> {
                            try {
                                granted(response, failure);
                            } finally {
                                arrival.end();
                            }
                        },
                        subscriptions.executor());
    }

    private void granted(@Nullable CreateSubscriptionResponse response, @Nullable Throwable failure) {
        if (response == null || response.getSubscriptionId() == null) {
            CommandException error = failure != null && OpcUaErrors.unwrap(failure) instanceof CommandException known
                    ? known
                    : OpcUaErrors.service("The server granted no subscription", StatusCodes.Bad_UnknownResponse);
            retire();
            created.completeExceptionally(error);
            return;
        }
        long serverId = response.getSubscriptionId().longValue();
        if (gone) {
            subscriptions.discard(serverId);
            created.completeExceptionally(left());
            return;
        }
        GrantedParameters granted = GrantedParameters.of(response);
        ManagedSubscription adopted = subscriptions.adopt(serverId, owner, asked, granted, List.of(), false, this);
        managed = adopted;
        subscriptions.start(adopted);
        created.complete(adopted);
    }

    private static CommandException left() {
        return new CommandException(ErrorType.CANCELLED, "The stream ended before it had begun");
    }

    /** When the server has it; fails if it does not grant it. */
    CompletableFuture<ManagedSubscription> created() {
        return created;
    }

    void join(StreamMember member) {
        member.toldAt(ticker.read());
        members.add(member);
    }

    /**
     * Gives a stream its items: those that others have, with the value that they brought last, and new ones for the rest.
     *
     * @return one for each, in their order; fails if the server could not be asked
     */
    CompletableFuture<List<MonitoredItemResult>> follow(StreamMember member, List<StreamHub.Wanted> wanted) {
        ManagedSubscription subscription = managed;
        if (subscription == null || !members.contains(member)) {
            throw left();
        }
        CompletableFuture<List<MonitoredItemResult>> results = items.follow(subscription, member, wanted);
        int known = 0;
        for (SharedItem item : member.items()) {
            DataValue last = item.last();
            if (last != null) {
                known++;
                for (SharedItem.Follower follower : item.followers()) {
                    if (follower.member() == member) {
                        boolean unused = member.collect(
                                new Notification.DataChange(follower.clientHandle(), last), wanted.size());
                    }
                }
            }
        }
        if (known > 0) {
            member.flush(subscription.id(), subscription.epoch(), lastPublishTime, OBJECTS * 4, ticker.read());
        }
        return results;
    }

    /** A stream has ended, or came to nothing. */
    void leave(StreamMember member) {
        if (!members.remove(member) || gone) {
            return;
        }
        ManagedSubscription subscription = managed;
        if (members.isEmpty()) {
            retire();
            items.fail(left());
            if (subscription != null) {
                subscriptions.drop(List.of(subscription));
            }
        } else if (subscription != null) {
            items.leave(subscription, member);
        }
    }

    private void retire() {
        if (!gone) {
            gone = true;
            decoding.clear();
            onGone.accept(this);
        }
    }

    @Override
    public void message(ManagedSubscription subscription, Message message) {
        boolean unused = subscription.acknowledge(message.epoch(), message.sequenceNumber());
        List<UaStructuredType> decoded;
        try {
            decoded = NotificationData.decode(message.data(), session.encodingContext());
        } catch (CommandException e) {
            lost(subscription, message, e);
            return;
        }
        decoding.add(types.prepared(session, NotificationData.values(decoded)), message.bytes(), found -> {
            try {
                distribute(subscription, message, decoded, found);
            } catch (RuntimeException e) {
                lost(subscription, message, e);
            }
        });
    }

    private void lost(ManagedSubscription subscription, Message message, RuntimeException why) {
        LOG.warn(
                "Message {} of subscription {} on {} could not be understood: {}",
                message.sequenceNumber(),
                subscription.id(),
                session.server(),
                why.toString());
        gap(
                subscription,
                new Gap(
                        message.publishTime(),
                        message.publishTime(),
                        "a message of the server could not be understood"));
    }

    private void distribute(
            ManagedSubscription subscription, Message message, List<UaStructuredType> decoded, ServerTypes found) {
        lastPublishTime = message.publishTime();
        List<StreamMember> concerned = new ArrayList<>(members.size());
        int count = 0;
        for (UaStructuredType data : decoded) {
            if (data instanceof DataChangeNotification changes && changes.getMonitoredItems() != null) {
                count += changes.getMonitoredItems().length;
                for (MonitoredItemNotification change : changes.getMonitoredItems()) {
                    if (change != null) {
                        collect(change, found, count, concerned);
                    }
                }
            } else if (data instanceof EventNotificationList events && events.getEvents() != null) {
                count += events.getEvents().length;
                for (EventFieldList event : events.getEvents()) {
                    if (event != null) {
                        collect(event, found, count, concerned);
                    }
                }
            }
        }
        long bytesEach = OBJECTS + DECODED * message.bytes() / Math.max(1, count);
        long now = ticker.read();
        for (StreamMember member : concerned) {
            member.flush(subscription.id(), message.epoch(), message.publishTime(), bytesEach, now);
        }
        if (concerned.size() < members.size()) {
            keepAliveToTheQuiet(subscription, now);
        }
    }

    private void collect(
            MonitoredItemNotification change, ServerTypes found, int expected, List<StreamMember> concerned) {
        SharedItem item = items.find(change.getClientHandle());
        if (item == null) {
            return;
        }
        DataValue value = TypeMapper.toWire(change.getValue(), found);
        item.last(value);
        for (SharedItem.Follower follower : item.followers()) {
            StreamMember member = follower.member();
            if (member.collect(new Notification.DataChange(follower.clientHandle(), value), expected)) {
                concerned.add(member);
            }
        }
    }

    private void collect(EventFieldList event, ServerTypes found, int expected, List<StreamMember> concerned) {
        SharedItem item = items.find(event.getClientHandle());
        if (item == null) {
            return;
        }
        var sent = event.getEventFields();
        List<Variant> fields = sent == null
                ? List.of()
                : Arrays.stream(sent)
                        .map(field -> TypeMapper.toWire(field, found))
                        .toList();
        for (SharedItem.Follower follower : item.followers()) {
            StreamMember member = follower.member();
            if (member.collect(new Notification.Event(follower.clientHandle(), fields), expected)) {
                concerned.add(member);
            }
        }
    }

    /** The server sends no keep-alives while others' items change. */
    private void keepAliveToTheQuiet(ManagedSubscription subscription, long now) {
        long patience = subscription.granted().keepAliveTime().toNanos();
        for (StreamMember member : List.copyOf(members)) {
            if (now - member.toldAt() >= patience) {
                member.toldAt(now);
                member.stream().keepAlive();
            }
        }
    }

    @Override
    public void gap(ManagedSubscription subscription, Gap gap) {
        decoding.add(() -> tell(stream -> stream.gap(gap)));
    }

    @Override
    public void keepAlive(ManagedSubscription subscription) {
        decoding.add(() -> {
            long now = ticker.read();
            members.forEach(member -> member.toldAt(now));
            tell(NotificationStream::keepAlive);
        });
    }

    @Override
    public void state(ManagedSubscription subscription, SubscriptionState state, String reason) {
        decoding.add(() -> tell(stream -> stream.state(state, reason)));
        if (state == SubscriptionState.LIVE) {
            items.deleteLeftovers(subscription);
        }
    }

    @Override
    public void ended(ManagedSubscription subscription, String why) {
        end(OpcUaErrors.service("The subscription is gone: " + why, StatusCodes.Bad_SubscriptionIdInvalid));
    }

    @Override
    public void closed(ManagedSubscription subscription) {
        end(new CommandException(ErrorType.CONNECTION, "The session was closed"));
    }

    private void end(CommandException error) {
        managed = null;
        decoding.add(() -> tell(stream -> stream.end(StreamHub.error(error))));
        retire();
        items.fail(error);
    }

    private void tell(Consumer<NotificationStream> what) {
        for (StreamMember member : List.copyOf(members)) {
            what.accept(member.stream());
        }
    }
}

package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one handle has in its session: subscriptions, messages that wait for readers, readers that wait for messages.
 *
 * <p>Invariants: no reader waits while the mailbox has a message for it, and none waits for what can never come: every
 * change here answers the readers that it concerns. A subscription that ended without the handle's doing is told of once,
 * by the next reader's error.
 *
 * <p>Confined to the session's event loop.
 */
final class HandleSubscriptions implements SubscriptionConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(HandleSubscriptions.class);
    private static final int MAX_ENDED = 64;

    private final String handleId;
    private final Map<Long, ManagedSubscription> live = new LinkedHashMap<>(2);
    private final Map<Long, String> ended = new LinkedHashMap<>(2);
    private final Mailbox mailbox = new Mailbox();
    private final Deque<Reader> readers = new ArrayDeque<>(2);

    /** @param handleId for the log */
    HandleSubscriptions(String handleId) {
        this.handleId = handleId;
    }

    /** Oldest first. */
    Collection<ManagedSubscription> live() {
        return live.values();
    }

    int readers() {
        return readers.size();
    }

    Mailbox mailbox() {
        return mailbox;
    }

    @Nullable
    ManagedSubscription find(long id) {
        return live.get(id);
    }

    void add(ManagedSubscription subscription) {
        live.put(subscription.id(), subscription);
        ended.remove(subscription.id());
    }

    /** The subscription of this id, for a service that needs one. */
    ManagedSubscription require(long id) {
        ManagedSubscription subscription = live.get(id);
        if (subscription == null) {
            throw unknown(id, ended.get(id));
        }
        return subscription;
    }

    /** An id that this handle does not have, whoever else may have it. */
    static CommandException unknown(long id, @Nullable String why) {
        return OpcUaErrors.service(
                "There is no subscription " + id + " of this session" + (why == null ? "" : " any more: " + why),
                StatusCodes.Bad_SubscriptionIdInvalid);
    }

    static CommandException none() {
        return OpcUaErrors.service("This session has no subscription", StatusCodes.Bad_NoSubscription);
    }

    /** The handle's own doing: nothing of the subscription is left, messages neither. */
    List<Message> remove(ManagedSubscription subscription) {
        live.remove(subscription.id(), subscription);
        List<Message> messages = mailbox.takeAll(subscription);
        failReadersInVain();
        return messages;
    }

    @Override
    public void message(ManagedSubscription subscription, Message message) {
        deliver(subscription, message);
    }

    @Override
    public void ended(ManagedSubscription subscription, String why) {
        lose(List.of(subscription), why);
    }

    /** Readers are told by {@link SessionMailboxes#closed}. */
    @Override
    public void closed(ManagedSubscription subscription) {
        live.remove(subscription.id(), subscription);
    }

    /** Somebody else's doing: readers are told of all of them at once, after the messages that came before. */
    void lose(Collection<ManagedSubscription> subscriptions, String why) {
        for (ManagedSubscription subscription : subscriptions) {
            live.remove(subscription.id(), subscription);
            if (ended.size() >= MAX_ENDED) {
                ended.remove(ended.keySet().iterator().next());
            }
            ended.put(subscription.id(), why);
            LOG.info("Subscription {} of session {} is gone: {}", subscription.id(), handleId, why);
        }
        failReadersInVain();
    }

    /** Gives a message to the reader that waits longest for such a one, else keeps it. */
    void deliver(ManagedSubscription subscription, Message message) {
        Reader reader = firstWaiting(subscription);
        if (reader != null) {
            reader.give(delivery(subscription, message));
        } else if (!mailbox.put(subscription, message) && mailbox.dropped() == 1) {
            LOG.warn(
                    "Nobody reads the subscriptions of session {}: the oldest of more than {} messages are dropped",
                    handleId,
                    mailbox.size());
        }
    }

    /** A keep-alive is news only to somebody who waits. */
    @Override
    public void keepAlive(ManagedSubscription subscription) {
        Reader reader = firstWaiting(subscription);
        if (reader != null) {
            reader.give(quiet(subscription));
        }
    }

    /** Answers from the mailbox, or with what is in the way of an answer; else the reader waits from now on. */
    void admit(Reader reader) {
        Mailbox.Waiting next = mailbox.take(reader::wants);
        if (next != null) {
            reader.give(delivery(next.subscription(), next.message()));
            return;
        }
        CommandException obstacle = obstacle(reader.subscriptionIds());
        if (obstacle != null) {
            reader.fail(obstacle);
        } else {
            readers.addLast(reader);
        }
    }

    /** Nothing came in time: what a keep-alive of the oldest subscription would say. */
    void endQuietly(Reader reader) {
        if (readers.remove(reader)) {
            for (ManagedSubscription subscription : live.values()) {
                if (reader.wants(subscription)) {
                    reader.give(quiet(subscription));
                    return;
                }
            }
            reader.fail(none());
        }
    }

    /** Fails one reader, if it still waits. */
    void fail(Reader reader, CommandException cause) {
        if (readers.remove(reader)) {
            reader.fail(cause);
        }
    }

    /** Fails the reader that this answer is for, if it still waits. */
    void withdraw(CompletableFuture<Delivery> answer, CommandException cause) {
        for (Reader reader : List.copyOf(readers)) {
            if (reader.answer() == answer) {
                fail(reader, cause);
            }
        }
    }

    void failReaders(CommandException cause) {
        List<Reader> failing = List.copyOf(readers);
        readers.clear();
        failing.forEach(reader -> reader.fail(cause));
    }

    private static Delivery delivery(ManagedSubscription subscription, Message message) {
        return new Delivery(
                subscription.id(),
                message.sequenceNumber(),
                message.moreNotifications(),
                message.data(),
                subscription.available());
    }

    private static Delivery quiet(ManagedSubscription subscription) {
        return new Delivery(
                subscription.id(), subscription.nextSequenceNumber(), false, List.of(), subscription.available());
    }

    private @Nullable Reader firstWaiting(ManagedSubscription subscription) {
        for (Reader reader : readers) {
            if (reader.wants(subscription)) {
                readers.remove(reader);
                return reader;
            }
        }
        return null;
    }

    private void failReadersInVain() {
        for (Reader reader : new ArrayList<>(readers)) {
            CommandException obstacle = obstacle(reader.subscriptionIds());
            if (obstacle != null) {
                fail(reader, obstacle);
            }
        }
    }

    /** Why nothing will come for these subscriptions (null = all), or what has to be said before; null if all is well. */
    private @Nullable CommandException obstacle(@Nullable Set<Long> subscriptionIds) {
        if (subscriptionIds != null) {
            for (Long id : subscriptionIds) {
                if (!live.containsKey(id)) {
                    return unknown(id, ended.remove(id));
                }
            }
            return null;
        }
        if (ended.isEmpty()) {
            return live.isEmpty() ? none() : null;
        }
        String gone = ended.entrySet().stream()
                .map(subscription -> "subscription " + subscription.getKey() + " is gone: " + subscription.getValue())
                .collect(Collectors.joining("; "));
        ended.clear();
        return live.isEmpty()
                ? OpcUaErrors.service("No subscription is left; " + gone, StatusCodes.Bad_NoSubscription)
                : OpcUaErrors.service("Of several subscriptions, " + gone, StatusCodes.Bad_SubscriptionIdInvalid);
    }
}

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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one handle has in its session: a mailbox for each subscription, and readers that wait for messages. A reader gets
 * the message that arrived first in any of the mailboxes that it wants; a message goes to the reader that waits longest.
 *
 * <p>Invariants: no reader waits while a mailbox has a message for it, and none waits for what can never come: every
 * change here answers the readers that it concerns. A subscription that ended without the handle's doing is told of once,
 * by the next reader's error, after the messages that came before.
 *
 * <p>Confined to the session's event loop.
 */
final class HandleSubscriptions implements SubscriptionConsumer, ListedConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(HandleSubscriptions.class);
    private static final int MAX_ENDED = 64;

    private final String handleId;
    private final MailboxServices services;
    private final Map<Long, Mailbox> live = new LinkedHashMap<>(2);
    private final Map<Long, Ended> ended = new LinkedHashMap<>(2);
    private final Deque<Reader> readers = new ArrayDeque<>(2);

    /** Why a subscription is over, and the messages that had come. */
    private record Ended(Mailbox mailbox, String why) {}

    /** @param handleId 32 hex digits */
    HandleSubscriptions(String handleId, MailboxServices services) {
        this.handleId = handleId;
        this.services = services;
    }

    /** Oldest first. */
    List<ManagedSubscription> live() {
        return live.values().stream().map(Mailbox::subscription).toList();
    }

    int readers() {
        return readers.size();
    }

    @Nullable
    ManagedSubscription find(long id) {
        Mailbox mailbox = live.get(id);
        return mailbox == null ? null : mailbox.subscription();
    }

    /** It has nothing in its mailbox yet. */
    void add(ManagedSubscription subscription) {
        Mailbox mailbox = services.memory().mailbox(handleId, subscription, services.bounds(), services.loop());
        mailbox.rewriteJournal();
        add(mailbox);
    }

    /** What an earlier daemon had in its mailbox waits. */
    void restore(ManagedSubscription subscription, MailboxJournal.Held held) {
        Mailbox mailbox = services.memory().mailbox(handleId, subscription, services.bounds(), services.loop());
        mailbox.goOn(held.state(), held.entries());
        mailbox.rewriteJournal();
        add(mailbox);
    }

    /** Another handle had it. */
    void takeOver(Mailbox mailbox) {
        ManagedSubscription subscription = mailbox.subscription();
        mailbox.moveTo(services.memory().journal(handleId, subscription.id(), services.loop(), () -> mailbox));
        subscription.consumedBy(this);
        add(mailbox);
        serve(subscription);
    }

    private void add(Mailbox mailbox) {
        long id = mailbox.subscription().id();
        forget(ended.remove(id));
        live.put(id, mailbox);
        mailbox.asked(services.now());
    }

    /** The subscription of this id, for a service that needs one. */
    ManagedSubscription require(long id) {
        Mailbox mailbox = live.get(id);
        if (mailbox == null) {
            Ended over = ended.get(id);
            throw unknown(id, over == null ? null : over.why());
        }
        mailbox.asked(services.now());
        return mailbox.subscription();
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
    void remove(ManagedSubscription subscription) {
        Mailbox mailbox = take(subscription);
        if (mailbox != null) {
            end(mailbox);
            mailbox.close();
            failReadersInVain();
        }
    }

    /** Another handle takes it over; readers are told. Null if it is not here. */
    @Nullable
    Mailbox giveAway(ManagedSubscription subscription, String why) {
        Mailbox mailbox = take(subscription);
        if (mailbox != null) {
            services.memory().forget(handleId, subscription.id());
            Mailbox nothingLeft = new Mailbox(subscription, services.bounds(), new MailboxJournal(null));
            over(nothingLeft, why);
            failReadersInVain();
        }
        return mailbox;
    }

    /** Null for one that is not here, or no longer: another one may have its id. */
    private @Nullable Mailbox of(ManagedSubscription subscription) {
        Mailbox mailbox = live.get(subscription.id());
        return mailbox != null && mailbox.subscription() == subscription ? mailbox : null;
    }

    private @Nullable Mailbox take(ManagedSubscription subscription) {
        Mailbox mailbox = of(subscription);
        if (mailbox != null) {
            live.remove(subscription.id());
        }
        return mailbox;
    }

    /** Nothing of it outlasts the daemon. */
    private void end(Mailbox mailbox) {
        mailbox.journal().remove();
        services.memory().forget(handleId, mailbox.subscription().id());
    }

    private static void forget(@Nullable Ended over) {
        if (over != null) {
            over.mailbox().close();
        }
    }

    // ---- what the subscriptions bring

    /** To the reader that waits longest for such a one, else it waits. */
    @Override
    public void message(ManagedSubscription subscription, Message message) {
        Mailbox mailbox = of(subscription);
        if (mailbox != null) {
            boolean firstDrop = mailbox.dropped() == 0;
            mailbox.put(services.nextArrival(), message);
            if (firstDrop && mailbox.dropped() > 0) {
                LOG.warn(
                        "Nobody reads subscription {} of session {}: there is no room for more than {} messages, and the"
                                + " oldest are dropped",
                        subscription.id(),
                        handleId,
                        mailbox.waiting());
            }
            serve(subscription);
        }
    }

    @Override
    public void gap(ManagedSubscription subscription, Gap gap) {
        Mailbox mailbox = of(subscription);
        if (mailbox != null) {
            mailbox.gap(gap);
            services.changed(handleId, subscription);
        }
    }

    @Override
    public void state(ManagedSubscription subscription, SubscriptionState state, String reason) {
        services.changed(handleId, subscription);
    }

    /** A keep-alive is news only to somebody who waits. */
    @Override
    public void keepAlive(ManagedSubscription subscription) {
        Mailbox mailbox = of(subscription);
        Reader reader = mailbox == null ? null : takeFirstWaiting(subscription);
        if (mailbox != null && reader != null) {
            reader.give(mailbox.quiet());
        }
    }

    @Override
    public void ended(ManagedSubscription subscription, String why) {
        Mailbox mailbox = take(subscription);
        if (mailbox != null) {
            LOG.info("Subscription {} of session {} is gone: {}", subscription.id(), handleId, why);
            end(mailbox);
            over(mailbox, why);
            // Several end at once where the server has none any more: readers are told of all of them.
            services.soon(this::failReadersInVain);
        }
    }

    /** Readers are told by {@link SessionMailboxes#closed}; the next daemon may go on with it. */
    @Override
    public void closed(ManagedSubscription subscription) {
        Mailbox mailbox = take(subscription);
        if (mailbox != null) {
            mailbox.journal().close();
            services.memory().write(handleId, subscription.remembered());
            mailbox.close();
        }
    }

    private void over(Mailbox mailbox, String why) {
        if (ended.size() >= MAX_ENDED) {
            forget(ended.remove(ended.keySet().iterator().next()));
        }
        ended.put(mailbox.subscription().id(), new Ended(mailbox, why));
    }

    // ---- readers

    /** Answers from a mailbox, or with what is in the way of an answer; else the reader waits from now on. */
    void admit(Reader reader) {
        long now = services.now();
        for (Mailbox mailbox : wantedBy(reader)) {
            mailbox.asked(now);
            if (!reader.acknowledges()) {
                mailbox.takeBackOverdue(now);
            }
        }
        if (giveFirst(reader)) {
            return;
        }
        CommandException obstacle = obstacle(reader.subscriptionIds());
        if (obstacle != null) {
            reader.fail(obstacle);
        } else {
            readers.addLast(reader);
        }
    }

    /** A reader has messages; of what makes no sense nothing comes. */
    void acknowledge(Acknowledgement acknowledgement) {
        long id = acknowledgement.subscriptionId();
        Ended over = ended.get(id);
        Mailbox mailbox = over == null ? live.get(id) : over.mailbox();
        if (mailbox == null || !mailbox.acknowledge(acknowledgement)) {
            LOG.debug(
                    "Ignored the acknowledgement of message {} of subscription {}",
                    acknowledgement.sequenceNumber(),
                    id);
        }
    }

    /** A message that is here; null if the server must be asked. */
    @Nullable
    Message find(long subscriptionId, long sequenceNumber) {
        Mailbox mailbox = live.get(subscriptionId);
        return mailbox == null ? null : mailbox.find(sequenceNumber);
    }

    /** What the readers of a subscription can have again. */
    List<Long> available(long subscriptionId) {
        Mailbox mailbox = live.get(subscriptionId);
        return mailbox == null ? List.of() : mailbox.available();
    }

    /** Nothing came in time: what a keep-alive of the oldest subscription would say. */
    void endQuietly(Reader reader) {
        if (readers.remove(reader)) {
            long now = services.now();
            Delivery quiet = null;
            for (Mailbox mailbox : live.values()) {
                if (reader.wants(mailbox.subscription())) {
                    mailbox.asked(now);
                    quiet = quiet == null ? mailbox.quiet() : quiet;
                }
            }
            if (quiet == null) {
                reader.fail(none());
            } else {
                reader.give(quiet);
            }
        }
    }

    /** Fails one reader, if it still waits. */
    void fail(Reader reader, CommandException cause) {
        if (readers.remove(reader)) {
            reader.fail(cause);
        }
    }

    /** Nobody reads this answer: a reader that waits for it fails, a message that was given with it waits again. */
    void withdraw(CompletableFuture<Delivery> answer, CommandException cause) {
        if (answer.isDone()) {
            Delivery given = answer.isCompletedExceptionally() ? null : answer.join();
            if (given != null && given.receipt() != null) {
                takeBack(given);
            }
            return;
        }
        for (Reader reader : List.copyOf(readers)) {
            if (reader.answer() == answer) {
                fail(reader, cause);
            }
        }
    }

    private void takeBack(Delivery given) {
        for (Mailbox mailbox : all()) {
            if (mailbox.subscription().id() == given.subscriptionId()
                    && given.receipt() != null
                    && mailbox.takeBack(given.receipt())) {
                serve(mailbox.subscription());
            }
        }
    }

    /** A kept connection ended: what was given on it waits again. */
    void connectionEnded(long connection) {
        for (Mailbox mailbox : all()) {
            if (mailbox.takeBackFrom(connection)) {
                serve(mailbox.subscription());
            }
        }
    }

    void failReaders(CommandException cause) {
        List<Reader> failing = List.copyOf(readers);
        readers.clear();
        failing.forEach(reader -> reader.fail(cause));
    }

    /** Those that nobody has asked for their messages for as long as they may last so. */
    List<ManagedSubscription> unasked() {
        long now = services.now();
        for (Reader reader : readers) {
            wantedBy(reader).forEach(mailbox -> mailbox.asked(now));
        }
        return live.values().stream()
                .filter(mailbox -> mailbox.unasked(now)
                                .compareTo(mailbox.subscription().granted().lifetime())
                        >= 0)
                .map(Mailbox::subscription)
                .toList();
    }

    /** Nobody wanted its messages; the next reader is told. */
    void expire(ManagedSubscription subscription) {
        Mailbox mailbox = take(subscription);
        if (mailbox != null) {
            String why = "nobody asked for its messages for "
                    + subscription.granted().lifetime().toSeconds() + " s, its lifetime";
            LOG.info(
                    "Subscription {} of session {} is deleted: {}; {} messages were waiting",
                    subscription.id(),
                    handleId,
                    why,
                    mailbox.waiting());
            end(mailbox);
            mailbox.close();
            over(new Mailbox(subscription, services.bounds(), new MailboxJournal(null)), why);
            failReadersInVain();
        }
    }

    /** The handle is over; nothing of it is left. */
    void close() {
        for (Mailbox mailbox : live.values()) {
            end(mailbox);
            mailbox.close();
        }
        live.clear();
        ended.values().forEach(HandleSubscriptions::forget);
        ended.clear();
    }

    /** Nothing here is needed any more; the next daemon may go on with it. */
    void leave() {
        ended.values().forEach(HandleSubscriptions::forget);
        ended.clear();
    }

    // ---- for the list

    @Override
    public Collection<String> handleIds() {
        return List.of(handleId);
    }

    @Override
    public String kind() {
        return "mailbox";
    }

    @Override
    public Holding holding(ManagedSubscription subscription) {
        Mailbox mailbox = of(subscription);
        return mailbox == null ? Holding.NOTHING : new Holding(mailbox.waiting(), mailbox.given(), mailbox.dropped());
    }

    // ---- who gets what

    private List<Mailbox> all() {
        List<Mailbox> all = new ArrayList<>(live.values());
        ended.values().forEach(over -> all.add(over.mailbox()));
        return all;
    }

    private List<Mailbox> wantedBy(Reader reader) {
        return all().stream()
                .filter(mailbox -> reader.wants(mailbox.subscription()))
                .toList();
    }

    /** Gives messages of a subscription to readers, as long as there are both. */
    private void serve(ManagedSubscription subscription) {
        Reader reader = firstWaiting(each -> each.wants(subscription));
        while (reader != null && giveFirst(reader)) {
            readers.remove(reader);
            reader = firstWaiting(each -> each.wants(subscription));
        }
    }

    /** Gives a reader the message that arrived first of those that it wants; false if there is none. */
    private boolean giveFirst(Reader reader) {
        Mailbox first = null;
        MailboxEntry oldest = null;
        int withMessages = 0;
        for (Mailbox mailbox : wantedBy(reader)) {
            MailboxEntry entry = mailbox.firstWaiting();
            if (entry != null) {
                withMessages++;
                if (oldest == null || entry.arrival() < oldest.arrival()) {
                    oldest = entry;
                    first = mailbox;
                }
            }
        }
        if (first == null || oldest == null) {
            return false;
        }
        Delivery delivery = first.give(oldest, reader.connection(), services.now(), withMessages > 1);
        if (!reader.give(delivery) && delivery.receipt() != null) {
            first.takeBack(delivery.receipt());
        }
        return true;
    }

    private @Nullable Reader firstWaiting(Predicate<Reader> which) {
        for (Reader reader : readers) {
            if (which.test(reader)) {
                return reader;
            }
        }
        return null;
    }

    private @Nullable Reader takeFirstWaiting(ManagedSubscription subscription) {
        Reader reader = firstWaiting(each -> each.wants(subscription));
        if (reader != null) {
            readers.remove(reader);
        }
        return reader;
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
                    Ended over = ended.remove(id);
                    forget(over);
                    return unknown(id, over == null ? null : over.why());
                }
            }
            return null;
        }
        if (ended.isEmpty()) {
            return live.isEmpty() ? none() : null;
        }
        String gone = ended.entrySet().stream()
                .map(subscription -> "subscription " + subscription.getKey() + " is gone: "
                        + subscription.getValue().why())
                .collect(Collectors.joining("; "));
        ended.values().forEach(HandleSubscriptions::forget);
        ended.clear();
        return live.isEmpty()
                ? OpcUaErrors.service("No subscription is left; " + gone, StatusCodes.Bad_NoSubscription)
                : OpcUaErrors.service("Of several subscriptions, " + gone, StatusCodes.Bad_SubscriptionIdInvalid);
    }
}

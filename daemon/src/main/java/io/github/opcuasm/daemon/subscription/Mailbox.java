package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one subscription for readers that come and go. A message <em>waits</em> until it is <em>given</em> to a
 * reader, and is gone when it is acknowledged. What was given and not acknowledged may wait again, in its place: when the
 * kept connection that it was given on ends, when its answer could not be written, or, for readers whose connections end
 * with each answer, when one comes that acknowledges nothing {@link #PATIENCE} later, though messages of this subscription
 * are acknowledged at times.
 *
 * <p>It is bounded ({@link MailboxBounds}). Where there is no room for a message, those go that were given, oldest first
 * and without a word; then those that wait, oldest first, which the next one says. A gap stands before the message that
 * follows it, and stays when that one is dropped.
 *
 * <p>The server keeps a message until a reader acknowledged it; where there is a journal, until it is in that.
 *
 * <p>Invariants: an entry is in exactly one of {@code waiting} and {@code given}, by its arrival; {@code byNumber} has the
 * same ones; {@code bytes} is their sum and counted in the bounds.
 *
 * <p>Confined to the session's event loop.
 */
final class Mailbox {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    /** So many are told of at most, the newest. */
    static final int MAX_AVAILABLE = 1_000;

    private final ManagedSubscription subscription;
    private final MailboxBounds bounds;
    private MailboxJournal journal;
    private final NavigableMap<Long, MailboxEntry> waiting = new TreeMap<>();
    private final NavigableMap<Long, MailboxEntry> given = new TreeMap<>();
    private final Map<Identity, MailboxEntry> byNumber = new HashMap<>(2);
    private final Deque<MailboxEntry> unwritten = new ArrayDeque<>(0);
    private long bytes;
    private long dropped;
    private long pendingDropped;
    private @Nullable Gap pendingGap;
    private boolean everAcknowledged;
    private long epoch;
    private @Nullable Long expected;
    private long askedAt;

    /** What a message is known by. */
    private record Identity(long epoch, long sequenceNumber) {}

    Mailbox(ManagedSubscription subscription, MailboxBounds bounds, MailboxJournal journal) {
        this.subscription = subscription;
        this.bounds = bounds;
        this.journal = journal;
        bounds.begin();
    }

    ManagedSubscription subscription() {
        return subscription;
    }

    MailboxJournal journal() {
        return journal;
    }

    /** A message came. */
    void put(long arrival, Message message) {
        Identity number = new Identity(message.epoch(), message.sequenceNumber());
        if (byNumber.containsKey(number)) {
            return;
        }
        epoch = message.epoch();
        expected = ManagedSubscription.after(message.sequenceNumber());
        if (!makeRoom(message.bytes())) {
            dropped++;
            pendingDropped++;
            journal.skipped(message, pendingDropped, pendingGap);
            return;
        }
        MailboxEntry entry = new MailboxEntry(arrival, message, pendingDropped, pendingGap);
        pendingDropped = 0;
        pendingGap = null;
        add(entry, waiting);
        if (journal.put(entry)) {
            unwritten.addLast(entry);
        }
        journal.living(bytes);
    }

    /** Something may be missing before the next message. */
    void gap(Gap gap) {
        pendingGap = joined(pendingGap, gap);
        journal.pending(pendingDropped, pendingGap);
    }

    /** The oldest message that waits; null if none does. */
    @Nullable
    MailboxEntry firstWaiting() {
        Map.Entry<Long, MailboxEntry> first = waiting.firstEntry();
        return first == null ? null : first.getValue();
    }

    /**
     * Gives {@link #firstWaiting} to a reader.
     *
     * @param more whether another one waits for it in another mailbox
     */
    Delivery give(MailboxEntry entry, @Nullable Long connection, long now, boolean more) {
        waiting.remove(entry.arrival());
        given.put(entry.arrival(), entry);
        entry.given(now, connection);
        Message message = entry.message();
        return new Delivery(
                subscription.id(),
                message.sequenceNumber(),
                more || !waiting.isEmpty() || message.moreNotifications(),
                message.data(),
                available(),
                message.epoch(),
                entry.droppedBefore(),
                entry.gapBefore(),
                new Delivery.Receipt(entry.arrival(), entry.timesGiven()));
    }

    /** What a keep-alive says. */
    Delivery quiet() {
        return new Delivery(
                subscription.id(),
                subscription.nextSequenceNumber(),
                false,
                List.of(),
                available(),
                subscription.epoch(),
                0,
                pendingGap,
                null);
    }

    /** A reader was not told of a message that it was given: it waits again. False if that was another giving. */
    boolean takeBack(Delivery.Receipt receipt) {
        MailboxEntry entry = given.get(receipt.arrival());
        return entry != null && entry.timesGiven() == receipt.times() && takeBackIf(each -> each == entry);
    }

    /** What was given on a kept connection waits again; says whether anything does. */
    boolean takeBackFrom(long connection) {
        return takeBackIf(entry -> entry.connection() != null && entry.connection() == connection);
    }

    /** A reader comes that acknowledges nothing: what others have had for long without acknowledging it waits again. */
    void takeBackOverdue(long now) {
        if (everAcknowledged) {
            takeBackIf(entry -> entry.connection() == null && now - entry.givenAt() >= PATIENCE.toNanos());
        }
    }

    private boolean takeBackIf(Predicate<MailboxEntry> which) {
        List<MailboxEntry> back = given.values().stream().filter(which).toList();
        for (MailboxEntry entry : back) {
            given.remove(entry.arrival());
            waiting.put(entry.arrival(), entry);
        }
        return !back.isEmpty();
    }

    /**
     * A reader has a message.
     *
     * @return false if no reader can have got it
     */
    boolean acknowledge(Acknowledgement acknowledgement) {
        long number = acknowledgement.sequenceNumber();
        MailboxEntry entry = entryFor(acknowledgement);
        if (entry != null) {
            if (!entry.mayHaveBeenGiven()) {
                return false;
            }
            everAcknowledged = true;
            remove(entry);
            journal.acknowledged(entry);
            journal.living(bytes);
            tellServer(entry);
            return true;
        }
        // It had to make room; the server may have it still.
        Long epoch = acknowledgement.epoch();
        if ((epoch == null || epoch == subscription.epoch())
                && subscription.available().contains(number)) {
            everAcknowledged = true;
            return subscription.acknowledge(subscription.epoch(), number);
        }
        return false;
    }

    private @Nullable MailboxEntry entryFor(Acknowledgement acknowledgement) {
        Long epoch = acknowledgement.epoch();
        if (epoch != null) {
            return byNumber.get(new Identity(epoch, acknowledgement.sequenceNumber()));
        }
        MailboxEntry oldest = null;
        for (long each = lowestEpoch(); each <= subscription.epoch(); each++) {
            MailboxEntry entry = byNumber.get(new Identity(each, acknowledgement.sequenceNumber()));
            if (entry != null && entry.mayHaveBeenGiven()) {
                return entry;
            }
            oldest = oldest == null ? entry : oldest;
        }
        return oldest;
    }

    private long lowestEpoch() {
        long lowest = subscription.epoch();
        for (NavigableMap<Long, MailboxEntry> entries : List.of(waiting, given)) {
            if (!entries.isEmpty()) {
                lowest = Math.min(
                        lowest, entries.firstEntry().getValue().message().epoch());
            }
        }
        return lowest;
    }

    /** A message that is here, of the newest epoch that has one of this number; null if there is none. */
    @Nullable
    Message find(long sequenceNumber) {
        for (long epoch = subscription.epoch(); epoch >= lowestEpoch(); epoch--) {
            MailboxEntry entry = byNumber.get(new Identity(epoch, sequenceNumber));
            if (entry != null) {
                return entry.message();
            }
        }
        return null;
    }

    /** What readers can have again: it was given, or is only at the server, and was not acknowledged. */
    List<Long> available() {
        Set<Long> numbers = new TreeSet<>();
        long epoch = subscription.epoch();
        for (MailboxEntry entry : given.descendingMap().values()) {
            if (numbers.size() >= MAX_AVAILABLE) {
                break;
            }
            if (entry.message().epoch() == epoch) {
                numbers.add(entry.message().sequenceNumber());
            }
        }
        for (Long number : subscription.available()) {
            MailboxEntry here = byNumber.get(new Identity(epoch, number));
            if (here == null || given.containsKey(here.arrival())) {
                numbers.add(number);
            }
        }
        List<Long> sorted = List.copyOf(numbers);
        return sorted.size() <= MAX_AVAILABLE
                ? sorted
                : List.copyOf(sorted.subList(sorted.size() - MAX_AVAILABLE, sorted.size()));
    }

    int waiting() {
        return waiting.size();
    }

    /** Given and not acknowledged. */
    int given() {
        return given.size();
    }

    /** How many messages were dropped that nobody had read. */
    long dropped() {
        return dropped;
    }

    /** Somebody asked for its messages, or for something of it. */
    void asked(long now) {
        askedAt = now;
    }

    /** How long nobody has. */
    Duration unasked(long now) {
        return Duration.ofNanos(Math.max(0, now - askedAt));
    }

    // ---- the journal

    /** All entries up to this one are in the journal: the server need not keep them. */
    void written(long serial) {
        for (MailboxEntry first = unwritten.peekFirst();
                first != null && first.serial() <= serial;
                first = unwritten.peekFirst()) {
            unwritten.removeFirst();
            if (!first.isGone()) {
                tellServer(first);
            }
        }
    }

    /** Writes all that matters to the journal, which has to be begun so. */
    void rewriteJournal() {
        List<MailboxEntry> all = entries();
        long serial = journal.rewrite(state(), all);
        all.forEach(entry -> entry.serial(serial));
        journal.living(bytes);
    }

    /** What is known beside the messages. */
    MailboxState state() {
        return new MailboxState(epoch, expected, everAcknowledged, dropped, pendingDropped, pendingGap);
    }

    /**
     * Goes on with what an earlier daemon had; before anything else is put. All of it waits, whoever may have read it.
     *
     * @param entries oldest first; the server need not keep them
     */
    void goOn(MailboxState before, List<MailboxEntry> entries) {
        everAcknowledged = before.everAcknowledged();
        epoch = before.epoch();
        expected = before.expected();
        dropped = before.dropped();
        for (MailboxEntry entry : entries) {
            entry.restored();
            if (makeRoom(entry.message().bytes())) {
                entry.precededBy(pendingDropped, pendingGap);
                pendingDropped = 0;
                pendingGap = null;
                add(entry, waiting);
            } else {
                dropped++;
                pendingDropped += entry.droppedBefore() + 1;
                pendingGap = joined(pendingGap, entry.gapBefore());
            }
        }
        pendingDropped += before.pendingDropped();
        pendingGap = joined(pendingGap, before.pendingGap());
    }

    /** Another handle has it now, and with it another journal. */
    void moveTo(MailboxJournal other) {
        journal.remove();
        journal = other;
        rewriteJournal();
    }

    /** It holds nothing any more, and nobody will ask for it; what is in its journal stays there. */
    void close() {
        waiting.clear();
        given.clear();
        byNumber.clear();
        unwritten.clear();
        bounds.hold(-bytes);
        bytes = 0;
        bounds.end();
    }

    private List<MailboxEntry> entries() {
        TreeMap<Long, MailboxEntry> all = new TreeMap<>(waiting);
        all.putAll(given);
        return new ArrayList<>(all.values());
    }

    // ---- room

    private boolean makeRoom(long more) {
        while (!bounds.allow(byNumber.size(), bytes, more)) {
            if (!given.isEmpty()) {
                MailboxEntry oldest = given.firstEntry().getValue();
                remove(oldest);
                journal.forgotten(oldest);
            } else if (!waiting.isEmpty()) {
                drop(waiting.firstEntry().getValue());
            } else {
                return false;
            }
        }
        return true;
    }

    private void drop(MailboxEntry entry) {
        remove(entry);
        journal.dropped(entry);
        dropped++;
        long before = entry.droppedBefore() + 1;
        MailboxEntry next = firstWaiting();
        if (next != null) {
            next.precededBy(before, entry.gapBefore());
        } else {
            pendingDropped += before;
            pendingGap = joined(entry.gapBefore(), pendingGap);
        }
    }

    private void add(MailboxEntry entry, NavigableMap<Long, MailboxEntry> where) {
        where.put(entry.arrival(), entry);
        byNumber.put(new Identity(entry.message().epoch(), entry.message().sequenceNumber()), entry);
        bytes += entry.message().bytes();
        bounds.hold(entry.message().bytes());
    }

    private void remove(MailboxEntry entry) {
        waiting.remove(entry.arrival());
        given.remove(entry.arrival());
        byNumber.remove(new Identity(entry.message().epoch(), entry.message().sequenceNumber()));
        bytes -= entry.message().bytes();
        bounds.hold(-entry.message().bytes());
        entry.leave();
    }

    private void tellServer(MailboxEntry entry) {
        Message message = entry.message();
        subscription.acknowledge(message.epoch(), message.sequenceNumber());
    }

    /** Two gaps one behind the other as one; null = none. */
    static @Nullable Gap joined(@Nullable Gap first, @Nullable Gap second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return new Gap(
                earlier(first.from(), second.from()),
                second.to(),
                first.reason().equals(second.reason()) ? first.reason() : first.reason() + "; " + second.reason());
    }

    private static DateTime earlier(DateTime one, DateTime other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}

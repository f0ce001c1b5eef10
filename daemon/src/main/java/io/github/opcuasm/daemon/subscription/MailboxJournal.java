package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.Journal;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import io.github.opcuasm.protocol.type.DateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a {@link Mailbox}, so that the next daemon has it again: messages, and how they leave. Who has read what
 * is not among it. Without a state directory nothing is written. Confined to the session's event loop.
 */
final class MailboxJournal {
    private static final int STATE = 0;
    private static final int MESSAGE = 1;
    private static final int ACKNOWLEDGED = 2;
    private static final int FORGOTTEN = 3;
    private static final int DROPPED = 4;
    private static final int SKIPPED = 5;
    private static final int PENDING = 6;

    private final @Nullable Journal journal;

    /** @param journal null = nothing is written */
    MailboxJournal(@Nullable Journal journal) {
        this.journal = journal;
    }

    /** A message waits now; says whether it will be written. */
    boolean put(MailboxEntry entry) {
        if (journal == null) {
            return false;
        }
        entry.serial(journal.append(message(entry)));
        return true;
    }

    /** A reader has it. */
    void acknowledged(MailboxEntry entry) {
        left(ACKNOWLEDGED, entry);
    }

    /** It had been given, and made room. */
    void forgotten(MailboxEntry entry) {
        left(FORGOTTEN, entry);
    }

    /** It had not been given, and made room. */
    void dropped(MailboxEntry entry) {
        left(DROPPED, entry);
    }

    private void left(int how, MailboxEntry entry) {
        if (journal != null) {
            long epoch = entry.message().epoch();
            long number = entry.message().sequenceNumber();
            journal.append(() ->
                    new PartWriter().number(how).number(epoch).number(number).toBytes());
        }
    }

    /** There was no room for a message. */
    void skipped(Message message, long pendingDropped, @Nullable Gap pendingGap) {
        if (journal != null) {
            long epoch = message.epoch();
            long number = message.sequenceNumber();
            journal.append(() -> {
                PartWriter out = new PartWriter().number(SKIPPED).number(epoch).number(number);
                return gap(out.number(pendingDropped), pendingGap).toBytes();
            });
        }
    }

    /** Stands before the next message. */
    void pending(long pendingDropped, @Nullable Gap pendingGap) {
        if (journal != null) {
            journal.append(() -> gap(new PartWriter().number(PENDING).number(pendingDropped), pendingGap)
                    .toBytes());
        }
    }

    /** Begins it anew; returns the serial of all that is in it. */
    long rewrite(MailboxState state, List<MailboxEntry> entries) {
        if (journal == null) {
            return 0;
        }
        List<Journal.Entry> all = new ArrayList<>(entries.size() + 1);
        all.add(() -> state(state));
        entries.forEach(entry -> all.add(message(entry)));
        return journal.rewrite(all);
    }

    /** So many bytes of messages are in the mailbox. */
    void living(long bytes) {
        if (journal != null) {
            journal.living(bytes);
        }
    }

    /** The daemon ends: what waits is written, and stays. */
    void close() {
        if (journal != null) {
            journal.close();
        }
    }

    /** Nobody will want it. */
    void remove() {
        if (journal != null) {
            journal.remove();
        }
    }

    // ---- as bytes

    /** As the entry is now; encoded later, on another thread. */
    private static Journal.Entry message(MailboxEntry entry) {
        long arrival = entry.arrival();
        Message message = entry.message();
        long droppedBefore = entry.droppedBefore();
        Gap gapBefore = entry.gapBefore();
        return () -> {
            PartWriter out = new PartWriter()
                    .number(MESSAGE)
                    .number(arrival)
                    .number(message.epoch())
                    .number(message.sequenceNumber())
                    .number(message.publishTime().ticks())
                    .flag(message.moreNotifications())
                    .number(droppedBefore);
            gap(out, gapBefore);
            out.number(message.data().size());
            message.data().forEach(object -> StoredExtensionObject.write(out, object));
            return out.toBytes();
        };
    }

    private static byte[] state(MailboxState state) {
        Long expected = state.expected();
        PartWriter out = new PartWriter()
                .number(STATE)
                .number(state.epoch())
                .flag(expected != null)
                .number(expected == null ? 0 : expected)
                .flag(state.everAcknowledged())
                .number(state.dropped())
                .number(state.pendingDropped());
        return gap(out, state.pendingGap()).toBytes();
    }

    private static PartWriter gap(PartWriter out, @Nullable Gap gap) {
        out.flag(gap != null);
        if (gap != null) {
            out.number(gap.from().ticks()).number(gap.to().ticks()).text(gap.reason());
        }
        return out;
    }

    private static @Nullable Gap gap(PartReader in) throws DamagedStateException {
        return in.flag() ? new Gap(new DateTime(in.number()), new DateTime(in.number()), in.text()) : null;
    }

    /**
     * What a mailbox held when its daemon ended.
     *
     * @param entries oldest first
     * @param upTo the publish time of the last message with which the server had told everything; {@link DateTime#NULL} if
     *     none is known
     */
    record Held(MailboxState state, List<MailboxEntry> entries, DateTime upTo) {}

    /**
     * Follows what happened.
     *
     * @throws DamagedStateException if it makes no sense
     */
    static Held replay(List<byte[]> happened) throws DamagedStateException {
        Replay replay = new Replay();
        for (byte[] each : happened) {
            replay.next(new PartReader(each));
        }
        return replay.held();
    }

    /** The mailbox as it was, from its beginning on. */
    private static final class Replay {
        private final TreeMap<Long, MailboxEntry> entries = new TreeMap<>();
        private final Map<List<Long>, Long> arrivals = new HashMap<>();
        private long epoch;
        private @Nullable Long expected;
        private boolean everAcknowledged;
        private long dropped;
        private long pendingDropped;
        private @Nullable Gap pendingGap;
        private DateTime upTo = DateTime.NULL;

        void next(PartReader in) throws DamagedStateException {
            int kind = (int) in.number();
            switch (kind) {
                case STATE -> {
                    epoch = in.number();
                    boolean isExpected = in.flag();
                    long number = in.number();
                    expected = isExpected ? number : null;
                    everAcknowledged = in.flag();
                    dropped = in.number();
                    pendingDropped = in.number();
                    pendingGap = gap(in);
                }
                case MESSAGE -> message(in);
                case ACKNOWLEDGED, FORGOTTEN, DROPPED -> left(kind, in.number(), in.number());
                case SKIPPED -> {
                    epoch = in.number();
                    expected = ManagedSubscription.after(in.number());
                    dropped++;
                    pendingDropped = in.number();
                    pendingGap = gap(in);
                }
                case PENDING -> {
                    pendingDropped = in.number();
                    pendingGap = gap(in);
                }
                default -> throw new DamagedStateException("has an entry of a kind that this version does not know");
            }
            in.end();
        }

        private void message(PartReader in) throws DamagedStateException {
            long arrival = in.number();
            long itsEpoch = in.number();
            long number = in.number();
            DateTime publishTime = new DateTime(in.number());
            boolean more = in.flag();
            long droppedBefore = in.number();
            Gap gapBefore = gap(in);
            List<ExtensionObject> data = new ArrayList<>();
            for (int left = in.count(Long.BYTES); left > 0; left--) {
                ExtensionObject object = StoredExtensionObject.read(in);
                if (object != null) {
                    data.add(object);
                }
            }
            Message message = new Message(itsEpoch, number, publishTime, more, data);
            entries.put(arrival, new MailboxEntry(arrival, message, droppedBefore, gapBefore));
            arrivals.put(List.of(itsEpoch, number), arrival);
            if (itsEpoch >= epoch) {
                epoch = itsEpoch;
                expected = ManagedSubscription.after(number);
            }
            pendingDropped = 0;
            pendingGap = null;
            if (!more && publishTime.compareTo(upTo) > 0) {
                upTo = publishTime;
            }
        }

        private void left(int how, long itsEpoch, long number) {
            Long arrival = arrivals.remove(List.of(itsEpoch, number));
            MailboxEntry entry = arrival == null ? null : entries.remove(arrival);
            if (entry == null) {
                return;
            }
            everAcknowledged |= how == ACKNOWLEDGED;
            if (how == DROPPED) {
                dropped++;
                Map.Entry<Long, MailboxEntry> next = entries.higherEntry(entry.arrival());
                if (next != null) {
                    next.getValue().precededBy(entry.droppedBefore() + 1, entry.gapBefore());
                } else {
                    pendingDropped += entry.droppedBefore() + 1;
                    pendingGap = Mailbox.joined(entry.gapBefore(), pendingGap);
                }
            }
        }

        Held held() {
            return new Held(
                    new MailboxState(epoch, expected, everAcknowledged, dropped, pendingDropped, pendingGap),
                    List.copyOf(entries.values()),
                    upTo);
        }
    }
}

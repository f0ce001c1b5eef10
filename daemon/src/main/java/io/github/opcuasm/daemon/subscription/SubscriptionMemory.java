package io.github.opcuasm.daemon.subscription;

import static java.util.Objects.requireNonNull;

import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.Journal;
import io.github.opcuasm.daemon.state.Journals;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.daemon.state.StateStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps handles' subscriptions in the store, so that the next daemon can go on with them: for each a record of what it is,
 * written when that changes, and a journal of its mailbox, under the same name. They end with the subscription or with its
 * handle, not with the daemon. Thread-safe; without a store it does nothing.
 */
final class SubscriptionMemory {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionMemory.class);
    private static final CompletableFuture<Void> KEPT = CompletableFuture.completedFuture(null);

    private final @Nullable StateStore store;

    /** @param store null = nothing is remembered */
    SubscriptionMemory(@Nullable StateStore store) {
        this.store = store;
    }

    /**
     * What a daemon left of a subscription.
     *
     * @param held by its mailbox
     */
    record Left(SessionHandle handle, RememberedSubscription subscription, MailboxJournal.Held held) {}

    boolean isOn() {
        return store != null;
    }

    /** Writes what a subscription is; completes on the writing thread when that is done, or cannot be now. */
    CompletableFuture<Void> write(String handleId, RememberedSubscription subscription) {
        return store == null
                ? KEPT
                : store.write(
                                SubscriptionRecord.name(handleId, subscription.id()),
                                () -> SubscriptionRecord.parts(subscription))
                        .exceptionally(failure -> null);
    }

    /** Nothing is left of a subscription; its mailbox removes the journal. */
    void forget(String handleId, long id) {
        if (store != null) {
            store.remove(SubscriptionRecord.name(handleId, id));
        }
    }

    /** A mailbox of a handle, with its journal. */
    Mailbox mailbox(String handleId, ManagedSubscription subscription, MailboxBounds bounds, Executor loop) {
        AtomicReference<@Nullable Mailbox> made = new AtomicReference<>();
        Mailbox mailbox = new Mailbox(
                subscription, bounds, journal(handleId, subscription.id(), loop, () -> requireNonNull(made.get())));
        made.set(mailbox);
        return mailbox;
    }

    /**
     * The journal of a mailbox, which has to be begun with {@link Mailbox#rewriteJournal}.
     *
     * @param loop where the mailbox lives
     * @param mailbox that keeps it
     */
    MailboxJournal journal(String handleId, long id, Executor loop, Supplier<Mailbox> mailbox) {
        if (store == null) {
            return new MailboxJournal(null);
        }
        return new MailboxJournal(store.journals().keep(SubscriptionRecord.name(handleId, id), new Journal.Keeper() {
            @Override
            public void written(long serial) {
                onLoop(() -> mailbox.get().written(serial));
            }

            @Override
            public void rewriteWanted() {
                onLoop(() -> mailbox.get().rewriteJournal());
            }

            private void onLoop(Runnable action) {
                new DroppingExecutor(loop).execute(action);
            }
        }));
    }

    /**
     * What the daemon before left of the subscriptions of handles that go on; what it left of others is removed. Does I/O.
     *
     * @param records all that there are of subscriptions
     * @param handles those that go on, by id
     */
    List<Left> left(List<StateRecord> records, Function<String, @Nullable SessionHandle> handles) {
        if (store == null) {
            return List.of();
        }
        Journals journals = store.journals();
        List<Left> left = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (StateRecord record : records) {
            try {
                SessionHandle handle = handles.apply(SubscriptionRecord.handleId(record.name()));
                if (handle == null) {
                    store.remove(record.name());
                } else {
                    RememberedSubscription subscription = SubscriptionRecord.of(record);
                    MailboxJournal.Held held = held(journals, record.name());
                    left.add(new Left(handle, asOf(subscription, held), held));
                    names.add(record.name());
                }
            } catch (DamagedStateException e) {
                store.setAside(record.name(), String.valueOf(e.getMessage()));
            }
        }
        journals.removeOthers(names);
        return left;
    }

    private static MailboxJournal.Held held(Journals journals, String name) throws DamagedStateException {
        try {
            return MailboxJournal.replay(journals.read(name));
        } catch (DamagedStateException e) {
            LOG.warn("The journal of {} {}: the messages in it are lost", name, e.getMessage());
            return MailboxJournal.replay(List.of());
        }
    }

    /** The journal is written with each message, and knows better how far they have come. */
    private static RememberedSubscription asOf(RememberedSubscription subscription, MailboxJournal.Held held) {
        MailboxState state = held.state();
        boolean isCurrent = state.expected() != null && state.epoch() >= subscription.epoch();
        return new RememberedSubscription(
                subscription.id(),
                subscription.owner(),
                subscription.serverId(),
                subscription.asked(),
                subscription.granted(),
                Math.max(state.epoch(), subscription.epoch()),
                isCurrent ? state.expected() : subscription.expected(),
                held.upTo().compareTo(subscription.upTo()) > 0 ? held.upTo() : subscription.upTo(),
                subscription.serverStart(),
                subscription.items(),
                subscription.links());
    }
}

package io.github.opcuasm.simulator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with subscriptions on demand. All methods may be called from any thread; those about what the server
 * has at the moment do nothing while it does not run.
 */
public final class SubscriptionFaults {
    private final Supplier<@Nullable SimulatorSubscriptions> running;
    private final AtomicInteger repeats = new AtomicInteger();
    private final AtomicInteger losses = new AtomicInteger();
    private final AtomicInteger finalLosses = new AtomicInteger();
    private final Set<Fault> silences = ConcurrentHashMap.newKeySet();
    private volatile boolean transfersRefused;

    /** @param running the subscriptions of the server as it runs now, null while none does */
    SubscriptionFaults(Supplier<@Nullable SimulatorSubscriptions> running) {
        this.running = running;
    }

    /**
     * Deletes every subscription without a word, while sessions stay: requests that name one are answered with
     * Bad_SubscriptionIdInvalid, Publish requests with Bad_NoSubscription.
     */
    public void dropAll() {
        onServer(SimulatorSubscriptions::dropAll);
    }

    /**
     * Deletes one subscription as {@link #dropAll()} does.
     *
     * @return whether the server had it
     */
    public boolean drop(long subscriptionId) {
        SimulatorSubscriptions server = running.get();
        return server != null && server.drop(UInteger.valueOf(subscriptionId));
    }

    /** Refuses to transfer any subscription: its result is Bad_UserAccessDenied. */
    public Fault refuseTransfers() {
        transfersRefused = true;
        return () -> transfersRefused = false;
    }

    /**
     * Sends the next messages with notifications twice: the next Publish request of the session is answered with the
     * same message again, under the same sequence number.
     *
     * @param messages how many, over all subscriptions
     */
    public Fault repeatMessages(int messages) {
        return counted(repeats, messages);
    }

    /**
     * Keeps the next messages with notifications to itself, so that the numbers that arrive have a hole; Republish gives
     * them. The Publish request waits for the message after it.
     *
     * @param messages how many, over all subscriptions
     */
    public Fault loseMessages(int messages) {
        return counted(losses, messages);
    }

    /** As {@link #loseMessages(int)}, but Republish is answered with Bad_MessageNotAvailable. */
    public Fault loseMessagesForGood(int messages) {
        return counted(finalLosses, messages);
    }

    /**
     * Lets the subscriptions that exist now fall silent: no notifications, no keep-alives, while their items go on to
     * queue values and their services answer as ever. Undoing lets them speak again; deleting and creating one
     * anew helps as well.
     */
    public Fault silence() {
        return silence(false);
    }

    /** As {@link #silence()}, but a subscription also speaks again after ModifySubscription or SetPublishingMode. */
    public Fault silenceUntilModified() {
        return silence(true);
    }

    /**
     * Loses every Publish request that comes or has come over a connection that exists now; nothing else is wrong with
     * these connections, and later ones are as they should be. The messages wait in the subscriptions.
     */
    public void deafenConnections() {
        onServer(SimulatorSubscriptions::deafenConnections);
    }

    /**
     * Loses the Publish requests that wait with the server now: they are never answered, those to come are.
     *
     * @return how many there were
     */
    public int losePublishRequests() {
        SimulatorSubscriptions server = running.get();
        return server == null ? 0 : server.losePublishRequests();
    }

    /**
     * Numbers the messages of the subscriptions that exist now anew; what was sent before cannot be had by Republish
     * any more.
     *
     * @param next the sequence number of the next message of each, 1 to 4,294,967,295
     */
    public void numberFrom(long next) {
        if (next < 1 || next > UInteger.MAX_VALUE) {
            throw new IllegalArgumentException("A sequence number is between 1 and 4294967295, was " + next);
        }
        onServer(server -> server.numberFrom(next));
    }

    boolean refusesTransfers() {
        return transfersRefused;
    }

    boolean takeRepeat() {
        return take(repeats);
    }

    boolean takeLoss() {
        return take(losses);
    }

    boolean takeFinalLoss() {
        return take(finalLosses);
    }

    void clear() {
        transfersRefused = false;
        repeats.set(0);
        losses.set(0);
        finalLosses.set(0);
        silences.forEach(Fault::close);
    }

    private Fault silence(boolean untilModified) {
        SimulatorSubscriptions server = running.get();
        if (server == null) {
            return () -> {};
        }
        Runnable undo = server.silence(untilModified);
        Fault silence = new Fault() {
            @Override
            public void close() {
                if (silences.remove(this)) {
                    undo.run();
                }
            }
        };
        silences.add(silence);
        return silence;
    }

    private static Fault counted(AtomicInteger left, int messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("A number of messages is at least 1, was " + messages);
        }
        left.set(messages);
        return () -> left.set(0);
    }

    private static boolean take(AtomicInteger left) {
        return left.get() > 0 && left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    private void onServer(Consumer<SimulatorSubscriptions> change) {
        SimulatorSubscriptions server = running.get();
        if (server != null) {
            change.accept(server);
        }
    }
}

package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What the subscriptions of one session want of the Publish requests. Confined to the session's event loop. */
final class Demand {
    private static final Duration LEAST_PATIENCE = Duration.ofMinutes(1);
    private static final Duration MOST_PATIENCE = Duration.ofHours(1);

    /** Beyond one for each subscription: answers are on their way, and acknowledgements want to be. */
    private static final int SPARE = 2;

    private final Collection<ManagedSubscription> subscriptions;
    private final BooleanSupplier isHeldBack;

    /**
     * What these want.
     *
     * @param subscriptions as they are at each moment; those that are not established want nothing yet
     * @param isHeldBack while nothing may be published, whoever wants it
     */
    Demand(Collection<ManagedSubscription> subscriptions, BooleanSupplier isHeldBack) {
        this.subscriptions = subscriptions;
        this.isHeldBack = isHeldBack;
    }

    /** An acknowledgement on its way. */
    record Carried(ManagedSubscription subscription, long serverId, long sequenceNumber) {}

    /** How many Publish requests should rest with the server. */
    int wanted() {
        if (isHeldBack.getAsBoolean()) {
            return 0;
        }
        int established = 0;
        for (ManagedSubscription subscription : subscriptions) {
            established += subscription.isEstablished() ? 1 : 0;
        }
        return established == 0 ? 0 : established + SPARE;
    }

    /**
     * How long the server may keep a request. It says something within its keep-alive time, which is a third of a lifetime
     * at most (Part 4, 5.14.2).
     */
    Duration patience() {
        Duration longest = LEAST_PATIENCE;
        for (ManagedSubscription subscription : subscriptions) {
            Duration lifetime = subscription.granted().lifetime();
            if (lifetime.compareTo(longest) > 0) {
                longest = lifetime;
            }
        }
        return longest.compareTo(MOST_PATIENCE) > 0 ? MOST_PATIENCE : longest;
    }

    /** At most {@code max} acknowledgements, which are on their way from now on. */
    List<Carried> takeAcknowledgements(int max) {
        List<Carried> taken = new ArrayList<>();
        for (ManagedSubscription subscription : subscriptions) {
            if (subscription.isEstablished()) {
                for (Long number : subscription.takeAcknowledgements(max - taken.size())) {
                    taken.add(new Carried(subscription, subscription.serverId(), number));
                }
            }
        }
        return taken;
    }
}

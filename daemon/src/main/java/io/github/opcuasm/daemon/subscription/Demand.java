package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the subscriptions of one session want of the Publish requests. Confined to the session's event loop. */
final class Demand {
    private static final Duration LEAST_PATIENCE = Duration.ofMinutes(1);
    private static final Duration MOST_PATIENCE = Duration.ofHours(1);

    /** Beyond one for each subscription: answers are on their way, and acknowledgements want to be. */
    private static final int SPARE = 2;

    private final Collection<ManagedSubscription> subscriptions;

    /** @param subscriptions as they are at each moment */
    Demand(Collection<ManagedSubscription> subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** An acknowledgement on its way. */
    record Carried(ManagedSubscription subscription, long serverId, long sequenceNumber) {}

    /** How many Publish requests should rest with the server. */
    int wanted() {
        return subscriptions.isEmpty() ? 0 : subscriptions.size() + SPARE;
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
            for (Long number : subscription.takeAcknowledgements(max - taken.size())) {
                taken.add(new Carried(subscription, subscription.serverId(), number));
            }
        }
        return taken;
    }
}

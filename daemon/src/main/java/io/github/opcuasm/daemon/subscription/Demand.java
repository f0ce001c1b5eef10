package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the readers of one session want of the server. Confined to the session's event loop. */
final class Demand {
    private static final Duration LEAST_PATIENCE = Duration.ofMinutes(1);
    private static final Duration MOST_PATIENCE = Duration.ofHours(1);

    private final Collection<HandleSubscriptions> handles;

    /** @param handles as they are at each moment */
    Demand(Collection<HandleSubscriptions> handles) {
        this.handles = handles;
    }

    /** An acknowledgement on its way. */
    record Carried(OwnedSubscription subscription, long sequenceNumber) {}

    int readers() {
        int sum = 0;
        for (HandleSubscriptions mine : handles) {
            sum += mine.readers();
        }
        return sum;
    }

    /**
     * How many Publish requests should rest with the server: one for each reader, but hardly more than subscriptions could
     * answer; another to carry acknowledgements.
     */
    int wanted() {
        int waiting = readers();
        int subscriptions = 0;
        boolean acknowledging = false;
        for (HandleSubscriptions mine : handles) {
            for (OwnedSubscription subscription : mine.live()) {
                subscriptions++;
                acknowledging |= subscription.hasAcknowledgements();
            }
        }
        return waiting == 0 || subscriptions == 0 ? 0 : Math.min(waiting, subscriptions + 1) + (acknowledging ? 1 : 0);
    }

    /**
     * How long the server may keep a request. It says something within its keep-alive time, which is a third of a lifetime
     * at most (Part 4, 5.14.2).
     */
    Duration patience() {
        Duration longest = LEAST_PATIENCE;
        for (HandleSubscriptions mine : handles) {
            for (OwnedSubscription subscription : mine.live()) {
                if (subscription.lifetime().compareTo(longest) > 0) {
                    longest = subscription.lifetime();
                }
            }
        }
        return longest.compareTo(MOST_PATIENCE) > 0 ? MOST_PATIENCE : longest;
    }

    /** At most {@code max} acknowledgements, which are on their way from now on. */
    List<Carried> takeAcknowledgements(int max) {
        List<Carried> taken = new ArrayList<>();
        for (HandleSubscriptions mine : handles) {
            for (OwnedSubscription subscription : mine.live()) {
                for (Long number : subscription.takeAcknowledgements(max - taken.size())) {
                    taken.add(new Carried(subscription, number));
                }
            }
        }
        return taken;
    }
}

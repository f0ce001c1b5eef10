package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What another process needs to go on with a {@link ManagedSubscription}: on the same session, by transferring it to
 * another one, or by creating it anew.
 *
 * @param id what callers call it
 * @param owner name of the principal that it belongs to
 * @param serverId what the server called it last
 * @param asked null if it was created by others: then it cannot be created anew
 * @param epoch how often its sequence numbers had begun anew
 * @param expected number of the message after the last one that its consumer has; null if nobody knows it, then the next
 *     one that comes is taken for it
 * @param upTo until then, by the server's clock, its consumer has everything; {@link DateTime#NULL} if nobody knows it
 * @param serverStart when the server was started that has it, by its own clock; {@link DateTime#NULL} if it does not tell. A
 *     server that was started later has given its ids to others
 * @param items in the order of their creation
 * @param links triggering links, in the order of their creation
 */
public record RememberedSubscription(
        long id,
        String owner,
        long serverId,
        @Nullable SubscriptionParameters asked,
        GrantedParameters granted,
        long epoch,
        @Nullable Long expected,
        DateTime upTo,
        DateTime serverStart,
        List<Item> items,
        List<Link> links) {

    public RememberedSubscription {
        items = List.copyOf(items);
        links = List.copyOf(links);
    }

    /**
     * A monitored item.
     *
     * @param itemId what callers call it
     * @param serverItemId what the server called it last; 0 if the server could not create it so far
     */
    public record Item(long itemId, long serverItemId, MonitoredItemDefinition definition) {}

    /** Item {@code linked} is reported when {@code triggering} is (Part 4, 5.13.5); both as callers call them. */
    public record Link(long triggering, long linked) {}
}

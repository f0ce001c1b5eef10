package io.github.opcuasm.simulator;

import java.time.Instant;

/**
 * A value that the server put into the queue of a monitored item.
 *
 * @param subscriptionId the server's id of the subscription
 * @param monitoredItemId the server's id of the item, unique within the subscription
 * @param serverTime the ServerTimestamp of the value, in whole microseconds
 */
public record QueuedValue(long subscriptionId, long monitoredItemId, long value, Instant serverTime) {}

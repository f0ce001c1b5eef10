package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * A monitored item as the server granted it (Part 4, 5.13.2).
 *
 * @param revisedSamplingInterval milliseconds
 * @param filterErrors what the server says against parts of the filter, in words: it may grant the item all the same, and
 *     report less than was asked for, or nothing
 */
public record MonitoredItemResult(
        StatusCode statusCode,
        long monitoredItemId,
        double revisedSamplingInterval,
        long revisedQueueSize,
        List<String> filterErrors) {
    public MonitoredItemResult {
        filterErrors = List.copyOf(filterErrors);
    }

    /** One with nothing said against its filter. */
    public MonitoredItemResult(
            StatusCode statusCode, long monitoredItemId, double revisedSamplingInterval, long revisedQueueSize) {
        this(statusCode, monitoredItemId, revisedSamplingInterval, revisedQueueSize, List.of());
    }
}

package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * A monitored item as the server changed it (Part 4, 5.13.3).
 *
 * @param revisedSamplingInterval milliseconds
 * @param filterErrors as in {@link MonitoredItemResult}
 */
public record MonitoredItemModifyResult(
        StatusCode statusCode, double revisedSamplingInterval, long revisedQueueSize, List<String> filterErrors) {
    public MonitoredItemModifyResult {
        filterErrors = List.copyOf(filterErrors);
    }

    /** One with nothing said against its filter. */
    public MonitoredItemModifyResult(StatusCode statusCode, double revisedSamplingInterval, long revisedQueueSize) {
        this(statusCode, revisedSamplingInterval, revisedQueueSize, List.of());
    }
}

package io.github.opcuasm.protocol.type;

/**
 * A monitored item as the server granted it (Part 4, 5.13.2).
 *
 * @param revisedSamplingInterval milliseconds
 */
public record MonitoredItemResult(
        StatusCode statusCode, long monitoredItemId, double revisedSamplingInterval, long revisedQueueSize) {}

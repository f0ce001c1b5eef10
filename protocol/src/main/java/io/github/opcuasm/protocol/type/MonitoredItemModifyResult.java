package io.github.opcuasm.protocol.type;

/**
 * A monitored item as the server changed it (Part 4, 5.13.3).
 *
 * @param revisedSamplingInterval milliseconds
 */
public record MonitoredItemModifyResult(StatusCode statusCode, double revisedSamplingInterval, long revisedQueueSize) {}

package io.github.opcuasm.daemon.service;

import org.jspecify.annotations.Nullable;

/**
 * How a monitored item shall change; null = as it is, or the default of a new one if it is not known here.
 *
 * @param samplingInterval milliseconds, 0 = as fast as the server can, -1 = the publishing interval
 * @param queueSize UInt32
 * @param clientHandle UInt32
 */
public record MonitoredItemChange(
        long monitoredItemId,
        @Nullable Double samplingInterval,
        @Nullable Long queueSize,
        @Nullable Long clientHandle,
        @Nullable Boolean discardOldest,
        @Nullable MonitoringFilter filter) {}

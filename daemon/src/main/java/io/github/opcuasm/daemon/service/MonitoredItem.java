package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;
import org.jspecify.annotations.Nullable;

/**
 * What shall be monitored, and how (Part 4, 5.13.2 and 7.21).
 *
 * @param attributeId 1 to 27; 12 is EventNotifier, 13 is Value
 * @param monitoringMode 0 disabled, 1 sampling, 2 reporting
 * @param clientHandle UInt32, comes back with each notification
 * @param samplingInterval milliseconds, 0 = as fast as the server can, -1 = the publishing interval
 * @param queueSize UInt32
 * @param filter null = none, but for events the default fields
 */
public record MonitoredItem(
        NodeReference nodeId,
        int attributeId,
        int monitoringMode,
        long clientHandle,
        double samplingInterval,
        long queueSize,
        boolean discardOldest,
        @Nullable MonitoringFilter filter) {}

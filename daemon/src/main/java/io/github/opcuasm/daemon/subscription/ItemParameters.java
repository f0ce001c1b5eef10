package io.github.opcuasm.daemon.subscription;

import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/**
 * What a monitored item was last asked to be: ModifyMonitoredItems has no way to say "as it was" (Part 4, 5.13.3).
 *
 * @param samplingInterval milliseconds
 * @param filter null = none
 */
public record ItemParameters(
        long clientHandle,
        double samplingInterval,
        long queueSize,
        boolean discardOldest,
        @Nullable ExtensionObject filter) {}

package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import org.jspecify.annotations.Nullable;

/**
 * A handle that can go on, with what it needs for that as it is today.
 *
 * @param origin of today: the configuration may have changed since
 * @param kept whether the daemon itself keeps it open: then it is never idle
 * @param left the OPC UA session that it goes on with; null for a new one
 */
record RestorableHandle(
        RememberedHandle remembered,
        EndpointUrl endpoint,
        SessionOrigin origin,
        Materials materials,
        AddressFilter addresses,
        boolean kept,
        @Nullable RememberedSession left) {
    SessionConfig config() {
        return origin.config();
    }
}

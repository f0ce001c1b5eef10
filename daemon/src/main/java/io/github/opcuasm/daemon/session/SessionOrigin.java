package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.protocol.CommandException;

/**
 * What an OPC UA session was opened with, so that another process can speak for it.
 *
 * @param config of its first handle; holds secrets
 * @param addressesKey of the filter that its connections are judged by
 */
record SessionOrigin(String endpointUrl, SessionConfig config, String addressesKey) {
    /**
     * As a record holds it.
     *
     * @throws DamagedStateException for a URL that this version does not take
     */
    static SessionOrigin remembered(String endpointUrl, SessionConfig config, String addressesKey)
            throws DamagedStateException {
        try {
            EndpointUrl.parse(endpointUrl);
        } catch (CommandException e) {
            throw new DamagedStateException("holds an endpoint that this version does not take", e);
        }
        return new SessionOrigin(endpointUrl, config, addressesKey);
    }

    /** Never shows the config. */
    @Override
    public String toString() {
        return "SessionOrigin[" + endpointUrl + "]";
    }
}

package io.github.opcuasm.daemon.session;

/**
 * What an OPC UA session was opened with, so that another process can speak for it.
 *
 * @param config of its first handle; holds secrets
 * @param addressesKey of the filter that its connections are judged by
 */
record SessionOrigin(String endpointUrl, SessionConfig config, String addressesKey) {
    /** Never shows the config. */
    @Override
    public String toString() {
        return "SessionOrigin[" + endpointUrl + "]";
    }
}

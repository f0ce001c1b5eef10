package io.github.opcuasm.daemon.session;

/**
 * What tells OPC UA sessions apart: endpoint, security, user, and what the server is told about the session. Secrets are
 * in it as keyed digests only.
 *
 * @param key never shown: it may hold user names and paths
 */
record SessionIdentity(String endpointUrl, String key) {
    @Override
    public String toString() {
        return "SessionIdentity[" + endpointUrl + "]";
    }
}

package io.github.opcuasm.daemon.session;

/**
 * What tells OPC UA sessions apart: endpoint, security, user, and what the server is told about the session. Secrets are
 * in it as keyed digests only.
 *
 * @param who endpoint, security, user and addresses: never shown, it may hold user names and paths
 * @param told names and the timeout, which tell sessions apart only while the server has enough of them
 */
record SessionIdentity(String endpointUrl, String who, String told) {

    /** Whether one session can serve both, though the server may then show it by another name. */
    boolean isSameUser(SessionIdentity other) {
        return who.equals(other.who) && endpointUrl.equals(other.endpointUrl);
    }

    @Override
    public String toString() {
        return "SessionIdentity[" + endpointUrl + "]";
    }
}

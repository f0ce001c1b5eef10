package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.SessionSettings;

/**
 * An OPC UA session that somebody wants.
 *
 * @param identity whose sessions would do
 * @param alone a session of its own is wanted, if the server has one to give
 * @param settings what a new one is opened with
 * @param origin the same, as another process would have to know it
 * @param caller who wants it, as it may be shown to others
 * @param deadline the ticker's nanoseconds after which nobody wants it any more
 */
record SessionOrder(
        SessionIdentity identity,
        boolean alone,
        SessionSettings settings,
        SessionOrigin origin,
        String caller,
        long deadline) {

    /**
     * What is the asker's own in it.
     *
     * @param handleId of the handle that the session is for
     */
    record Wanted(String caller, String handleId, boolean alone, long deadline) {}

    /** {@code host:port}: sessions on the same one compete. */
    String server() {
        return settings.endpoint().server();
    }
}

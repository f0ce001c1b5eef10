package io.github.opcuasm.daemon.opcua;

/** Follows the fate of one {@link OpcUaSession}. Called on its event loop. */
public interface SessionListener {
    /**
     * The session is active again after an interruption.
     *
     * @param anew whether the server granted a new session; then nothing is left of what the old one had: subscriptions,
     *     continuation points
     */
    void restored(boolean anew);

    /** The session is over. Called once, last. */
    void closed();
}

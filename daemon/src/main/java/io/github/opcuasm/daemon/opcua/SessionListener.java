package io.github.opcuasm.daemon.opcua;

import java.time.Duration;

/** Follows the fate of one {@link OpcUaSession}. Called on its event loop. */
public interface SessionListener {
    /**
     * The session was active and is not any more; {@link #restored} or {@link #closed} follows.
     *
     * @param reason for people
     */
    default void lost(String reason) {}

    /**
     * The session is active again after an interruption.
     *
     * @param anew whether the server granted a new session; then nothing is left of what the old one had: subscriptions,
     *     continuation points
     */
    void restored(boolean anew);

    /**
     * The session has been activated, the first time or again, and nobody's request has gone out on it yet. Also told of an
     * activation that comes while the session is being left to another process.
     *
     * @param now all that another process needs to go on with it; valid until the next activation
     */
    default void activated(ResumableSession now) {}

    /**
     * What the server had of the session will not be activated again: it is gone there, or another client has it. Nothing
     * of the last {@link #activated} is valid any more.
     */
    default void givenUp() {}

    /**
     * The server may hold a session of ours that nothing refers to any more: the answer that granted it was lost, or the
     * one that ended it, or another client has it. The only one that may also come after {@link #closed}, before what
     * {@link OpcUaSession#close} returned completes.
     *
     * @param timeout how long the server keeps it at most, if nobody uses it
     */
    default void orphaned(Duration timeout) {}

    /** The session is over. Called once. */
    void closed();
}

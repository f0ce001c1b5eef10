package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.ConnectionState;
import org.jspecify.annotations.Nullable;

/** Where an {@link OpcUaSession} stands. Each state offers only its legal next ones. */
public sealed interface SessionState {

    /** What peers see of it. */
    ConnectionState connectionState();

    /** The first handshake has not ended yet: nobody has been given the session. */
    record Connecting() implements SessionState {
        @Override
        public ConnectionState connectionState() {
            return ConnectionState.DISCONNECTED;
        }

        Active activated(UascChannel channel, EstablishedSession session) {
            return new Active(channel, session);
        }

        /** An earlier process left it, or nothing of it. */
        Reconnecting leftBehind(@Nullable EstablishedSession left, String reason) {
            return new Reconnecting(left, 0, reason);
        }

        Closed failed() {
            return new Closed();
        }
    }

    /**
     * Requests flow. A server that is frozen still counts as connected until it has owed the answer to a probe for too
     * long: until then nobody knows better.
     */
    record Active(UascChannel channel, EstablishedSession session) implements SessionState {
        @Override
        public ConnectionState connectionState() {
            return ConnectionState.CONNECTED;
        }

        /** @param failedAttempts more than none if it had been active only for a moment */
        Reconnecting broken(String reason, int failedAttempts) {
            return new Reconnecting(session, failedAttempts, reason);
        }

        /** Somebody else has it. */
        Reconnecting takenOver(String reason, int failedAttempts) {
            return new Reconnecting(null, failedAttempts, reason);
        }

        /** Never shows the authentication token. */
        @Override
        public String toString() {
            return "Active[sessionId=" + session.sessionId().toParseableString() + "]";
        }
    }

    /**
     * The channel or the session was lost and is being restored.
     *
     * @param previous what may be activated again if the server still has it; null if there is nothing
     * @param failedAttempts so far
     * @param reason why there is no connection: why it was lost, then why the last attempt failed
     */
    record Reconnecting(@Nullable EstablishedSession previous, int failedAttempts, String reason)
            implements SessionState {
        @Override
        public ConnectionState connectionState() {
            return ConnectionState.BROKEN;
        }

        Active restored(UascChannel channel, EstablishedSession session) {
            return new Active(channel, session);
        }

        Reconnecting failedOnceMore(String newReason) {
            return new Reconnecting(previous, failedAttempts + 1, newReason);
        }

        /** The old session was activated, which does not mean yet that it is restored. */
        Reconnecting reactivated(EstablishedSession session) {
            return new Reconnecting(session, failedAttempts, reason);
        }

        /** The old session will not be activated again. */
        Reconnecting withoutPrevious() {
            return new Reconnecting(null, failedAttempts, reason);
        }

        @Override
        public String toString() {
            return "Reconnecting[failedAttempts=" + failedAttempts + "]";
        }
    }

    /** The end; nothing leads out of it. */
    record Closed() implements SessionState {
        @Override
        public ConnectionState connectionState() {
            return ConnectionState.DISCONNECTED;
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.ConnectionState;
import org.jspecify.annotations.Nullable;

/** Where an {@link OpcUaSession} stands. Each state offers only its legal next ones. */
public sealed interface SessionState {

    /** What peers see of it. */
    ConnectionState connectionState();

    /** The first handshake has not ended yet. */
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

    /** Requests flow. */
    record Active(UascChannel channel, EstablishedSession session) implements SessionState {
        @Override
        public ConnectionState connectionState() {
            return ConnectionState.CONNECTED;
        }

        Reconnecting broken(String reason) {
            return new Reconnecting(session, 0, reason);
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

package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.ConnectionState;
import java.time.Duration;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.Test;

final class SessionStateTest {
    private final EstablishedSession session = new EstablishedSession(
            new NodeId(1, "session"),
            new NodeId(1, "the-authentication-token"),
            ByteString.NULL_VALUE,
            null,
            Duration.ofSeconds(120),
            new TokenPolicy("anonymous", SecurityProfile.Policy.NONE),
            ServerInfo.unknown());

    @Test
    void peersSeeThreeNames() {
        assertThat(new SessionState.Connecting().connectionState()).isEqualTo(ConnectionState.DISCONNECTED);
        assertThat(new SessionState.Reconnecting(session, 3, "refused").connectionState())
                .isEqualTo(ConnectionState.BROKEN);
        assertThat(new SessionState.Closed().connectionState()).isEqualTo(ConnectionState.DISCONNECTED);
    }

    @Test
    void failedAttemptsAreCountedUntilOneSucceeds() {
        SessionState.Reconnecting first = new SessionState.Reconnecting(session, 0, "closed");

        SessionState.Reconnecting third = first.failedOnceMore("refused").failedOnceMore("reset");

        assertThat(third.failedAttempts()).isEqualTo(2);
        assertThat(third.previous()).isSameAs(session);
    }

    @Test
    void authenticationTokenIsNeverShown() {
        assertThat(session.toString()).contains("s=session").doesNotContain("the-authentication-token");
        assertThat(new SessionState.Reconnecting(session, 1, "refused").toString())
                .doesNotContain("the-authentication-token");
    }
}

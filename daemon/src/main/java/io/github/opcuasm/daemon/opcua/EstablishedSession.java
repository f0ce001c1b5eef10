package io.github.opcuasm.daemon.opcua;

import java.security.cert.X509Certificate;
import java.time.Duration;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A session that the server granted: all that is needed to activate it again on another channel (Part 4, 5.7.3).
 *
 * @param authenticationToken secret: whoever has it and the channel is the session
 * @param serverNonce of the last activation
 * @param serverCertificate that user tokens are protected with; null where nothing protects them
 * @param revisedTimeout after this long without a request the server drops the session
 * @param serverInfo null until it has been read in this process
 */
record EstablishedSession(
        NodeId sessionId,
        NodeId authenticationToken,
        ByteString serverNonce,
        @Nullable X509Certificate serverCertificate,
        Duration revisedTimeout,
        TokenPolicy tokenPolicy,
        @Nullable ServerInfo serverInfo) {

    EstablishedSession activated(ByteString newServerNonce) {
        return new EstablishedSession(
                sessionId,
                authenticationToken,
                newServerNonce,
                serverCertificate,
                revisedTimeout,
                tokenPolicy,
                serverInfo);
    }

    EstablishedSession withServerInfo(ServerInfo info) {
        return new EstablishedSession(
                sessionId, authenticationToken, serverNonce, serverCertificate, revisedTimeout, tokenPolicy, info);
    }

    /** Never shows the authentication token. */
    @Override
    public String toString() {
        return "EstablishedSession[sessionId=" + sessionId.toParseableString() + "]";
    }
}

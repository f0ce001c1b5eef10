package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.Fingerprints;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.jspecify.annotations.Nullable;

/**
 * All that another process needs to go on with a session as of its last activation (Part 4, 5.7.3): what the server was
 * found to be, the session's ids, and the nonce that the next activation is signed over. Secret as a whole: with it and
 * the credentials the session can be taken over.
 */
public final class ResumableSession {
    private static final int MAX_TEXT = 65_535;
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_ELEMENTS = 256;

    private final ChosenEndpoint endpoint;
    private final EstablishedSession session;

    /** @param endpoint that the session was activated on; our own certificate in it is not remembered */
    ResumableSession(ChosenEndpoint endpoint, EstablishedSession session) {
        this.endpoint = endpoint;
        this.session = session;
    }

    ChosenEndpoint endpoint() {
        return endpoint;
    }

    EstablishedSession session() {
        return session;
    }

    /** How long the server keeps it without a request. */
    public Duration timeout() {
        return session.revisedTimeout();
    }

    /** For {@link #decode}; to be kept secret. */
    public byte[] encode() {
        var bytes = new ByteArrayOutputStream(1024);
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(endpoint.url());
            text(out, endpoint.applicationUri());
            out.writeUTF(endpoint.profile().policy().name());
            out.writeUTF(endpoint.profile().mode().name());
            out.writeInt(endpoint.server().size());
            for (X509Certificate certificate : endpoint.server()) {
                bytes(out, Fingerprints.encoded(certificate));
            }
            out.writeInt(endpoint.tokens().size());
            for (ChosenEndpoint.OfferedToken token : endpoint.tokens()) {
                out.writeUTF(token.policyId());
                out.writeUTF(token.type());
                out.writeUTF(token.securityPolicyUri());
            }
            out.writeUTF(session.sessionId().toParseableString());
            out.writeUTF(session.authenticationToken().toParseableString());
            bytes(out, session.serverNonce().bytesOrEmpty());
            X509Certificate forTokens = session.serverCertificate();
            bytes(out, forTokens == null ? new byte[0] : Fingerprints.encoded(forTokens));
            out.writeLong(session.revisedTimeout().toMillis());
            out.writeUTF(session.tokenPolicy().policyId());
            out.writeUTF(session.tokenPolicy().protection().name());
        } catch (IOException e) {
            throw new UncheckedIOException("an id or a URL longer than " + MAX_TEXT + " bytes", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #encode} gave.
     *
     * @throws IOException if this is something else
     */
    public static ResumableSession decode(byte[] encoded) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            String url = in.readUTF();
            String applicationUri = text(in);
            var profile = new SecurityProfile(
                    SecurityProfile.Policy.valueOf(in.readUTF()), SecurityProfile.Mode.valueOf(in.readUTF()));
            List<X509Certificate> server = new ArrayList<>();
            for (int left = count(in); left > 0; left--) {
                server.add(CertificateUtil.decodeCertificate(bytes(in)));
            }
            Set<ChosenEndpoint.OfferedToken> tokens = new HashSet<>();
            for (int left = count(in); left > 0; left--) {
                tokens.add(new ChosenEndpoint.OfferedToken(in.readUTF(), in.readUTF(), in.readUTF()));
            }
            NodeId sessionId = NodeId.parse(in.readUTF());
            NodeId authenticationToken = NodeId.parse(in.readUTF());
            byte[] nonce = bytes(in);
            byte[] forTokens = bytes(in);
            var session = new EstablishedSession(
                    sessionId,
                    authenticationToken,
                    ByteString.of(nonce),
                    forTokens.length == 0 ? null : CertificateUtil.decodeCertificate(forTokens),
                    Duration.ofMillis(in.readLong()),
                    new TokenPolicy(in.readUTF(), SecurityProfile.Policy.valueOf(in.readUTF())),
                    null);
            if (in.read() != -1) {
                throw new IOException("more follows than a session");
            }
            return new ResumableSession(
                    new ChosenEndpoint(url, applicationUri, profile, server, null, tokens), session);
        } catch (IllegalArgumentException | UaException | UaRuntimeException e) {
            throw new IOException("not a session: " + OpcUaErrors.reason(e), e);
        }
    }

    /** Shows no token and no nonce. */
    @Override
    public String toString() {
        return "ResumableSession[" + session.sessionId().toParseableString() + "]";
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        out.writeUTF(text == null ? "" : text);
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        boolean there = in.readBoolean();
        String text = in.readUTF();
        return there ? text : null;
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a part of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MAX_ELEMENTS) {
            throw new IOException(count + " elements");
        }
        return count;
    }
}

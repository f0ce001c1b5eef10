package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.Fingerprints;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint that a session is opened on.
 *
 * @param url as the server is told it: host and port of the caller's URL, path of the endpoint's
 * @param applicationUri that the server claims; null if it claims none, or was not asked
 * @param profile of the channel
 * @param server the certificate that the channel is opened for, its chain behind it; empty without security
 * @param ours null without security, and until it is known
 * @param tokens what discovery, which nothing protects, said about user tokens; to be compared with what the server says
 *     once the channel is secured
 */
record ChosenEndpoint(
        String url,
        @Nullable String applicationUri,
        SecurityProfile profile,
        List<X509Certificate> server,
        @Nullable KeyMaterial ours,
        Set<OfferedToken> tokens) {

    /** What matters of a user token policy. */
    record OfferedToken(String policyId, String type, String securityPolicyUri) {}

    /** Without security there is nothing to choose. */
    static ChosenEndpoint plain(EndpointUrl url) {
        return new ChosenEndpoint(url.text(), null, SecurityProfile.NONE, List.of(), null, Set.of());
    }

    ChosenEndpoint with(KeyMaterial material) {
        return new ChosenEndpoint(url, applicationUri, profile, server, material, tokens);
    }

    /** SHA-256 of the server's certificate, lower-case hex; empty without security. */
    String serverFingerprint() {
        return server.isEmpty() ? "" : Fingerprints.sha256(server.get(0));
    }

    /** What the channel is opened with. */
    ChannelSecurity security() {
        return ours == null
                ? ChannelSecurity.NONE
                : new ChannelSecurity(
                        profile.policy().algorithms(), profile.mode().mode(), ours, server);
    }

    static Set<OfferedToken> tokensOf(EndpointDescription endpoint) {
        Set<OfferedToken> tokens = new HashSet<>();
        Arrays.stream(EndpointSelection.tokens(endpoint))
                .filter(Objects::nonNull)
                .forEach(token -> tokens.add(new OfferedToken(
                        Objects.requireNonNullElse(token.getPolicyId(), ""),
                        String.valueOf(token.getTokenType()),
                        Objects.requireNonNullElse(token.getSecurityPolicyUri(), ""))));
        return tokens;
    }
}

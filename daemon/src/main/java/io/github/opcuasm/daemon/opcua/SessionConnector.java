package io.github.opcuasm.daemon.opcua;

import com.github.benmanes.caffeine.cache.Interner;
import io.github.opcuasm.daemon.certificate.PresentedCertificate;
import io.github.opcuasm.daemon.certificate.ServerTrust;
import io.github.opcuasm.daemon.certificate.TrustDecision;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a session needs before it can open a channel: a turn among those who want to the same server, the endpoint with the
 * policy and mode that were asked for, trust in its certificate, and our own. Shared by all sessions of a daemon;
 * thread-safe.
 */
public final class SessionConnector {
    /** Nothing vouches yet for what comes: it must not cost much to look at. */
    private static final int LONGEST_CHAIN_BYTES = 64 * 1024;

    private static final int LONGEST_CHAIN = 10;
    private static final int SHORTEST_KEY = 2048;
    private static final int SHORTEST_DEPRECATED_KEY = 1024;
    private static final int LONGEST_KEY = 8192;

    private final OpcUaTransport transport;
    private final EndpointDiscovery discovery;
    private final ServerTrust trust;
    private final ServerGates gates;
    /** A thousand sessions with one server hold its certificate once. */
    private final Interner<X509Certificate> certificates = Interner.newWeakInterner();

    public SessionConnector(
            OpcUaTransport transport, EndpointDiscovery discovery, ServerTrust trust, ServerGates gates) {
        this.transport = transport;
        this.discovery = discovery;
        this.trust = trust;
        this.gates = gates;
    }

    OpcUaTransport transport() {
        return transport;
    }

    ServerGates gates() {
        return gates;
    }

    /**
     * What a channel can be opened for.
     *
     * @param trust to be kept once the server has proved that the certificate is its own
     */
    record Prepared(ChosenEndpoint endpoint, TrustDecision trust) {}

    /**
     * Finds the endpoint to connect to, its certificate trusted and ours in place.
     *
     * @param known the one of the last time, if it may still be right: then the server is not asked
     * @return completes on any thread; fails with what the caller of {@code open} shall read
     */
    CompletableFuture<Prepared> endpoint(SessionSettings settings, @Nullable ChosenEndpoint known) {
        SecuritySettings security = settings.security();
        if (security.isPlain()) {
            return CompletableFuture.completedFuture(
                    new Prepared(ChosenEndpoint.plain(settings.endpoint()), TrustDecision.nothingNew()));
        }
        CompletableFuture<ChosenEndpoint> found = known != null
                ? CompletableFuture.completedFuture(known)
                : discovery
                        .discover(
                                settings.endpoint(),
                                transport.ticker().read()
                                        + settings.callTimeout().toNanos(),
                                settings.addresses())
                        .thenApplyAsync(offered -> choose(offered, settings), transport.rsa());
        return found.thenCompose(chosen -> trust(settings, chosen.server(), chosen.applicationUri())
                .thenCompose(trusted -> security.ours().get().thenApply(ours -> {
                    checkKey("Our", ours.certificate(), security.profile().policy());
                    return new Prepared(chosen.with(ours), trusted);
                })));
    }

    /** Judges the server's certificate; fails with {@code UntrustedCertificateException}. */
    CompletableFuture<TrustDecision> trust(
            SessionSettings settings, List<X509Certificate> chain, @Nullable String applicationUri) {
        EndpointUrl url = settings.endpoint();
        return trust.check(
                settings.security().trust(), new PresentedCertificate(url.server(), url.host(), applicationUri, chain));
    }

    /**
     * A certificate with its chain as they come from a server.
     *
     * @throws CommandException {@code SecurityException} if it is none
     */
    List<X509Certificate> parse(@Nullable ByteString chain) {
        if (chain != null && chain.length() > LONGEST_CHAIN_BYTES) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    "The server's certificate and what stands behind it have " + chain.length()
                            + " bytes, expected at most " + LONGEST_CHAIN_BYTES);
        }
        try {
            List<X509Certificate> parsed =
                    CertificateUtil.decodeCertificates(chain == null ? new byte[0] : chain.bytesOrEmpty());
            if (!parsed.isEmpty() && parsed.size() <= LONGEST_CHAIN) {
                return parsed.stream().map(certificates::intern).toList();
            }
        } catch (UaException e) {
            // As none at all.
        }
        throw new CommandException(ErrorType.SECURITY, "The server sent no certificate that can be read");
    }

    private ChosenEndpoint choose(List<EndpointDescription> offered, SessionSettings settings) {
        SecuritySettings security = settings.security();
        EndpointDescription endpoint = EndpointSelection.choose(offered, settings.endpoint(), security);
        // Before anything is sent to it: whether the identity fits.
        TokenPolicy.choose(endpoint.getUserIdentityTokens(), security);
        List<X509Certificate> chain = parse(endpoint.getServerCertificate());
        checkKey("The server's", chain.get(0), security.profile().policy());
        return new ChosenEndpoint(
                EndpointSelection.reachableUrl(settings.endpoint(), endpoint),
                endpoint.getServer() == null ? null : endpoint.getServer().getApplicationUri(),
                security.profile(),
                chain,
                null,
                ChosenEndpoint.tokensOf(endpoint));
    }

    /**
     * Part 7, 6.6: what keys a policy takes.
     *
     * @throws CommandException {@code SecurityException} for another one
     */
    static void checkKey(String whose, X509Certificate certificate, SecurityProfile.Policy policy) {
        int shortest = policy.isDeprecated() ? SHORTEST_DEPRECATED_KEY : SHORTEST_KEY;
        int bits = certificate.getPublicKey() instanceof RSAPublicKey key
                ? key.getModulus().bitLength()
                : 0;
        if (bits < shortest || bits > LONGEST_KEY) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    whose + " certificate has " + (bits == 0 ? "no RSA key" : "a key of " + bits + " bits")
                            + ", expected " + shortest + " to " + LONGEST_KEY + " for " + policy.shortName());
        }
    }
}

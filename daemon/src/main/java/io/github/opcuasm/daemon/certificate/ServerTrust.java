package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers are trusted (docs/protocol.md, {@code open}, Trust).
 *
 * <p>A certificate is judged by its policy: what the policy demands beyond trust (validity, host, uses) must hold in any
 * case; trust itself is that the store, or the pin, has it, or that {@code autoAccept} takes it. {@code autoAccept} takes
 * the first certificate that an endpoint shows, for that endpoint and for sessions that ask for it too, and never another
 * one, unless forced to; an operator who then removes it has the last word. What is accepted unseen stands in the log as a
 * warning, with its fingerprint. What is refused goes to the store's {@code rejected}. {@link TrustJudgement} has the
 * rules.
 *
 * <p>The store that no settings name is the daemon's own, {@code STATE/trust}, or memory. Everything happens on the pool;
 * failures are {@link CommandException}s that tell no paths.
 */
public final class ServerTrust {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTrust.class);
    private static final String CHECKING = "Checking the server's certificate";
    private static final int MAX_STORES = 64;
    private static final int MAX_WARNED = 1_000;

    private final AllowedDirectories allowed;
    private final Executor pool;
    private final InstantSource clock;
    private final TrustMemory own;
    /** By real path; what is dropped is read again. */
    private final Map<Path, TrustMemory> stores = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, TrustMemory> eldest) {
            return size() > MAX_STORES;
        }
    };

    /** Servers that the log has warned of: nothing is checked of them. */
    private final Set<String> unchecked = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_WARNED;
        }
    });

    /**
     * Touches nothing yet.
     *
     * @param stateDirectory where the daemon's own store lies; null to keep it in memory
     * @param allowed where other stores may lie
     * @param pool does files and RSA; may refuse
     */
    public ServerTrust(@Nullable Path stateDirectory, AllowedDirectories allowed, Executor pool, InstantSource clock) {
        this.allowed = allowed;
        this.pool = pool;
        this.clock = clock;
        this.own = new TrustMemory(
                stateDirectory == null ? null : new TrustStore(stateDirectory.resolve("trust"), clock), true);
    }

    /**
     * Judges a server's certificate, and remembers nothing new of it: that is for {@link TrustDecision#keep}, once the
     * server has proved that it has the key.
     *
     * @return fails with {@link ErrorType#UNTRUSTED_CERTIFICATE} if it is refused, and says what to do about it; with
     *     {@link ErrorType#INVALID_PATH} if the store is not allowed
     */
    public CompletableFuture<TrustDecision> check(TrustSettings settings, PresentedCertificate presented) {
        if (presented.chain().isEmpty()) {
            return CompletableFuture.failedFuture(
                    TrustJudgement.untrusted("The server " + presented.server() + " shows no certificate"));
        }
        if (settings.policy() == TrustPolicy.NONE) {
            warnOfNoCheck(presented);
            return CompletableFuture.completedFuture(TrustDecision.nothingNew());
        }
        return PoolCall.on(pool, CHECKING, () -> {
            requireBounded(presented);
            TrustMemory memory = memory(settings.store());
            synchronized (memory) {
                return judgement(memory, settings, presented).hasNews()
                        ? TrustDecision.toKeep(() -> keep(memory, settings, presented))
                        : TrustDecision.nothingNew();
            }
        });
    }

    private CompletableFuture<@Nullable Void> keep(
            TrustMemory memory, TrustSettings settings, PresentedCertificate presented) {
        return PoolCall.on(pool, CHECKING, () -> {
            synchronized (memory) {
                judgement(memory, settings, presented).keep();
            }
            return null;
        });
    }

    private TrustJudgement judgement(TrustMemory memory, TrustSettings settings, PresentedCertificate presented) {
        return new TrustJudgement(memory, settings, presented, clock.instant());
    }

    /** Who is not known yet must not choose how much there is to verify. */
    private static void requireBounded(PresentedCertificate presented) {
        long bytes = 0;
        for (X509Certificate link : presented.chain()) {
            bytes += Fingerprints.encoded(link).length;
        }
        if (presented.chain().size() > CertificateChain.MAX_LINKS || bytes > CertificateChain.MAX_BYTES) {
            throw TrustJudgement.untrusted("The certificate of " + presented.server() + " comes with a chain of "
                    + presented.chain().size() + " certificates and " + bytes + " bytes; at most "
                    + CertificateChain.MAX_LINKS + " and " + CertificateChain.MAX_BYTES + " are accepted");
        }
    }

    /** What a store holds; a null store is the daemon's own. */
    public CompletableFuture<List<CertificateSummary>> list(@Nullable Path store) {
        return PoolCall.on(pool, "Reading the trust store", () -> memory(store).list());
    }

    /**
     * Trusts a certificate, refused before or not.
     *
     * @param certificate one, PEM or DER
     */
    public CompletableFuture<CertificateSummary> add(@Nullable Path store, byte[] certificate) {
        return PoolCall.on(pool, "Writing the trust store", () -> {
            List<X509Certificate> given;
            try {
                given = EncodedCertificates.decode(certificate);
            } catch (CertificateException e) {
                given = List.of();
            }
            if (given.size() != 1) {
                throw CommandException.invalidArgument("certificate", "something else", "one certificate, PEM or DER");
            }
            memory(store).trust(given.get(0));
            return CertificateSummary.of(CertificateSummary.State.TRUSTED, "", given.get(0));
        });
    }

    /**
     * Forgets a certificate, trusted or refused.
     *
     * @param fingerprint SHA-1 or SHA-256 in hex, with or without colons, or the first 8 or more digits of one
     */
    public CompletableFuture<CertificateSummary> remove(@Nullable Path store, String fingerprint) {
        return PoolCall.on(pool, "Writing the trust store", () -> memory(store).remove(fingerprint));
    }

    /** Trusts a refused certificate; {@code fingerprint} as {@link #remove} takes it. */
    public CompletableFuture<CertificateSummary> approve(@Nullable Path store, String fingerprint) {
        return PoolCall.on(pool, "Writing the trust store", () -> {
            TrustStore files = memory(store).store();
            if (files == null) {
                throw new CommandException(
                        ErrorType.INVALID_ARGUMENT,
                        "Refused certificates are kept only with a state directory (--state-dir); add the certificate"
                                + " itself instead");
            }
            return files.approve(fingerprint);
        });
    }

    /**
     * Forgets what a server showed: its next certificate is a first one.
     *
     * @param server {@code host:port}
     * @return whether anything was remembered
     */
    public CompletableFuture<Boolean> removePin(@Nullable Path store, String server) {
        return PoolCall.on(pool, "Writing the trust store", () -> memory(store).removePin(server));
    }

    private TrustMemory memory(@Nullable Path store) {
        if (store == null) {
            return own;
        }
        Path real = allowed.requireDirectory("Trust store", store.toString());
        synchronized (stores) {
            return stores.computeIfAbsent(real, path -> new TrustMemory(new TrustStore(path, clock), false));
        }
    }

    private void warnOfNoCheck(PresentedCertificate presented) {
        synchronized (unchecked) {
            if (!unchecked.add(presented.server())) {
                return;
            }
        }
        LOG.warn(
                "The certificate of {} is not checked (trust policy none): anybody could be answering in its place",
                presented.server());
    }
}

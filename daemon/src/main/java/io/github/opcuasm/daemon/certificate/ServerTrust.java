package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
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
 * the first certificate that an endpoint shows and keeps it as trusted, and never another one, unless forced to; an
 * operator who then removes it has the last word. What is accepted unseen stands in the log as a warning, with its
 * fingerprint. What is refused goes to the store's {@code rejected}.
 *
 * <p>The store that no settings name is the daemon's own, {@code STATE/trust}, or memory. Everything happens on the pool;
 * failures are {@link CommandException}s that tell no paths.
 */
public final class ServerTrust {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTrust.class);
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
     * Judges a server's certificate.
     *
     * @return fails with {@link ErrorType#UNTRUSTED_CERTIFICATE} if it is refused, and says what to do about it; with
     *     {@link ErrorType#INVALID_PATH} if the store is not allowed
     */
    public CompletableFuture<@Nullable Void> check(TrustSettings settings, PresentedCertificate presented) {
        return PoolCall.on(pool, "Checking the server's certificate", () -> {
            if (presented.chain().isEmpty()) {
                throw untrusted("The server " + presented.server() + " shows no certificate");
            }
            if (settings.policy() == TrustPolicy.NONE) {
                warnOfNoCheck(presented);
                return null;
            }
            TrustMemory memory = memory(settings.store());
            synchronized (memory) {
                if (settings.policy() == TrustPolicy.FIRST_USE) {
                    checkFirstUse(memory, settings, presented);
                } else {
                    checkStored(memory, settings, presented);
                }
            }
            return null;
        });
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

    private void checkFirstUse(TrustMemory memory, TrustSettings settings, PresentedCertificate presented)
            throws IOException {
        String server = presented.server();
        X509Certificate shown = presented.chain().get(0);
        X509Certificate pinned;
        boolean first;
        try {
            first = memory.pin(TrustStore.Pin.FIRST_USE, server) == null;
            pinned = memory.pinIfAbsent(TrustStore.Pin.FIRST_USE, server, shown);
        } catch (PinFiles.UnreadablePinException e) {
            pinned = null;
            first = false;
        }
        if (shown.equals(pinned)) {
            if (first) {
                LOG.warn(
                        "First contact with {}: its certificate is trusted from now on, SHA-256 {}",
                        server,
                        Fingerprints.sha256(shown));
            }
            return;
        }
        boolean approved = memory.isTrusted(shown);
        if (approved || (settings.autoAccept() && settings.autoAcceptForce())) {
            memory.pin(TrustStore.Pin.FIRST_USE, server, shown);
            LOG.warn(
                    "The certificate of {} has changed and is accepted, because {}: SHA-256 {}",
                    server,
                    approved ? "an operator approved it" : "autoAcceptForce is set",
                    Fingerprints.sha256(shown));
            return;
        }
        memory.reject(shown);
        String before = pinned == null
                ? "cannot be compared with the one that was pinned, which cannot be read"
                : "has changed: pinned was SHA-256 " + Fingerprints.sha256(pinned);
        throw untrusted("The certificate of " + server + " " + before + ", shown is SHA-256 "
                + Fingerprints.sha256(shown) + ". If that is meant, "
                + (memory.hasStore()
                        ? "approve it (trust approve " + Fingerprints.sha256(shown) + ") or remove the pin of " + server
                        : "remove the pin of " + server));
    }

    private void checkStored(TrustMemory memory, TrustSettings settings, PresentedCertificate presented)
            throws IOException, GeneralSecurityException {
        X509Certificate shown = presented.chain().get(0);
        Instant now = clock.instant();
        String objection = null;
        boolean trusted;
        if (settings.policy() == TrustPolicy.FULL) {
            FullValidation validation = new FullValidation(memory, settings, presented, now);
            objection = validation.objection();
            trusted = validation.isTrusted();
        } else {
            trusted = memory.isTrusted(shown);
            if (settings.policy() == TrustPolicy.FINGERPRINT_AND_EXPIRY) {
                objection = FullValidation.validity(shown, now);
            }
        }
        if (objection != null) {
            memory.reject(shown);
            throw untrusted("The certificate of " + presented.server() + " " + objection + " (SHA-256 "
                    + Fingerprints.sha256(shown) + ", trust policy "
                    + settings.policy().wireName() + "). The server needs another one, or the session another policy");
        }
        if (trusted) {
            if (settings.autoAccept()) {
                // So that its next one is a changed one.
                memory.pin(TrustStore.Pin.ACCEPTED, presented.server(), shown);
            }
            return;
        }
        if (settings.autoAccept() && accept(memory, settings, presented.server(), shown)) {
            return;
        }
        memory.reject(shown);
        throw untrusted(refusal(memory, settings, presented.server(), shown));
    }

    /** Whether the certificate is an endpoint's first, or force is used; then it is kept as trusted. */
    private static boolean accept(TrustMemory memory, TrustSettings settings, String server, X509Certificate shown)
            throws IOException, CertificateException {
        boolean first = false;
        try {
            X509Certificate pinned = memory.pin(TrustStore.Pin.FIRST_USE, server);
            first = memory.pin(TrustStore.Pin.ACCEPTED, server) == null && (pinned == null || pinned.equals(shown));
        } catch (PinFiles.UnreadablePinException e) {
            // Counts as another one.
        }
        if (!first && !settings.autoAcceptForce()) {
            return false;
        }
        memory.trust(shown);
        memory.pin(TrustStore.Pin.ACCEPTED, server, shown);
        LOG.warn(
                "The certificate of {} is accepted and kept, because {}: SHA-256 {}",
                server,
                first ? "it is its first and autoAccept is set" : "autoAcceptForce is set",
                Fingerprints.sha256(shown));
        return true;
    }

    private static String refusal(TrustMemory memory, TrustSettings settings, String server, X509Certificate shown)
            throws IOException {
        String sha256 = Fingerprints.sha256(shown);
        StringBuilder message =
                new StringBuilder("The certificate of " + server + " is not trusted: SHA-256 " + sha256);
        X509Certificate before = null;
        try {
            before = memory.pin(TrustStore.Pin.ACCEPTED, server);
        } catch (PinFiles.UnreadablePinException e) {
            // Nothing to compare with.
        }
        if (before != null && !before.equals(shown)) {
            message.append(", accepted before was SHA-256 ").append(Fingerprints.sha256(before));
        }
        if (settings.policy() == TrustPolicy.FULL) {
            message.append("; neither it nor who issued it is in the store");
        }
        return message.append(". If it is the server's, ")
                .append(
                        memory.hasStore()
                                ? "approve it (trust approve " + sha256 + ")"
                                : "give the daemon a state directory (--state-dir) and approve it there, or add it")
                .toString();
    }

    private static CommandException untrusted(String message) {
        return new CommandException(ErrorType.UNTRUSTED_CERTIFICATE, message);
    }
}

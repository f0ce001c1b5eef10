package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's own certificate: made when it is first needed and kept in {@code STATE/own}, or for the process's life.
 *
 * <p>From 30 days before it expires its successor lies beside it, with a key of its own, so that servers can be told to
 * trust it while the old one still works; the log warns once a day and names it. On the last day the successor takes its
 * place. Which of these is due is asked of the clock at each use and by {@link #maintain}, never of a timer, and what was
 * done stays done: a clock that jumps back repeats nothing, one that jumps ahead over everything means a new certificate
 * at once.
 *
 * <p>One step is under way at a time, and everybody who needs its result shares it. Whoever asks while the present
 * certificate is good for more than a day gets it at once, and what is due is done behind. What cannot be written is kept
 * in memory, and the log says so. One that is there and cannot be read is an error until it can be: another one would be
 * a stranger to every server.
 */
public final class OwnCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(OwnCertificate.class);
    private static final Duration NOTICE = Duration.ofDays(30);
    private static final Duration LAST_DAY = Duration.ofDays(1);
    private static final Duration BETWEEN_WARNINGS = Duration.ofDays(1);
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final @Nullable OwnCertificateFiles files;
    private final Executor pool;
    private final InstantSource clock;
    private final Supplier<HostNames> host;

    private boolean loaded;
    private @Nullable Held present;
    private @Nullable Held next;
    private @Nullable Instant lastWarning;
    private @Nullable CompletableFuture<@Nullable Held> underWay;

    /** A certificate; {@code kept}: whether it is on disk. */
    private record Held(KeyMaterial material, boolean kept) {
        Instant notAfter() {
            return material.certificate().getNotAfter().toInstant();
        }

        /** Whether its end is less than this away, or past. */
        boolean endsWithin(Duration ahead, Instant now) {
            return now.isAfter(notAfter().minus(ahead));
        }
    }

    /**
     * Touches nothing yet.
     *
     * @param stateDirectory null to keep it in memory
     * @param pool does files and RSA; may refuse
     */
    public OwnCertificate(@Nullable Path stateDirectory, Executor pool, InstantSource clock) {
        this(stateDirectory, pool, clock, HostNames::ofThisMachine);
    }

    OwnCertificate(@Nullable Path stateDirectory, Executor pool, InstantSource clock, Supplier<HostNames> host) {
        this.files = stateDirectory == null ? null : new OwnCertificateFiles(stateDirectory.resolve("own"), clock);
        this.pool = pool;
        this.clock = clock;
        this.host = host;
    }

    /** The certificate to use now; made if there is none. */
    public CompletableFuture<KeyMaterial> current() {
        Held usable;
        CompletableFuture<@Nullable Held> step;
        synchronized (this) {
            Instant now = clock.instant();
            usable = present;
            if (usable != null && !isDue(usable, now)) {
                return CompletableFuture.completedFuture(usable.material());
            }
            step = step(true);
            if (usable != null && !usable.endsWithin(LAST_DAY, now)) {
                return CompletableFuture.completedFuture(usable.material());
            }
        }
        Held fallback = usable;
        return step.handle((held, failure) -> {
            if (held != null) {
                return held.material();
            }
            if (fallback != null) {
                return fallback.material();
            }
            throw PoolCall.asCommandException("The daemon's certificate", failure);
        });
    }

    /** The certificate in use and its successor, as operators need them; made if there is none. */
    public CompletableFuture<CertificateDescription> describe() {
        return current().thenApply(material -> {
            synchronized (this) {
                Held now = present;
                Held later = next;
                CertificateDescription successor = later == null ? null : describe(later, true, null);
                return describe(now == null ? new Held(material, false) : now, false, successor);
            }
        });
    }

    /**
     * Does what is due: warns, makes the successor, puts it in force. To be called now and then, hourly is enough. Makes no
     * first certificate. Never fails; the log says what went wrong.
     */
    public CompletableFuture<@Nullable Void> maintain() {
        CompletableFuture<@Nullable Held> step;
        synchronized (this) {
            Held held = present;
            if (held == null ? loaded || files == null : !isDue(held, clock.instant())) {
                return CompletableFuture.completedFuture(null);
            }
            step = step(false);
        }
        return step.handle((held, failure) -> {
            if (failure != null) {
                LOG.warn("Renewing the daemon's certificate failed: {}", failure.getMessage());
            }
            return null;
        });
    }

    private synchronized boolean isDue(Held held, Instant now) {
        return held.endsWithin(LAST_DAY, now)
                || (held.endsWithin(NOTICE, now) && (next == null || isWarningDue(lastWarning, now)));
    }

    private static boolean isWarningDue(@Nullable Instant last, Instant now) {
        return last == null || Duration.between(last, now).abs().compareTo(BETWEEN_WARNINGS) >= 0;
    }

    /** The step under way, or a new one. */
    private synchronized CompletableFuture<@Nullable Held> step(boolean makeFirst) {
        CompletableFuture<@Nullable Held> shared = underWay;
        if (shared == null || shared.isDone()) {
            shared = PoolCall.on(pool, "The daemon's certificate", () -> advance(makeFirst));
            underWay = shared;
            return shared.copy();
        }
        // One that makes none may be under way when the first one is needed.
        return makeFirst
                ? shared.handle((held, failure) -> held)
                        .thenCompose(held ->
                                held == null ? step(true) : CompletableFuture.<@Nullable Held>completedFuture(held))
                : shared.copy();
    }

    /** On the pool, one at a time. */
    private @Nullable Held advance(boolean makeFirst) throws GeneralSecurityException {
        load();
        Held now;
        Held later;
        synchronized (this) {
            now = present;
            later = next;
        }
        Instant instant = clock.instant();
        if (now == null) {
            if (!makeFirst) {
                return null;
            }
            Held first = putInForce(kept(generate(instant)));
            LOG.info(
                    "The daemon has a new certificate of its own, {}: SHA-1 {}, SHA-256 {}; servers must trust it",
                    first.kept() ? "kept in the state directory" : "kept in memory only",
                    Fingerprints.sha1(first.material().certificate()),
                    Fingerprints.sha256(first.material().certificate()));
            publish(first, null);
            return first;
        }
        if (now.endsWithin(LAST_DAY, instant)) {
            Held successor = later == null || later.endsWithin(LAST_DAY, instant) ? kept(generate(instant)) : later;
            Held inForce = putInForce(successor);
            LOG.warn(
                    "The daemon's certificate ends on {}; from now on its successor is used, until {}: SHA-1 {},"
                            + " SHA-256 {}",
                    now.notAfter(),
                    inForce.notAfter(),
                    Fingerprints.sha1(inForce.material().certificate()),
                    Fingerprints.sha256(inForce.material().certificate()));
            publish(inForce, null);
            return inForce;
        }
        if (now.endsWithin(NOTICE, instant)) {
            Held successor = later == null ? kept(generate(instant)) : later;
            publish(now, successor);
            warn(now, successor, instant);
        }
        return now;
    }

    private synchronized void publish(Held inForce, @Nullable Held successor) {
        present = inForce;
        next = successor;
    }

    private void warn(Held now, Held successor, Instant instant) {
        synchronized (this) {
            if (!isWarningDue(lastWarning, instant)) {
                return;
            }
            lastWarning = instant;
        }
        LOG.warn(
                "The daemon's certificate ends on {}; have servers trust its successor before: SHA-1 {}, SHA-256 {}",
                now.notAfter(),
                Fingerprints.sha1(successor.material().certificate()),
                Fingerprints.sha256(successor.material().certificate()));
    }

    private void load() {
        synchronized (this) {
            if (loaded) {
                return;
            }
        }
        OwnCertificateFiles.Found found = new OwnCertificateFiles.Found(null, null);
        if (files != null) {
            try {
                found = files.load();
            } catch (OwnCertificateFiles.NoDirectoryException e) {
                LOG.warn("The daemon's certificate cannot be kept in the state directory: no directory can be made");
            } catch (IOException e) {
                // Not a reason for another one, which no server trusts: the next use tries again.
                throw new CommandException(
                        ErrorType.SECURITY,
                        "The daemon's certificate in its state directory cannot be read now ("
                                + e.getClass().getSimpleName() + "); it is kept, and read at the next use");
            }
        }
        KeyMaterial inForce = found.present();
        KeyMaterial successor = found.next();
        synchronized (this) {
            loaded = true;
            present = inForce == null ? null : new Held(inForce, true);
            next = successor == null ? null : new Held(successor, true);
        }
    }

    private KeyMaterial generate(Instant now) throws GeneralSecurityException {
        return SelfSignedCertificate.generate(host.get(), now);
    }

    /** As the next one, on disk if that can be. */
    private Held kept(KeyMaterial material) {
        if (files != null) {
            try {
                files.writeNext(material);
                return new Held(material, true);
            } catch (IOException e) {
                warnOfMemory(e);
            }
        }
        return new Held(material, false);
    }

    private Held putInForce(Held successor) {
        Held written = successor.kept() ? successor : kept(successor.material());
        if (files == null || !written.kept()) {
            return written;
        }
        try {
            files.promote();
            return written;
        } catch (IOException e) {
            warnOfMemory(e);
            return new Held(successor.material(), false);
        }
    }

    private static void warnOfMemory(IOException e) {
        LOG.warn(
                "The daemon's certificate cannot be written to the state directory ({}) and is kept in memory: after"
                        + " a restart it is another one",
                e.getClass().getSimpleName());
    }

    private CertificateDescription describe(Held held, boolean isNext, @Nullable CertificateDescription successor) {
        X509Certificate certificate = held.material().certificate();
        return new CertificateDescription(
                certificate.getSubjectX500Principal().getName(),
                held.material().applicationUri(),
                hostNames(certificate),
                Fingerprints.sha1(certificate),
                Fingerprints.sha256(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                certificate.getSerialNumber(),
                files != null && held.kept() ? files.certificatePath(isNext) : null,
                EncodedCertificates.toPem(certificate),
                successor);
    }

    static List<String> hostNames(X509Certificate certificate) {
        List<String> found = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                boolean isHost = Integer.valueOf(DNS_NAME).equals(name.get(0))
                        || Integer.valueOf(IP_ADDRESS).equals(name.get(0));
                if (isHost && name.get(1) instanceof String text) {
                    found.add(text);
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return found;
    }
}

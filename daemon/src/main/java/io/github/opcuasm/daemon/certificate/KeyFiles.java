package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Certificates and private keys that callers name by files: PEM or DER, with chain, with passphrase.
 *
 * <p>The certificate that is meant is the one that the private key fits, wherever in its file it stands; its issuers
 * follow it, from the same file and from the issuers' file, as far as they are there. What belongs to no link of the
 * chain is left out.
 *
 * <p>Files are looked at each time and read only when they have changed: what was made of them is kept by their real
 * paths and by what the system tells of them (inode, time of change, size), for the {@value #MAX_REMEMBERED} sets of
 * files that were used last, and no longer than {@value #UNUSED_MINUTES} minutes after their last use. What could not be
 * used is remembered for {@value #FAILURE_SECONDS} seconds, so that who asks again and again does not keep the pool busy
 * with deriving keys. A file that changed within the last seconds is not kept: a second change could look the
 * same. The passphrase is part of the key as a keyed digest. Everything happens on the pool; every failure is a
 * {@link CommandException} that tells neither paths nor secrets.
 */
public final class KeyFiles {
    private static final int MAX_REMEMBERED = 256;
    private static final int UNUSED_MINUTES = 10;
    private static final int FAILURE_SECONDS = 5;
    private static final int MIN_RSA_BITS = 1024;
    private static final int MAX_RSA_BITS = 8192;
    private static final int DIGEST_KEY_BYTES = 32;

    private final AllowedDirectories allowed;
    private final Executor pool;
    private final InstantSource clock;
    private final EncodedPrivateKeys privateKeys = new EncodedPrivateKeys();
    private final byte[] digestKey = new byte[DIGEST_KEY_BYTES];
    /** In the order of their last use. */
    private final Map<Question, Used> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Used> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    /** In the order they came. */
    private final Map<Question, Failed> failures = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Failed> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    /** What one answer was made of. */
    private record Question(String what, List<Path> files, List<BoundedFile.Stamp> stamps, String passphraseDigest) {}

    private record Used(KeyMaterial material, Instant last) {}

    private record Failed(String message, Instant when) {}

    /** Files that were read together; {@code settled}: whether equal stamps mean equal contents. */
    private record Source(Path path, BoundedFile file, boolean settled) {}

    /** Judges validity by the system's clock. */
    public KeyFiles(AllowedDirectories allowed, Executor pool) {
        this(allowed, pool, InstantSource.system());
    }

    /**
     * Reads nothing yet.
     *
     * @param allowed where files may lie
     * @param pool does the reading and the RSA; may refuse
     * @param clock judges validity
     */
    public KeyFiles(AllowedDirectories allowed, Executor pool, InstantSource clock) {
        this.allowed = allowed;
        this.pool = pool;
        this.clock = clock;
        new SecureRandom().nextBytes(digestKey);
    }

    /**
     * A certificate with its chain and its key.
     *
     * @return fails with {@link ErrorType#INVALID_PATH} for a path that is missing or not allowed, with
     *     {@link ErrorType#SECURITY} for contents that cannot be used
     */
    public CompletableFuture<KeyMaterial> load(KeyPaths paths) {
        return PoolCall.on(pool, paths.what() + " certificate", () -> requireValid(paths.what(), material(paths)));
    }

    /**
     * The certificates of a file, at least one, in its order: issuers that a caller trusts.
     *
     * @param what they are, to begin a message with: {@code CA certificate}
     * @return fails as {@link #load} does
     */
    public CompletableFuture<List<X509Certificate>> certificates(String what, String path) {
        return PoolCall.on(
                pool,
                what,
                () -> decode(what, read(what, allowed.require(what, path)).file()));
    }

    private KeyMaterial material(KeyPaths paths) throws IOException {
        String what = paths.what();
        Path certificate = allowed.require(what + " certificate", paths.certificate());
        Path privateKey = allowed.require(what + " private key", paths.privateKey());
        String issuersPath = paths.issuers();
        Path issuers = issuersPath == null ? null : allowed.require("CA certificate", issuersPath);
        Question asked = question(what, certificate, privateKey, issuers, paths.passphrase());
        forgetUnused();
        if (asked != null) {
            synchronized (remembered) {
                Used known = remembered.get(asked);
                if (known != null) {
                    remembered.put(asked, new Used(known.material(), clock.instant()));
                    return known.material();
                }
                Failed failed = failures.get(asked);
                if (failed != null) {
                    throw refused(failed.message());
                }
            }
        }
        Source certificateFile = read(what + " certificate", certificate);
        Source keyFile = certificate.equals(privateKey) ? certificateFile : read(what + " private key", privateKey);
        Source issuersFile = issuers == null ? null : read("CA certificate", issuers);
        KeyMaterial made;
        try {
            made = assemble(what, certificateFile.file(), keyFile.file(), issuersFile, paths.passphrase());
        } catch (CommandException e) {
            Question failed = answered(what, certificateFile, keyFile, issuersFile, paths.passphrase());
            synchronized (remembered) {
                failures.put(failed, new Failed(e.messageText(), clock.instant()));
            }
            throw e;
        }
        if (certificateFile.settled() && keyFile.settled() && (issuersFile == null || issuersFile.settled())) {
            Question answered = answered(what, certificateFile, keyFile, issuersFile, paths.passphrase());
            synchronized (remembered) {
                remembered.put(answered, new Used(made, clock.instant()));
            }
        }
        return made;
    }

    private @Nullable Question question(
            String what, Path certificate, Path privateKey, @Nullable Path issuers, @Nullable String passphrase)
            throws IOException {
        List<Path> files =
                issuers == null ? List.of(certificate, privateKey) : List.of(certificate, privateKey, issuers);
        List<BoundedFile.Stamp> stamps = new ArrayList<>();
        for (Path file : files) {
            BoundedFile.Stamp stamp = BoundedFile.Stamp.of(file);
            if (stamp == null) {
                return null;
            }
            stamps.add(stamp);
        }
        return new Question(what, files, stamps, passphraseDigest(passphrase));
    }

    private Question answered(
            String what, Source certificate, Source privateKey, @Nullable Source issuers, @Nullable String passphrase) {
        List<Source> sources =
                issuers == null ? List.of(certificate, privateKey) : List.of(certificate, privateKey, issuers);
        return new Question(
                what,
                sources.stream().map(Source::path).toList(),
                sources.stream().map(source -> source.file().stamp()).toList(),
                passphraseDigest(passphrase));
    }

    /**
     * Forgets the keys that were not used for {@value #UNUSED_MINUTES} minutes. Every {@link #load} does so; to be called
     * now and then by who does not want them to wait for one. Does no I/O.
     */
    public void forgetUnused() {
        Instant now = clock.instant();
        synchronized (remembered) {
            remembered.values().removeIf(used -> isOlder(used.last(), Duration.ofMinutes(UNUSED_MINUTES), now));
            failures.values().removeIf(failed -> isOlder(failed.when(), Duration.ofSeconds(FAILURE_SECONDS), now));
        }
    }

    /** A clock that was put back keeps nothing for longer. */
    private static boolean isOlder(Instant then, Duration than, Instant now) {
        return Duration.between(then, now).abs().compareTo(than) > 0;
    }

    private Source read(String what, Path path) {
        // Asked before: a file that changes while it is read is then not settled.
        Instant now = clock.instant();
        try {
            BoundedFile file = BoundedFile.read(path, BoundedFile.MAX_BYTES);
            return new Source(path, file, file.stamp().isSettledAt(now));
        } catch (BoundedFile.TooLargeException e) {
            throw new CommandException(
                    ErrorType.INVALID_PATH,
                    what + " is larger than " + BoundedFile.MAX_BYTES + " bytes, which none is: [path]");
        } catch (IOException e) {
            throw new CommandException(ErrorType.INVALID_PATH, what + " does not exist or cannot be read: [path]");
        }
    }

    private KeyMaterial assemble(
            String what,
            BoundedFile certificateFile,
            BoundedFile keyFile,
            @Nullable Source issuersFile,
            @Nullable String passphrase) {
        List<X509Certificate> certificates = decode(what + " certificate", certificateFile);
        List<PrivateKey> keys;
        try {
            keys = privateKeys.decode(keyFile.content(), passphrase);
        } catch (EncodedPrivateKeys.UnusableKeyException e) {
            throw refused(what + " private key " + e.getMessage());
        }
        List<X509Certificate> known = new ArrayList<>(certificates);
        MessageDigest digest = Fingerprints.digest("SHA-256");
        update(digest, certificateFile.content());
        update(digest, keyFile.content());
        if (issuersFile != null) {
            known.addAll(decode("CA certificate", issuersFile.file()));
            update(digest, issuersFile.file().content());
        }
        for (X509Certificate certificate : certificates) {
            for (PrivateKey key : keys) {
                if (CertificateChain.fits(key, certificate.getPublicKey())) {
                    requireSupported(what, certificate);
                    return new KeyMaterial(
                            CertificateChain.of(certificate, known), key, Fingerprints.hex(digest.digest()));
                }
            }
        }
        requireSupported(what, certificates.get(0));
        throw refused(what + " private key does not fit the certificate: they are not of one pair");
    }

    /** With its length: that no two sets of files look alike. */
    private static void update(MessageDigest digest, byte[] content) {
        digest.update((content.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(content);
    }

    private static List<X509Certificate> decode(String what, BoundedFile file) {
        try {
            List<X509Certificate> certificates = EncodedCertificates.decode(file.content());
            if (certificates.isEmpty()) {
                throw refused(what + ": the file holds no certificate");
            }
            return certificates;
        } catch (CertificateException e) {
            throw refused(what + ": the file is no certificate in PEM or DER, or is damaged");
        }
    }

    private static void requireSupported(String what, X509Certificate certificate) {
        if (!(certificate.getPublicKey() instanceof RSAPublicKey key)) {
            throw refused(what + " certificate is for a key of the kind "
                    + certificate.getPublicKey().getAlgorithm()
                    + "; the security policies that are supported need RSA");
        }
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw refused(what + " certificate has an RSA key of " + bits + " bits; " + MIN_RSA_BITS + " to "
                    + MAX_RSA_BITS + " are supported");
        }
    }

    private KeyMaterial requireValid(String what, KeyMaterial material) {
        Instant now = clock.instant();
        Instant until = material.certificate().getNotAfter().toInstant();
        Instant from = material.certificate().getNotBefore().toInstant();
        if (now.isAfter(until)) {
            throw refused(what + " certificate expired on " + until);
        }
        if (now.isBefore(from)) {
            throw refused(what + " certificate is not valid before " + from);
        }
        return material;
    }

    private String passphraseDigest(@Nullable String passphrase) {
        if (passphrase == null) {
            return "";
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(digestKey, "HmacSHA256"));
            return Fingerprints.hex(mac.doFinal(passphrase.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has HmacSHA256", e);
        }
    }

    private static CommandException refused(String message) {
        return new CommandException(ErrorType.SECURITY, message);
    }
}

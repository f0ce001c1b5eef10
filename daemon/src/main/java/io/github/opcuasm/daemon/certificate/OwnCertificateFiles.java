package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's certificate and key on disk, and beside them those that will take their place: {@code certificate.der} and
 * {@code private-key.pem}, {@code next.certificate.der} and {@code next.private-key.pem}.
 *
 * <p>Every pair begins as the next one: key first, then certificate, each written beside and moved. To put it in force
 * the key is moved, then the certificate. So wherever a crash falls, what is found tells what was under way:
 *
 * <ul>
 *   <li>a next key alone: it was being written, and is of no use;
 *   <li>a next certificate alone, which the key in force fits: it was being put in force, and the second move follows.
 * </ul>
 *
 * Anything else that is half, damaged, or of another kind somebody put there: it is set aside as
 * {@code NAME.broken-TIME}, and the log says so. What is there and cannot be read now, for want of descriptors or because
 * a disk is away, is left as it is: servers trust it. Nothing is written before what is there was read.
 */
final class OwnCertificateFiles {
    private static final Logger LOG = LoggerFactory.getLogger(OwnCertificateFiles.class);
    private static final String CERTIFICATE = "certificate.der";
    private static final String PRIVATE_KEY = "private-key.pem";
    private static final String NEXT = "next.";
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Path directory;
    private final InstantSource clock;
    private final EncodedPrivateKeys privateKeys = new EncodedPrivateKeys();
    private volatile boolean loaded;

    /** What was found. */
    record Found(@Nullable KeyMaterial present, @Nullable KeyMaterial next) {}

    /** Why a pair cannot be used. */
    private static final class BrokenPairException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenPairException(String message) {
            super(message);
        }
    }

    /** There is no directory, and so no pair, and none can be made. */
    static final class NoDirectoryException extends IOException {
        private static final long serialVersionUID = 1L;

        NoDirectoryException(@Nullable Throwable cause) {
            super("no directory", cause);
        }
    }

    /** Touches nothing yet. */
    OwnCertificateFiles(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** Where the certificate in force lies. */
    Path certificatePath(boolean next) {
        return file(next, CERTIFICATE);
    }

    /**
     * Finishes what a crash interrupted and reads what there is.
     *
     * @throws NoDirectoryException if there is nothing, and cannot be
     * @throws IOException if what there is cannot be read now; it stays as it is
     */
    Found load() throws IOException {
        requireDirectory();
        finishPromotion();
        KeyMaterial present = readOrSetAside(false);
        KeyMaterial next = readOrSetAside(true);
        loaded = true;
        if (present == null && next != null) {
            promote();
            return new Found(next, null);
        }
        return new Found(present, next);
    }

    private void requireDirectory() throws IOException {
        if (!exists(directory)) {
            try {
                PrivateFiles.makeDirectory(directory);
            } catch (IOException e) {
                throw new NoDirectoryException(e);
            }
        } else if (!Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isDirectory()) {
            throw new NoDirectoryException(null);
        }
    }

    private void requireLoaded() throws IOException {
        if (!loaded) {
            throw new FileSystemException("what is there was not read");
        }
    }

    /** Keeps a pair beside the one in force; only after {@link #load}. */
    void writeNext(KeyMaterial material) throws IOException {
        requireLoaded();
        PrivateFiles.makeDirectory(directory);
        Files.deleteIfExists(file(true, CERTIFICATE));
        PrivateFiles.replace(file(true, PRIVATE_KEY), pem(material.privateKey()));
        PrivateFiles.replace(file(true, CERTIFICATE), Fingerprints.encoded(material.certificate()));
    }

    /** Puts the next pair in force; only after {@link #load}. */
    void promote() throws IOException {
        requireLoaded();
        move(file(true, PRIVATE_KEY), file(false, PRIVATE_KEY));
        move(file(true, CERTIFICATE), file(false, CERTIFICATE));
    }

    private void finishPromotion() throws IOException {
        if (exists(file(true, CERTIFICATE)) && !exists(file(true, PRIVATE_KEY)) && exists(file(false, PRIVATE_KEY))) {
            try {
                read(file(true, CERTIFICATE), file(false, PRIVATE_KEY));
            } catch (BrokenPairException e) {
                return;
            }
            LOG.info("The daemon's certificate was being replaced when the daemon ended; this is completed now");
            move(file(true, CERTIFICATE), file(false, CERTIFICATE));
        }
    }

    private @Nullable KeyMaterial readOrSetAside(boolean next) throws IOException {
        Path certificate = file(next, CERTIFICATE);
        Path privateKey = file(next, PRIVATE_KEY);
        if (!exists(certificate) && !exists(privateKey)) {
            return null;
        }
        String defect;
        try {
            KeyMaterial material = read(certificate, privateKey);
            keepPrivate(privateKey);
            return material;
        } catch (BrokenPairException e) {
            defect = e.getMessage();
        }
        LOG.warn(
                "The daemon's certificate in {} cannot be used and is set aside, another one takes its place: {} {}",
                directory,
                next ? "the next pair" : "the pair",
                defect);
        setAside(certificate);
        setAside(privateKey);
        return null;
    }

    private KeyMaterial read(Path certificate, Path privateKey) throws IOException, BrokenPairException {
        if (!exists(certificate)) {
            throw new BrokenPairException("is half: there is no certificate");
        }
        if (!exists(privateKey)) {
            throw new BrokenPairException("is half: there is no private key");
        }
        List<X509Certificate> certificates;
        PrivateKey key;
        try {
            certificates = EncodedCertificates.decode(content(certificate));
            key = privateKeys.decode(content(privateKey), null).get(0);
        } catch (CertificateException e) {
            throw new BrokenPairException("has a damaged certificate");
        } catch (EncodedPrivateKeys.UnusableKeyException e) {
            throw new BrokenPairException("has a private key that " + e.getMessage());
        }
        if (certificates.isEmpty()) {
            throw new BrokenPairException("has no certificate");
        }
        X509Certificate own = certificates.get(0);
        if (!(own.getPublicKey() instanceof RSAPublicKey publicKey)
                || publicKey.getModulus().bitLength() < MIN_RSA_BITS
                || publicKey.getModulus().bitLength() > MAX_RSA_BITS) {
            throw new BrokenPairException("is not RSA of " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits");
        }
        if (!CertificateChain.fits(key, own.getPublicKey())) {
            throw new BrokenPairException("does not fit: certificate and key are not of one pair");
        }
        if (KeyMaterial.applicationUri(own) == null) {
            throw new BrokenPairException("has no application URI, which servers ask for");
        }
        return new KeyMaterial(CertificateChain.of(own, certificates), key, Fingerprints.sha256(own));
    }

    private byte[] content(Path file) throws IOException, BrokenPairException {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new BrokenPairException("is no regular file");
        }
        try {
            return BoundedFile.readIn(directory, file.getFileName(), BoundedFile.MAX_BYTES)
                    .content();
        } catch (BoundedFile.TooLargeException e) {
            throw new BrokenPairException("is larger than " + BoundedFile.MAX_BYTES + " bytes");
        }
    }

    /** A copy made by hand may be readable by others. */
    private static void keepPrivate(Path privateKey) {
        try {
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                    && !PosixFilePermissions.toString(Files.getPosixFilePermissions(privateKey))
                            .endsWith("------")) {
                LOG.warn("The daemon's private key {} is open to other users and is shut", privateKey);
                Files.setPosixFilePermissions(privateKey, PosixFilePermissions.fromString("rw-------"));
            }
        } catch (IOException e) {
            LOG.warn(
                    "Who may read the daemon's private key {} cannot be told or changed ({})",
                    privateKey,
                    e.getClass().getSimpleName());
        }
    }

    private void setAside(Path file) throws IOException {
        if (exists(file)) {
            Path aside = file.resolveSibling(file.getFileName() + ".broken-" + TIME.format(clock.instant()));
            for (int attempt = 1; exists(aside); attempt++) {
                aside = file.resolveSibling(
                        file.getFileName() + ".broken-" + TIME.format(clock.instant()) + "-" + attempt);
            }
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        if (!exists(from)) {
            throw new NoSuchFileException(from.toString());
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Fails where it cannot be told: what cannot be seen now may be there. */
    private static boolean exists(Path file) throws IOException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private Path file(boolean next, String name) {
        return directory.resolve(next ? NEXT + name : name);
    }

    private static byte[] pem(PrivateKey key) {
        return ("-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}

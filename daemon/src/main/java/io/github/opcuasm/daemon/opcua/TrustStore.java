package io.github.opcuasm.daemon.opcua;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Set;

/**
 * The certificates of servers that are trusted, and those that were refused, as files: {@code trusted/SHA1HEX.der} and
 * {@code rejected/SHA1HEX.der}, named by the certificate's SHA-1 in lower-case hex, DER inside. The directory is made on
 * first use, with mode 0700, if its parent exists. Does I/O where it is called: never on an event loop.
 */
public final class TrustStore {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private final Path directory;

    /** Touches nothing yet. */
    public TrustStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Trusts a certificate from now on, refused before or not.
     *
     * @param certificate one X.509 certificate, DER
     * @throws GeneralSecurityException if it is none
     * @throws IOException if it cannot be kept
     */
    public void trust(byte[] certificate) throws IOException, GeneralSecurityException {
        String name = thumbprint(certificate) + ".der";
        Path trusted = subdirectory("trusted");
        Path beside = Files.createTempFile(trusted, "new", ".tmp", PosixFilePermissions.asFileAttribute(OWNER_FILE));
        try {
            Files.write(beside, certificate);
            Files.move(
                    beside, trusted.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
        Files.deleteIfExists(directory.resolve("rejected").resolve(name));
    }

    /**
     * Trusts the certificate with this SHA-1 no longer; one that is not known changes nothing.
     *
     * @param sha1 40 lower-case hex digits
     */
    public void untrust(String sha1) throws IOException {
        Files.deleteIfExists(directory.resolve("trusted").resolve(sha1 + ".der"));
    }

    private Path subdirectory(String name) throws IOException {
        Path subdirectory = directory.resolve(name);
        for (Path level : new Path[] {directory, subdirectory}) {
            if (!Files.isDirectory(level)) {
                Files.createDirectory(level, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            }
        }
        return subdirectory;
    }

    private static String thumbprint(byte[] certificate) throws GeneralSecurityException {
        var parsed = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        byte[] encoded = parsed.getEncoded();
        if (encoded.length != certificate.length) {
            throw new GeneralSecurityException("there are bytes behind the certificate");
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(encoded));
    }
}

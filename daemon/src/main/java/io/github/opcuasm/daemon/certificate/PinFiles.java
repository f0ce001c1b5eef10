package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which certificate each server showed first, one file a server: {@code HOST_PORT.der}. In the name everything but
 * lower-case letters, digits, dots and hyphens stands as {@code %XX}, so that no two servers share a file. Two processes
 * that see a server for the first time agree on one certificate.
 *
 * <p>A pin that cannot be read is an error and never counts as none: who damages the file must not make the daemon take
 * the next certificate that comes.
 */
final class PinFiles {
    private static final int MAX_PINS = 10_000;
    private static final int MAX_NAME = 240;
    private static final String SUFFIX = ".der";

    private final Path directory;

    /** There is a pin, and nobody can tell for what. */
    static final class UnreadablePinException extends IOException {
        private static final long serialVersionUID = 1L;

        UnreadablePinException() {
            super("the pin was withdrawn");
        }

        UnreadablePinException(Throwable cause) {
            super("the pin cannot be read", cause);
        }
    }

    PinFiles(Path directory) {
        this.directory = directory;
    }

    Path path() {
        return directory;
    }

    /** Null if there is none. */
    @Nullable
    X509Certificate get(String server) throws IOException {
        Path file = file(server);
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? read(file) : null;
    }

    /** What is pinned afterwards. */
    X509Certificate putIfAbsent(String server, X509Certificate certificate) throws IOException {
        Path file = file(server);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            requireRoom();
            if (PrivateFiles.createIfAbsent(file, Fingerprints.encoded(certificate))) {
                return certificate;
            }
        }
        return read(file);
    }

    void put(String server, X509Certificate certificate) throws IOException {
        PrivateFiles.replace(file(server), Fingerprints.encoded(certificate));
    }

    /**
     * Leaves a pin that is no certificate: what is shown then is another one, whatever it is. Until the pin is removed.
     */
    void withdraw(String server) throws IOException {
        PrivateFiles.replace(file(server), new byte[0]);
    }

    boolean remove(String server) throws IOException {
        return Files.deleteIfExists(file(server));
    }

    /** Those that can be read, by {@code host:port}. */
    Map<String, X509Certificate> all() throws IOException {
        Map<String, X509Certificate> found = new TreeMap<>();
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return found;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                try {
                    found.put(serverOf(file.getFileName().toString()), read(file));
                } catch (IOException | IllegalArgumentException e) {
                    // Named when its server is connected to.
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private X509Certificate read(Path file) throws IOException {
        try {
            return EncodedCertificates.one(
                    BoundedFile.readIn(directory, file.getFileName(), TrustStore.MAX_CERTIFICATE_BYTES)
                            .content());
        } catch (CertificateException | IOException e) {
            throw new UnreadablePinException(e);
        }
    }

    private void requireRoom() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                count++;
                if (count >= MAX_PINS) {
                    throw new IOException("more than " + MAX_PINS + " servers, " + file.getFileName());
                }
            }
        }
    }

    private Path file(String server) throws IOException {
        String name = nameOf(server);
        if (name.length() > MAX_NAME) {
            throw new IOException("the server's name is too long to be remembered");
        }
        return directory.resolve(name);
    }

    /** Case of host names, a dot behind them, and how an address of IPv6 is written do not matter. */
    static String nameOf(String server) {
        int port = server.lastIndexOf(':');
        boolean hasPort = port >= 0 && server.indexOf(']', port) < 0;
        return hasPort
                ? escaped(HostNames.canonical(server.substring(0, port))) + "_" + escaped(server.substring(port + 1))
                        + SUFFIX
                : escaped(HostNames.canonical(server)) + SUFFIX;
    }

    static String serverOf(String name) {
        String stem = name.substring(0, name.length() - SUFFIX.length());
        // Only the one before the port is not escaped.
        return URLDecoder.decode(stem.replace('_', ':').replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String escaped(String part) {
        StringBuilder escaped = new StringBuilder();
        for (byte unit : part.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (unit & 0xff);
            boolean plain =
                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (c == '.' && escaped.length() > 0);
            if (plain) {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02x", (int) c));
            }
        }
        return escaped.toString();
    }
}

package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates in a directory, one a file, as they are at this moment: operators add and remove them by hand. Each
 * file is looked at each time, and parsed again only when it has changed. What counts is what is in a file, never its
 * name. Links, files that are too large and files that hold anything else than one certificate are passed over, with a
 * warning each time they change. Not for several threads at a time.
 */
final class CertificateDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateDirectory.class);
    private static final int MAX_FILES = 10_000;
    private static final Set<String> SUFFIXES = Set.of(".der", ".cer", ".crt", ".pem");

    private final Path directory;
    private final InstantSource clock;
    private Map<Path, Entry> known = Map.of();

    /** What a file held; null certificate: nothing of use. */
    private record Entry(BoundedFile.Stamp stamp, @Nullable X509Certificate certificate, boolean settled) {}

    CertificateDirectory(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    Path path() {
        return directory;
    }

    /** Empty if the directory is not there; in the order of names. */
    Map<Path, X509Certificate> certificates() throws IOException {
        Map<Path, Entry> seen = new HashMap<>();
        Map<Path, X509Certificate> found = new LinkedHashMap<>();
        for (Path file : files()) {
            BoundedFile.Stamp stamp = BoundedFile.Stamp.of(file);
            if (stamp == null) {
                continue;
            }
            Entry entry = known.get(file);
            if (entry == null || !entry.settled() || !entry.stamp().equals(stamp)) {
                entry = read(file, stamp, entry);
            }
            seen.put(file, entry);
            X509Certificate certificate = entry.certificate();
            if (certificate != null) {
                found.put(file, certificate);
            }
        }
        known = seen;
        return found;
    }

    private Entry read(Path file, BoundedFile.Stamp stamp, @Nullable Entry before) {
        var now = clock.instant();
        try {
            List<X509Certificate> certificates = EncodedCertificates.decode(
                    BoundedFile.readIn(directory, file.getFileName(), TrustStore.MAX_CERTIFICATE_BYTES)
                            .content());
            if (certificates.size() == 1) {
                return new Entry(stamp, certificates.get(0), stamp.isSettledAt(now));
            }
        } catch (IOException | CertificateException e) {
            // As one that holds none.
        }
        if (before == null || !before.stamp().equals(stamp)) {
            LOG.warn("In the trust store {} is passed over: it does not hold exactly one certificate", file);
        }
        return new Entry(stamp, null, stamp.isSettledAt(now));
    }

    private Set<Path> files() throws IOException {
        TreeSet<Path> files = new TreeSet<>();
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return files;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException("no directory, or a link to one");
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path file : all) {
                String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
                int dot = name.lastIndexOf('.');
                if (dot > 0 && SUFFIXES.contains(name.substring(dot))) {
                    files.add(file);
                }
                if (files.size() > MAX_FILES) {
                    throw new IOException("more than " + MAX_FILES + " files");
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            return new TreeSet<>();
        }
        return files;
    }
}

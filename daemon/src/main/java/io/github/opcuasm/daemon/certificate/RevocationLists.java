package io.github.opcuasm.daemon.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revocation lists in a directory, DER or PEM, as they are at this moment; unchanged files are not read again.
 *
 * <p>A list counts for an issuer if it bears the issuer's name and signature. An issuer without any list revokes nothing;
 * one whose lists are all out of date, damaged, or of a kind that is not understood, leaves open what it revoked, and
 * a certificate of it is refused. Not for several threads at a time.
 */
final class RevocationLists {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationLists.class);
    private static final int MAX_FILES = 1_000;
    private static final int MAX_BYTES = 4 << 20;
    private static final int CRL_SIGN = 6;

    private final Path directory;
    private final InstantSource clock;
    private Map<Path, Entry> known = Map.of();

    private record Entry(BoundedFile.Stamp stamp, List<X509CRL> lists, boolean damaged, boolean settled) {}

    RevocationLists(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** What is there now. */
    Current current() throws IOException {
        Map<Path, Entry> seen = new HashMap<>();
        List<X509CRL> lists = new ArrayList<>();
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{der,crl,pem}")) {
                for (Path file : files) {
                    Entry entry = entry(file);
                    if (entry != null) {
                        seen.put(file, entry);
                        lists.addAll(entry.lists());
                    }
                    if (seen.size() > MAX_FILES) {
                        throw new IOException("more than " + MAX_FILES + " revocation lists");
                    }
                }
            } catch (java.nio.file.DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        known = seen;
        return new Current(List.copyOf(lists), seen.values().stream().anyMatch(Entry::damaged));
    }

    private @Nullable Entry entry(Path file) throws IOException {
        BoundedFile.Stamp stamp = BoundedFile.Stamp.of(file);
        if (stamp == null) {
            return null;
        }
        Entry entry = known.get(file);
        return entry != null && entry.settled() && entry.stamp().equals(stamp) ? entry : read(file, stamp, entry);
    }

    private Entry read(Path file, BoundedFile.Stamp stamp, @Nullable Entry before) {
        boolean damaged = false;
        Instant now = clock.instant();
        List<X509CRL> lists = new ArrayList<>();
        try {
            byte[] content =
                    BoundedFile.readIn(directory, file.getFileName(), MAX_BYTES).content();
            for (CRL list : CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(content))) {
                lists.add((X509CRL) list);
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            damaged = true;
            lists.clear();
        }
        damaged |= lists.isEmpty();
        if (damaged && (before == null || !before.stamp().equals(stamp))) {
            LOG.warn("In the trust store {} is no revocation list, or is damaged", file);
        }
        return new Entry(stamp, List.copyOf(lists), damaged, stamp.isSettledAt(now));
    }

    /**
     * The lists at one moment.
     *
     * @param lists of whatever issuers
     * @param damaged whether there are files that may have been more of them
     */
    record Current(List<X509CRL> lists, boolean damaged) {
        static final Current NONE = new Current(List.of(), false);

        /**
         * Why a certificate is to be refused, as its issuer's lists have it; null if they say nothing against it.
         *
         * @param issuer who signed it
         */
        @Nullable
        String objection(X509Certificate certificate, X509Certificate issuer, Instant now) {
            @Nullable
            String undetermined =
                    damaged ? "may have been revoked: a file in the store's crl directory is damaged" : null;
            boolean determined = false;
            for (X509CRL list : lists) {
                if (!isOf(list, issuer)) {
                    continue;
                }
                X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
                if (entry != null) {
                    // Even by a list that is out of date: what was revoked stays so.
                    return "was revoked by its issuer on "
                            + entry.getRevocationDate().toInstant();
                }
                Date next = list.getNextUpdate();
                if (list.hasUnsupportedCriticalExtension()) {
                    undetermined = "may have been revoked: its issuer's revocation list is of a kind that is not"
                            + " supported";
                } else if (next != null && now.isAfter(next.toInstant())) {
                    undetermined = "may have been revoked: its issuer's revocation list ended on " + next.toInstant()
                            + ", put the present one into the store's crl directory";
                } else {
                    determined = true;
                }
            }
            return determined ? null : undetermined;
        }

        private static boolean isOf(X509CRL list, X509Certificate issuer) {
            if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                return false;
            }
            boolean[] usage = issuer.getKeyUsage();
            if (usage != null && !usage[CRL_SIGN]) {
                return false;
            }
            try {
                list.verify(issuer.getPublicKey());
                return true;
            } catch (GeneralSecurityException | RuntimeException e) {
                return false;
            }
        }
    }
}

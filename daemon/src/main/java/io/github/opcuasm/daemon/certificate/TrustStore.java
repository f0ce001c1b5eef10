package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of servers that are trusted and those that were refused, as files that operators may add and remove by
 * hand:
 *
 * <ul>
 *   <li>{@code trusted/SHA1HEX.der}: servers, and issuers of servers, that are trusted;
 *   <li>{@code rejected/SHA1HEX.der}: refused, the {@value #MAX_REJECTED} last ones, for an operator to approve;
 *   <li>{@code pins/HOST_PORT.der}: what each server showed first, under trust on first use;
 *   <li>{@code accepted/HOST_PORT.der}: what {@code autoAccept} took from each server, for sessions with {@code
 *       autoAccept}; empty if it was removed since;
 *   <li>{@code issuers/*}: only to complete chains, not trusted by themselves; {@code crl/*}: their revocation lists.
 * </ul>
 *
 * Files are named by the certificate's SHA-1 in lower-case hex, DER inside. The directory is made when something is first
 * written, with mode 0700, if its parent exists; files have mode 0600 and appear whole or not at all, whoever else uses
 * the store. What is on disk counts at each question; unchanged files are not read again.
 *
 * <p>Does I/O where it is called: never on an event loop. Safe for several threads.
 */
public final class TrustStore {
    static final int MAX_CERTIFICATE_BYTES = 32 * 1024;
    private static final int MAX_REJECTED = 100;
    private static final int SHORTEST_PREFIX = 8;

    private final Path directory;
    private final CertificateDirectory trusted;
    private final CertificateDirectory rejected;
    private final CertificateDirectory issuers;
    private final RevocationLists revocationLists;
    private final PinFiles firstUse;
    private final PinFiles accepted;

    /** Why a server's certificate is remembered. */
    enum Pin {
        /** It is the one that the server showed first. */
        FIRST_USE,
        /** It was accepted without a question; the next one will not be. */
        ACCEPTED
    }

    /** Touches nothing yet. */
    public TrustStore(Path directory) {
        this(directory, InstantSource.system());
    }

    TrustStore(Path directory, InstantSource clock) {
        this.directory = directory;
        this.trusted = new CertificateDirectory(directory.resolve("trusted"), clock);
        this.rejected = new CertificateDirectory(directory.resolve("rejected"), clock);
        this.issuers = new CertificateDirectory(directory.resolve("issuers"), clock);
        this.revocationLists = new RevocationLists(directory.resolve("crl"), clock);
        this.firstUse = new PinFiles(directory.resolve("pins"));
        this.accepted = new PinFiles(directory.resolve("accepted"));
    }

    /**
     * Trusts a certificate from now on, refused before or not.
     *
     * @param certificate one X.509 certificate, DER
     * @throws GeneralSecurityException if it is none
     * @throws IOException if it cannot be kept
     */
    public void trust(byte[] certificate) throws IOException, GeneralSecurityException {
        trust(EncodedCertificates.one(certificate));
    }

    synchronized void trust(X509Certificate certificate) throws IOException, CertificateException {
        write(trusted, certificate);
        delete(rejected, certificate::equals);
    }

    /**
     * Trusts the certificate with this SHA-1 no longer; one that is not known changes nothing.
     *
     * @param sha1 40 lower-case hex digits
     */
    public synchronized void untrust(String sha1) throws IOException {
        delete(trusted, certificate -> Fingerprints.sha1(certificate).equals(sha1));
        withdraw(certificate -> Fingerprints.sha1(certificate).equals(sha1));
    }

    /** What {@code autoAccept} took from a server is not accepted from it again, nor anything else unforced. */
    private void withdraw(Predicate<X509Certificate> which) throws IOException {
        for (Map.Entry<String, X509Certificate> mark : accepted.all().entrySet()) {
            if (which.test(mark.getValue())) {
                accepted.withdraw(mark.getKey());
            }
        }
    }

    synchronized boolean isTrusted(X509Certificate certificate) throws IOException {
        return trusted.certificates().containsValue(certificate);
    }

    synchronized List<X509Certificate> trusted() throws IOException {
        return List.copyOf(trusted.certificates().values());
    }

    synchronized List<X509Certificate> issuers() throws IOException {
        return List.copyOf(issuers.certificates().values());
    }

    synchronized RevocationLists.Current revocationLists() throws IOException {
        return revocationLists.current();
    }

    /** Keeps a refused certificate for an operator to look at; the oldest ones make room. One that is too large is not. */
    synchronized void reject(X509Certificate certificate) throws IOException, CertificateException {
        Map<Path, X509Certificate> known = rejected.certificates();
        if (known.containsValue(certificate) || Fingerprints.encoded(certificate).length > MAX_CERTIFICATE_BYTES) {
            return;
        }
        List<Path> files = new ArrayList<>(known.keySet());
        Map<Path, FileTime> ages = new LinkedHashMap<>();
        for (Path file : files) {
            BoundedFile.Stamp stamp = BoundedFile.Stamp.of(file);
            ages.put(file, stamp == null ? FileTime.fromMillis(0) : stamp.modified());
        }
        files.sort(java.util.Comparator.comparing(file -> ages.getOrDefault(file, FileTime.fromMillis(0))));
        for (int surplus = 0; surplus <= files.size() - MAX_REJECTED; surplus++) {
            Files.deleteIfExists(files.get(surplus));
        }
        write(rejected, certificate);
    }

    /** Refused ones only; what operators did with it meanwhile stays. */
    synchronized void discardRejected(X509Certificate certificate) throws IOException {
        delete(rejected, certificate::equals);
    }

    /** What is remembered of a server, or null if there is nothing. */
    synchronized @Nullable X509Certificate pin(Pin kind, String server) throws IOException {
        return pins(kind).get(server);
    }

    /**
     * Remembers a server's certificate, unless one is remembered already.
     *
     * @return what is remembered
     */
    synchronized X509Certificate pinIfAbsent(Pin kind, String server, X509Certificate certificate) throws IOException {
        makeDirectories(pins(kind).path());
        return pins(kind).putIfAbsent(server, certificate);
    }

    synchronized void pin(Pin kind, String server, X509Certificate certificate) throws IOException {
        makeDirectories(pins(kind).path());
        pins(kind).put(server, certificate);
    }

    private PinFiles pins(Pin kind) {
        return kind == Pin.FIRST_USE ? firstUse : accepted;
    }

    /** All there is: trusted, rejected, pinned. */
    synchronized List<CertificateSummary> list() throws IOException {
        List<CertificateSummary> all = new ArrayList<>();
        for (X509Certificate certificate : trusted.certificates().values()) {
            all.add(CertificateSummary.of(CertificateSummary.State.TRUSTED, "", certificate));
        }
        for (X509Certificate certificate : rejected.certificates().values()) {
            all.add(CertificateSummary.of(CertificateSummary.State.REJECTED, "", certificate));
        }
        Map<String, X509Certificate> pinned = firstUse.all();
        pinned.forEach((server, certificate) ->
                all.add(CertificateSummary.of(CertificateSummary.State.PINNED, server, certificate)));
        accepted.all().forEach((server, certificate) -> {
            if (!certificate.equals(pinned.get(server))) {
                all.add(CertificateSummary.of(CertificateSummary.State.PINNED, server, certificate));
            }
        });
        return all;
    }

    /**
     * Forgets a certificate, trusted, refused or taken by {@code autoAccept}. Pins stay: a server whose certificate is
     * trusted no longer must not become one that was never seen. {@link #removePin} forgets those.
     *
     * @param fingerprint SHA-1 or SHA-256 in hex, with or without colons, or the first 8 or more digits of one
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT} if it names none or more than one
     */
    synchronized CertificateSummary remove(String fingerprint) throws IOException {
        List<X509Certificate> candidates =
                new ArrayList<>(trusted.certificates().values());
        candidates.addAll(rejected.certificates().values());
        candidates.addAll(accepted.all().values());
        X509Certificate meant;
        try {
            meant = theOne(fingerprint, candidates);
        } catch (CommandException e) {
            throw pinnedInstead(fingerprint, e);
        }
        CertificateSummary.State state = trusted.certificates().containsValue(meant)
                ? CertificateSummary.State.TRUSTED
                : rejected.certificates().containsValue(meant)
                        ? CertificateSummary.State.REJECTED
                        : CertificateSummary.State.PINNED;
        delete(trusted, meant::equals);
        delete(rejected, meant::equals);
        withdraw(meant::equals);
        return CertificateSummary.of(state, "", meant);
    }

    /**
     * Trusts a certificate that was refused.
     *
     * @param fingerprint as {@link #remove} takes it
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT} if it names none or more than one
     */
    synchronized CertificateSummary approve(String fingerprint) throws IOException, CertificateException {
        X509Certificate meant = theOne(fingerprint, rejected.certificates().values());
        trust(meant);
        return CertificateSummary.of(CertificateSummary.State.TRUSTED, "", meant);
    }

    /** Whether there was one. A damaged one goes too. */
    synchronized boolean removePin(String server) throws IOException {
        boolean pinned = firstUse.remove(server);
        boolean wasAccepted = accepted.remove(server);
        return pinned || wasAccepted;
    }

    private CommandException pinnedInstead(String fingerprint, CommandException otherwise) throws IOException {
        for (Map.Entry<String, X509Certificate> pin : firstUse.all().entrySet()) {
            if (matches(pin.getValue(), hex(fingerprint))) {
                return new CommandException(
                        ErrorType.INVALID_ARGUMENT,
                        "fingerprint: this certificate is only pinned; to forget the pin, name the server: "
                                + pin.getKey());
            }
        }
        return otherwise;
    }

    private static String hex(String fingerprint) {
        return fingerprint.replaceAll("[:\\s]", "").toLowerCase(Locale.ROOT);
    }

    private static boolean matches(X509Certificate certificate, String hex) {
        return hex.length() >= SHORTEST_PREFIX
                && (Fingerprints.sha1(certificate).startsWith(hex)
                        || Fingerprints.sha256(certificate).startsWith(hex));
    }

    static X509Certificate theOne(String fingerprint, Collection<X509Certificate> candidates) {
        String hex = hex(fingerprint);
        if (!hex.matches("[0-9a-f]{" + SHORTEST_PREFIX + ",64}")) {
            throw CommandException.invalidArgument(
                    "fingerprint",
                    "something else",
                    "SHA-1 or SHA-256 in hex, or its first " + SHORTEST_PREFIX + " or more digits");
        }
        List<X509Certificate> meant = candidates.stream()
                .distinct()
                .filter(certificate -> matches(certificate, hex))
                .toList();
        if (meant.isEmpty()) {
            throw new CommandException(ErrorType.INVALID_ARGUMENT, "fingerprint: no certificate here has " + hex);
        }
        if (meant.size() > 1) {
            throw new CommandException(
                    ErrorType.INVALID_ARGUMENT,
                    "fingerprint: " + meant.size() + " certificates here begin with " + hex + "; give more digits");
        }
        return meant.get(0);
    }

    private void write(CertificateDirectory to, X509Certificate certificate) throws IOException, CertificateException {
        byte[] encoded = Fingerprints.encoded(certificate);
        if (encoded.length > MAX_CERTIFICATE_BYTES) {
            throw new CertificateException("larger than " + MAX_CERTIFICATE_BYTES + " bytes");
        }
        makeDirectories(to.path());
        PrivateFiles.replace(to.path().resolve(Fingerprints.sha1(certificate) + ".der"), encoded);
    }

    private void makeDirectories(Path subdirectory) throws IOException {
        // A link is followed here alone: who named the store was asked about where it really lies.
        if (!Files.isDirectory(directory)) {
            PrivateFiles.makeDirectory(directory);
        }
        PrivateFiles.makeDirectory(subdirectory);
    }

    private static void delete(CertificateDirectory from, Predicate<X509Certificate> which) throws IOException {
        for (Map.Entry<Path, X509Certificate> entry : from.certificates().entrySet()) {
            if (which.test(entry.getValue())) {
                try {
                    Files.deleteIfExists(entry.getKey());
                } catch (NoSuchFileException e) {
                    // Somebody else was first.
                }
            }
        }
    }
}

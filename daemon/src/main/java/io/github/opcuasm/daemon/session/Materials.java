package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.certificate.Fingerprints;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a config names by path, as it is in the files.
 *
 * @param client our application's certificate for this session; null for the daemon's own
 * @param user the certificate of the user; null if it is none
 * @param issuers who may have issued the server's certificate
 * @param trustStore where trusted certificates lie; null for the daemon's own
 */
record Materials(
        @Nullable KeyMaterial client,
        @Nullable KeyMaterial user,
        List<X509Certificate> issuers,
        @Nullable Path trustStore) {
    static final Materials NONE = new Materials(null, null, List.of(), null);

    /** Tells users by certificate apart; empty for others. */
    String userFingerprint() {
        return user == null ? "" : user.fingerprint();
    }

    /** Equal for files with the same contents. */
    String fingerprint() {
        return (client == null ? "" : client.fingerprint()) + "," + userFingerprint() + ","
                + issuers.stream().map(Fingerprints::sha256).collect(Collectors.joining(","));
    }
}

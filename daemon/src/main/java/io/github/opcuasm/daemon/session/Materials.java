package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
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

    /** Equal for files with the same contents. */
    String fingerprint() {
        return (client == null ? "" : client.fingerprint()) + "," + (user == null ? "" : user.fingerprint());
    }
}

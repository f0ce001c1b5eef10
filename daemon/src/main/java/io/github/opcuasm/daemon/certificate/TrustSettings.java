package io.github.opcuasm.daemon.certificate;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one session trusts.
 *
 * @param policy how a certificate is judged
 * @param store the directory of trusted and refused certificates; null for the daemon's own
 * @param autoAccept an endpoint's first certificate is accepted and kept
 * @param autoAcceptForce a changed one too
 * @param issuers of the config's {@code caCertPath}: trusted as issuers with {@link TrustPolicy#FULL}, else ignored
 */
public record TrustSettings(
        TrustPolicy policy,
        @Nullable Path store,
        boolean autoAccept,
        boolean autoAcceptForce,
        List<X509Certificate> issuers) {
    public TrustSettings {
        issuers = List.copyOf(issuers);
    }
}

package io.github.opcuasm.daemon.certificate;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a server shows, and what it must fit.
 *
 * @param server {@code host:port} that was connected to
 * @param host of the URL that the caller gave
 * @param applicationUri that the server claims; null if it claims none
 * @param chain the server's certificate first
 */
public record PresentedCertificate(
        String server, String host, @Nullable String applicationUri, List<X509Certificate> chain) {
    public PresentedCertificate {
        chain = List.copyOf(chain);
    }
}

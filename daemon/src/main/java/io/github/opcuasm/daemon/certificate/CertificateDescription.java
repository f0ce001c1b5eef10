package io.github.opcuasm.daemon.certificate;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say about a certificate of ours, and what an operator needs to have servers trust it.
 *
 * @param subject as in RFC 2253
 * @param applicationUri null if it has none
 * @param hostNames DNS names and IP addresses of its SubjectAltName
 * @param sha1 fingerprint, lower-case hex: what OPC UA calls the thumbprint
 * @param sha256 fingerprint, lower-case hex
 * @param path where it is kept; null if in memory only
 * @param pem the certificate as text, for export
 * @param successor what takes its place soon, made ahead so that servers can trust it in time; null if it is not due
 */
public record CertificateDescription(
        String subject,
        @Nullable String applicationUri,
        List<String> hostNames,
        String sha1,
        String sha256,
        Instant notBefore,
        Instant notAfter,
        BigInteger serialNumber,
        @Nullable Path path,
        String pem,
        @Nullable CertificateDescription successor) {
    public CertificateDescription {
        hostNames = List.copyOf(hostNames);
    }
}

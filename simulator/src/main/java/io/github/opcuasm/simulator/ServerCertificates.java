package io.github.opcuasm.simulator;

import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateGroup;
import org.eclipse.milo.opcua.stack.core.security.CertificateManager;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;

/**
 * The server's certificate, which can be replaced while the server runs. Replaced ones are still found by their
 * thumbprint, since channels and sessions that were opened with them go on; new channels match the endpoints, and
 * these have the newest.
 */
final class ServerCertificates implements CertificateManager {
    private final Map<ByteString, IssuedCertificate> known = new ConcurrentHashMap<>();
    private final CertificateQuarantine quarantine = new MemoryCertificateQuarantine();
    private final ClientTrust clients;
    private volatile IssuedCertificate presented;

    ServerCertificates(IssuedCertificate presented, ClientTrust clients) {
        this.clients = clients;
        this.presented = presented;
        known.put(thumbprint(presented), presented);
    }

    IssuedCertificate presented() {
        return presented;
    }

    void present(IssuedCertificate certificate) {
        known.put(thumbprint(certificate), certificate);
        presented = certificate;
    }

    ClientTrust clients() {
        return clients;
    }

    @Override
    public Optional<KeyPair> getKeyPair(ByteString thumbprint) {
        return find(thumbprint).map(IssuedCertificate::keys);
    }

    @Override
    public Optional<X509Certificate> getCertificate(ByteString thumbprint) {
        return find(thumbprint).map(IssuedCertificate::certificate);
    }

    @Override
    public Optional<X509Certificate[]> getCertificateChain(ByteString thumbprint) {
        return find(thumbprint).map(found -> found.chain().toArray(new X509Certificate[0]));
    }

    @Override
    public Optional<CertificateGroup> getCertificateGroup(ByteString thumbprint) {
        return find(thumbprint).map(found -> clients);
    }

    @Override
    public Optional<CertificateGroup> getCertificateGroup(NodeId certificateGroupId) {
        return certificateGroupId.equals(clients.getCertificateGroupId()) ? Optional.of(clients) : Optional.empty();
    }

    @Override
    public List<CertificateGroup> getCertificateGroups() {
        return List.of(clients);
    }

    @Override
    public CertificateQuarantine getCertificateQuarantine() {
        return quarantine;
    }

    private Optional<IssuedCertificate> find(ByteString thumbprint) {
        return Optional.ofNullable(known.get(thumbprint));
    }

    private static ByteString thumbprint(IssuedCertificate certificate) {
        try {
            return CertificateUtil.thumbprint(certificate.certificate());
        } catch (UaException e) {
            throw new IllegalStateException("The certificate has no thumbprint", e);
        }
    }
}

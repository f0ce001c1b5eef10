package io.github.opcuasm.simulator;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.CertificateGroup;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.TrustListManager;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.jspecify.annotations.Nullable;

/**
 * Which clients' certificates the server takes: all, or those in a list that may change while it runs. The list is
 * of certificates, not of authorities. Milo asks a certificate group, of which only the validator is used.
 */
final class ClientTrust implements CertificateGroup {
    private final TrustListManager trustList = new MemoryTrustListManager();
    private final boolean checksApplicationUri;
    private volatile @Nullable List<X509Certificate> trusted;

    ClientTrust(@Nullable List<X509Certificate> trusted, boolean checksApplicationUri) {
        this.trusted = trusted;
        this.checksApplicationUri = checksApplicationUri;
    }

    void trust(List<X509Certificate> certificates) {
        trusted = List.copyOf(certificates);
    }

    @Override
    public CertificateValidator getCertificateValidator() {
        return (chain, applicationUri, hosts) -> check(chain.get(0), applicationUri);
    }

    /** Milo checks twice: with the channel, where it gives no application URI, and with the session. */
    private void check(X509Certificate client, @Nullable String applicationUri) throws UaException {
        List<X509Certificate> list = trusted;
        if (list != null && !list.contains(client)) {
            throw new UaException(StatusCodes.Bad_SecurityChecksFailed, "The client's certificate is not trusted");
        }
        if (checksApplicationUri
                && applicationUri != null
                && !CertificateUtil.getSanUri(client).equals(Optional.of(applicationUri))) {
            throw new UaException(StatusCodes.Bad_CertificateUriInvalid);
        }
    }

    @Override
    public NodeId getCertificateGroupId() {
        return NodeIds.ServerConfiguration_CertificateGroups_DefaultApplicationGroup;
    }

    @Override
    public List<NodeId> getSupportedCertificateTypeIds() {
        return List.of(NodeIds.RsaSha256ApplicationCertificateType);
    }

    @Override
    public TrustListManager getTrustListManager() {
        return trustList;
    }

    @Override
    public List<Entry> getCertificateEntries() {
        return List.of();
    }

    @Override
    public Optional<KeyPair> getKeyPair(NodeId certificateTypeId) {
        return Optional.empty();
    }

    @Override
    public Optional<X509Certificate[]> getCertificateChain(NodeId certificateTypeId) {
        return Optional.empty();
    }

    @Override
    public void updateCertificate(NodeId certificateTypeId, KeyPair keyPair, X509Certificate[] certificateChain) {
        throw new UnsupportedOperationException("Tests replace the certificate, clients do not");
    }

    @Override
    public CertificateFactory getCertificateFactory() {
        throw new UnsupportedOperationException("Clients do not replace the certificate");
    }
}

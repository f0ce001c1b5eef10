package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.ServerTrust;
import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.certificate.TrustSettings;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** What sessions of tests need for their security: nothing is kept, any server is believed. */
public final class TestSecurity {
    static final Executor POOL = ForkJoinPool.commonPool();

    private static final KeyMaterial OURS =
            material(CertificateTemplate.client("urn:opcuasm:test:client").selfSigned());

    /** No security, nobody in particular. */
    static final SecuritySettings PLAIN = settings(SecurityProfile.NONE, new UserIdentity.Anonymous());

    private TestSecurity() {}

    static SecuritySettings settings(SecurityProfile profile, UserIdentity identity) {
        return new SecuritySettings(
                profile,
                identity,
                () -> CompletableFuture.completedFuture(OURS),
                new TrustSettings(TrustPolicy.NONE, null, false, false, List.of()),
                true);
    }

    static KeyMaterial material(IssuedCertificate certificate) {
        return new KeyMaterial(certificate.chain(), certificate.privateKey(), certificate.fingerprint());
    }

    /** Eight handshakes a server at a time. */
    public static SessionConnector connector(OpcUaTransport transport) {
        return new SessionConnector(
                transport,
                new EndpointDiscovery(transport),
                new ServerTrust(null, AllowedDirectories.anywhere(), POOL, InstantSource.system()),
                new ServerGates(8, transport));
    }
}

package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.identity.AnonymousProvider;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.sdk.client.identity.UsernameProvider;
import org.eclipse.milo.opcua.sdk.client.identity.X509IdentityProvider;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/** How a Milo client comes to a secured simulator. */
record SecuredClient(
        SecurityPolicy policy,
        MessageSecurityMode mode,
        IdentityProvider identity,
        IssuedCertificate certificate,
        Duration channelLifetime) {
    private static final String APPLICATION_URI = "urn:opcuasm:simulator:test-client";

    /** Anonymous, with a certificate of its own. */
    static SecuredClient of(SecurityPolicy policy, MessageSecurityMode mode) {
        return new SecuredClient(
                policy,
                mode,
                AnonymousProvider.INSTANCE,
                CertificateTemplate.client(APPLICATION_URI).selfSigned(),
                Duration.ofHours(1));
    }

    static SecuredClient strong() {
        return of(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
    }

    SecuredClient user(String name, String password) {
        return identity(new UsernameProvider(name, password));
    }

    SecuredClient user(IssuedCertificate user) {
        return identity(new X509IdentityProvider(user.certificate(), user.privateKey()));
    }

    SecuredClient certificate(IssuedCertificate own) {
        return new SecuredClient(policy, mode, identity, own, channelLifetime);
    }

    SecuredClient channelLifetime(Duration lifetime) {
        return new SecuredClient(policy, mode, identity, certificate, lifetime);
    }

    private SecuredClient identity(IdentityProvider provider) {
        return new SecuredClient(policy, mode, provider, certificate, channelLifetime);
    }

    OpcUaClient create(Simulator simulator) throws UaException {
        return OpcUaClient.create(
                simulator.endpointUrl(),
                endpoints -> endpoints.stream()
                        .filter(it -> policy.getUri().equals(it.getSecurityPolicyUri()) && it.getSecurityMode() == mode)
                        .findFirst(),
                transport -> transport.setChannelLifetime(uint(channelLifetime.toMillis())),
                config -> config.setApplicationUri(APPLICATION_URI)
                        .setKeyPair(certificate.keys())
                        .setCertificate(certificate.certificate())
                        .setCertificateChain(certificate.chain().toArray(new X509Certificate[0]))
                        .setIdentityProvider(identity)
                        .setRequestTimeout(uint(TestClients.PATIENCE_SECONDS * 1_000)));
    }
}

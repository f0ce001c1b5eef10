package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.util.NonceUtil;
import org.eclipse.milo.opcua.stack.transport.client.ClientApplicationContext;
import org.eclipse.milo.opcua.stack.transport.client.tcp.OpcTcpClientTransport;
import org.eclipse.milo.opcua.stack.transport.client.tcp.OpcTcpClientTransportConfig;

/** A client that takes every answer of a handshake as it is, and hands it out. */
final class RawHandshake implements AutoCloseable, ClientApplicationContext {
    private static final IssuedCertificate CLIENT =
            CertificateTemplate.client("urn:opcuasm:simulator:raw").selfSigned();

    private final EndpointDescription endpoint;
    private final OpcTcpClientTransport transport =
            new OpcTcpClientTransport(OpcTcpClientTransportConfig.newBuilder().build());
    private final ByteString nonce = NonceUtil.generateNonce(32);

    /** Opens a channel to the endpoint of this policy; with one other than None in mode Sign. */
    RawHandshake(Simulator simulator, SecurityPolicy policy) throws Exception {
        MessageSecurityMode mode = policy == SecurityPolicy.None ? MessageSecurityMode.None : MessageSecurityMode.Sign;
        this.endpoint =
                DiscoveryClient.getEndpoints(simulator.endpointUrl())
                        .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .stream()
                        .filter(it -> policy.getUri().equals(it.getSecurityPolicyUri()) && it.getSecurityMode() == mode)
                        .findFirst()
                        .orElseThrow();
        transport.connect(this).get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    ByteString nonce() {
        return nonce;
    }

    byte[] certificate() {
        return CLIENT.der();
    }

    CreateSessionResponse create() throws Exception {
        return (CreateSessionResponse) send(new CreateSessionRequest(
                header(NodeId.NULL_VALUE),
                new ApplicationDescription(
                        "urn:opcuasm:simulator:raw",
                        "",
                        LocalizedText.english("raw"),
                        ApplicationType.Client,
                        null,
                        null,
                        null),
                null,
                endpoint.getEndpointUrl(),
                "raw",
                nonce,
                ByteString.of(CLIENT.der()),
                60_000.0,
                UInteger.MIN));
    }

    /** Anonymous, and without a signature, which only the endpoint without security takes. */
    ActivateSessionResponse activate(CreateSessionResponse created) throws Exception {
        return (ActivateSessionResponse) send(new ActivateSessionRequest(
                header(created.getAuthenticationToken()),
                new SignatureData(null, null),
                null,
                null,
                null,
                new SignatureData(null, null)));
    }

    private UaResponseMessageType send(UaRequestMessageType request) throws Exception {
        return transport.sendRequestMessage(request).get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static RequestHeader header(NodeId authenticationToken) {
        return new RequestHeader(
                authenticationToken,
                DateTime.now(),
                UInteger.MIN,
                UInteger.MIN,
                null,
                uint(TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS)),
                null);
    }

    @Override
    public EndpointDescription getEndpoint() {
        return endpoint;
    }

    @Override
    public Optional<KeyPair> getKeyPair() {
        return Optional.of(CLIENT.keys());
    }

    @Override
    public Optional<X509Certificate> getCertificate() {
        return Optional.of(CLIENT.certificate());
    }

    @Override
    public Optional<X509Certificate[]> getCertificateChain() {
        return Optional.of(new X509Certificate[] {CLIENT.certificate()});
    }

    @Override
    public CertificateValidator getCertificateValidator() {
        return (chain, uri, hosts) -> {};
    }

    @Override
    public EncodingContext getEncodingContext() {
        return DefaultEncodingContext.INSTANCE;
    }

    @Override
    public UInteger getRequestTimeout() {
        return uint(TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS));
    }

    @Override
    public void close() {
        transport
                .disconnect()
                .orTimeout(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}

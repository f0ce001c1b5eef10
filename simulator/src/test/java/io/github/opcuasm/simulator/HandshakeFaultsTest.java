package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import io.github.opcuasm.simulator.certificates.RsaKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityAlgorithm;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.SignatureUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HandshakeFaultsTest {
    private static final IssuedCertificate OTHER =
            CertificateTemplate.server().keys(RsaKeys.other()).selfSigned();

    private final Simulator simulator = Simulator.builder()
            .secured(security -> security.policies(SecurityPolicy.None, SecurityPolicy.Basic256Sha256)
                    .user("operator", "secret"))
            .build();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() {
        simulator.close();
    }

    @Test
    void undisturbedHandshakeIsGood() throws Exception {
        try (RawHandshake client = secured()) {
            CreateSessionResponse created = client.create();

            assertThatCode(() -> verify(client, created, simulator.certificate()))
                    .doesNotThrowAnyException();
            assertThat(created.getServerNonce().length()).isEqualTo(32);
            assertThat(created.getServerCertificate().bytesOrEmpty())
                    .isEqualTo(simulator.certificate().der());
            assertThat(modes(created.getServerEndpoints()))
                    .containsExactly(
                            MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt);
        }
    }

    @Test
    void signatureIsWrongByOneBit() throws Exception {
        try (RawHandshake client = secured()) {
            simulator.faults().disturb(HandshakeFault.CREATE_SESSION_SIGNATURE_WRONG);

            CreateSessionResponse created = client.create();

            assertThatThrownBy(() -> verify(client, created, simulator.certificate()))
                    .isInstanceOf(UaException.class);
        }
    }

    @Test
    void signatureIsByAnotherKey() throws Exception {
        try (RawHandshake client = secured()) {
            simulator.faults().disturb(HandshakeFault.CREATE_SESSION_SIGNATURE_BY_OTHER_KEY);

            CreateSessionResponse created = client.create();

            assertThatThrownBy(() -> verify(client, created, simulator.certificate()))
                    .isInstanceOf(UaException.class);
            assertThatCode(() -> verify(client, created, OTHER)).doesNotThrowAnyException();
        }
    }

    @Test
    void signatureIsMissing() throws Exception {
        try (RawHandshake client = secured()) {
            simulator.faults().disturb(HandshakeFault.CREATE_SESSION_SIGNATURE_MISSING);

            SignatureData signature = client.create().getServerSignature();

            assertThat(signature.getAlgorithm()).isNull();
            assertThat(signature.getSignature().isNull()).isTrue();
        }
    }

    @Test
    void nonceOfTheSessionIsShortMissingOrRepeated() throws Exception {
        assertThat(nonceUnder(HandshakeFault.CREATE_SESSION_NONCE_SHORT).length())
                .isEqualTo(16);
        assertThat(nonceUnder(HandshakeFault.CREATE_SESSION_NONCE_MISSING).isNull())
                .isTrue();
        assertThat(nonceUnder(HandshakeFault.CREATE_SESSION_NONCE_REPEATED))
                .isEqualTo(nonceUnder(HandshakeFault.CREATE_SESSION_NONCE_REPEATED))
                .satisfies(nonce -> assertThat(nonce.length()).isEqualTo(32));
    }

    @Test
    void nonceOfTheActivationIsShortMissingOrRepeated() throws Exception {
        assertThat(activationNonceUnder(HandshakeFault.ACTIVATE_SESSION_NONCE_SHORT)
                        .length())
                .isEqualTo(16);
        assertThat(activationNonceUnder(HandshakeFault.ACTIVATE_SESSION_NONCE_MISSING)
                        .isNull())
                .isTrue();
        assertThat(activationNonceUnder(HandshakeFault.ACTIVATE_SESSION_NONCE_REPEATED))
                .isEqualTo(nonceUnder(HandshakeFault.CREATE_SESSION_NONCE_REPEATED));
    }

    @Test
    void certificateOfTheSessionIsNotThatOfTheChannel() throws Exception {
        try (RawHandshake client = secured()) {
            simulator.faults().disturb(HandshakeFault.CREATE_SESSION_CERTIFICATE_OTHER);

            byte[] certificate = client.create().getServerCertificate().bytesOrEmpty();

            assertThat(certificate).isNotEqualTo(simulator.certificate().der());
            assertThat(CertificateUtil.decodeCertificate(certificate).getPublicKey())
                    .isEqualTo(RsaKeys.other().getPublic());
        }
    }

    @Test
    void endpointsOfTheSessionDifferFromThoseOfDiscovery() throws Exception {
        assertThat(sessionModesUnder(HandshakeFault.CREATE_SESSION_ENDPOINTS_ONLY_NONE))
                .containsExactly(MessageSecurityMode.None);
        assertThat(sessionModesUnder(HandshakeFault.CREATE_SESSION_ENDPOINTS_EMPTY))
                .isEmpty();
        assertThat(sessionModesUnder(HandshakeFault.CREATE_SESSION_ENDPOINTS_WITHOUT_OURS))
                .containsExactly(MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt);
    }

    @Test
    void discoveryIsDowngradedWhileTheSessionSaysTheTruth() throws Exception {
        simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_ONLY_NONE);

        List<EndpointDescription> listed = discovered();

        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).getSecurityPolicyUri()).isEqualTo(SecurityPolicy.None.getUri());
        assertThat(listed.get(0).getUserIdentityTokens())
                .extracting(token -> String.valueOf(token.getPolicyId()))
                .containsExactly("anonymous", "username-None", "certificate-None");
        try (RawHandshake client = new RawHandshake(simulator, SecurityPolicy.None)) {
            assertThat(client.create().getServerEndpoints()).hasSize(3);
        }
    }

    @Test
    void discoveryIsEmpty() throws Exception {
        simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_EMPTY);

        assertThat(discovered()).isEmpty();
    }

    @Test
    void discoveryOffersNoTokens() throws Exception {
        simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_WITHOUT_TOKENS);

        assertThat(discovered())
                .hasSize(3)
                .allSatisfy(
                        endpoint -> assertThat(endpoint.getUserIdentityTokens()).isNullOrEmpty());
    }

    @Test
    void discoveryListsThousandsBeforeTheTrueOnes() throws Exception {
        simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_THOUSANDS);

        List<EndpointDescription> listed = discovered();

        assertThat(listed).hasSize(HandshakeAnswers.MANY + 3);
        assertThat(listed.get(HandshakeAnswers.MANY).getSecurityPolicyUri()).isEqualTo(SecurityPolicy.None.getUri());
    }

    @Test
    void discoveryHasCertificatesThatAreNone() throws Exception {
        simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_GARBAGE_CERTIFICATES);

        byte[] certificate = discovered().get(0).getServerCertificate().bytesOrEmpty();

        assertThatThrownBy(() -> CertificateUtil.decodeCertificate(certificate)).isInstanceOf(UaException.class);
    }

    @Test
    void endpointsAreAnnouncedElsewhereAndReachedWhereTheyAre() throws Exception {
        try (RawHandshake client = secured()) {
            Fault nat = simulator.faults().announce("plc.invalid", 4841);

            assertThat(discovered())
                    .extracting(EndpointDescription::getEndpointUrl)
                    .containsOnly("opc.tcp://plc.invalid:4841/simulator");
            assertThat(client.create().getServerEndpoints())
                    .extracting(EndpointDescription::getEndpointUrl)
                    .containsOnly("opc.tcp://plc.invalid:4841/simulator");
            nat.close();
        }
        assertThat(discovered()).extracting(EndpointDescription::getEndpointUrl).containsOnly(simulator.endpointUrl());
    }

    @Test
    void clearUndoesThemAll() throws Exception {
        for (HandshakeFault fault : HandshakeFault.values()) {
            simulator.faults().disturb(fault);
        }

        simulator.faults().clear();

        assertThat(discovered()).hasSize(3);
        try (RawHandshake client = secured()) {
            CreateSessionResponse created = client.create();
            assertThatCode(() -> verify(client, created, simulator.certificate()))
                    .doesNotThrowAnyException();
        }
    }

    private RawHandshake secured() throws Exception {
        return new RawHandshake(simulator, SecurityPolicy.Basic256Sha256);
    }

    private ByteString nonceUnder(HandshakeFault fault) throws Exception {
        try (RawHandshake client = new RawHandshake(simulator, SecurityPolicy.None);
                Fault disturbed = simulator.faults().disturb(fault)) {
            assertThat(disturbed.held()).isZero();
            return client.create().getServerNonce();
        }
    }

    private ByteString activationNonceUnder(HandshakeFault fault) throws Exception {
        try (RawHandshake client = new RawHandshake(simulator, SecurityPolicy.None);
                Fault disturbed = simulator.faults().disturb(fault)) {
            assertThat(disturbed.held()).isZero();
            return client.activate(client.create()).getServerNonce();
        }
    }

    private List<MessageSecurityMode> sessionModesUnder(HandshakeFault fault) throws Exception {
        try (RawHandshake client = secured();
                Fault disturbed = simulator.faults().disturb(fault)) {
            assertThat(disturbed.held()).isZero();
            return modes(client.create().getServerEndpoints());
        }
    }

    private List<EndpointDescription> discovered() throws Exception {
        return DiscoveryClient.getEndpoints(simulator.endpointUrl())
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static List<MessageSecurityMode> modes(EndpointDescription[] endpoints) {
        return endpoints == null
                ? List.of()
                : Arrays.stream(endpoints)
                        .map(EndpointDescription::getSecurityMode)
                        .toList();
    }

    private static void verify(RawHandshake client, CreateSessionResponse created, IssuedCertificate server)
            throws UaException {
        SignatureData signature = created.getServerSignature();
        byte[] signed = ByteBuffer.allocate(
                        client.certificate().length + client.nonce().length())
                .put(client.certificate())
                .put(client.nonce().bytesOrEmpty())
                .array();
        SignatureUtil.verify(
                SecurityAlgorithm.fromUri(signature.getAlgorithm()),
                server.certificate(),
                signed,
                signature.getSignature().bytesOrEmpty());
    }
}

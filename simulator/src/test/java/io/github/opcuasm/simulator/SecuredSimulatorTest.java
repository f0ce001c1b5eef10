package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.certificates.CertificateAuthority;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import io.github.opcuasm.simulator.certificates.RsaKeys;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SecuredSimulatorTest {
    private static final IssuedCertificate OPERATOR =
            CertificateTemplate.user("operator").selfSigned();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "None")
    void everyPolicyModeAndUserReadsAndWrites(SecurityPolicy policy) throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.start();
            for (MessageSecurityMode mode : List.of(MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt)) {
                SecuredClient anonymous = SecuredClient.of(policy, mode);
                for (SecuredClient each :
                        List.of(anonymous, anonymous.user("operator", "secret"), anonymous.user(OPERATOR))) {
                    OpcUaClient client = clients.connect(simulator, each);

                    assertThat(TestClients.writeNow(client, "Scalars/Int32", 7)).isEqualTo(StatusCode.GOOD);
                    assertThat(TestClients.readNow(client, "Scalars/Int32")
                                    .value()
                                    .value())
                            .isEqualTo(7);
                }
            }
            assertThat(simulator.counters().sessionsActivated()).isEqualTo(6);
            assertThat(simulator.counters().handshakesAtOnce()).isZero();
        }
    }

    @Test
    void endpointsAreListedInTheOrderOffered() throws Exception {
        try (Simulator simulator = Simulator.builder().secured().build()) {
            simulator.start();

            List<EndpointDescription> endpoints = endpoints(simulator);

            assertThat(endpoints).hasSize(11);
            assertThat(endpoints.get(0).getSecurityPolicyUri()).isEqualTo(SecurityPolicy.None.getUri());
            assertThat(endpoints.get(10).getSecurityPolicyUri())
                    .isEqualTo(SecurityPolicy.Aes256_Sha256_RsaPss.getUri());
            assertThat(endpoints)
                    .allSatisfy(endpoint -> assertThat(
                                    endpoint.getServerCertificate().bytesOrEmpty())
                            .isEqualTo(simulator.certificate().der()));
        }
    }

    @Test
    void tokensAreOfferedAsGiven() throws Exception {
        try (Simulator simulator = Simulator.builder()
                        .secured(security -> security.policies(SecurityPolicy.Basic256Sha256)
                                .modes(MessageSecurityMode.Sign)
                                .user("operator", "secret")
                                .tokens((policy, mode) -> List.of(
                                        TokenPolicies.userName(SecurityPolicy.Basic128Rsa15),
                                        TokenPolicies.userName(SecurityPolicy.Aes256_Sha256_RsaPss))))
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();

            List<EndpointDescription> endpoints = endpoints(simulator);

            assertThat(endpoints).hasSize(1);
            assertThat(endpoints.get(0).getUserIdentityTokens())
                    .extracting(UserTokenPolicy::getPolicyId)
                    .containsExactly("username-Basic128Rsa15", "username-Aes256_Sha256_RsaPss");
            clients.connect(
                    simulator,
                    SecuredClient.of(SecurityPolicy.Basic256Sha256, MessageSecurityMode.Sign)
                            .user("operator", "secret"));
        }
    }

    @Test
    void passwordIsTakenInClearOnlyWhereItWasSaid() throws Exception {
        try (Simulator open = Simulator.builder()
                        .secured(security -> security.user("operator", "secret").clearTextPasswords())
                        .build();
                Simulator careful = secured();
                TestClients clients = new TestClients()) {
            open.start();
            careful.start();
            SecuredClient client = SecuredClient.of(SecurityPolicy.None, MessageSecurityMode.None)
                    .user("operator", "secret");

            clients.connect(open, client);
            clients.connect(careful, client);

            assertThat(policyOfPasswords(open)).isEqualTo(SecurityPolicy.None.getUri());
            assertThat(policyOfPasswords(careful)).isEqualTo(SecurityPolicy.Basic256Sha256.getUri());
        }
    }

    @Test
    void wrongPasswordIsRefusedAndCounted() throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.start();

            assertRefused(
                    clients,
                    simulator,
                    SecuredClient.strong().user("operator", "guess"),
                    StatusCodes.Bad_UserAccessDenied);

            assertThat(simulator.counters().activationsRefused()).isPositive();
            assertThat(simulator.counters().sessionsActivated()).isZero();
        }
    }

    @Test
    void unknownUserCertificateIsRejected() throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.start();
            IssuedCertificate stranger = CertificateTemplate.user("stranger").selfSigned();

            assertRefused(
                    clients, simulator, SecuredClient.strong().user(stranger), StatusCodes.Bad_IdentityTokenRejected);
        }
    }

    @Test
    void anonymousCanBeSwitchedOff() throws Exception {
        try (Simulator simulator = Simulator.builder()
                        .secured(security -> security.withoutAnonymous().user("operator", "secret"))
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();

            assertThatThrownBy(() -> clients.connect(simulator, SecuredClient.strong()))
                    .hasStackTraceContaining("anonymous");

            clients.connect(simulator, SecuredClient.strong().user("operator", "secret"));
        }
    }

    @Test
    void onlyTrustedClientsConnectOnceThereIsAList() throws Exception {
        IssuedCertificate first =
                CertificateTemplate.client("urn:opcuasm:simulator:test-client").selfSigned();
        IssuedCertificate second = CertificateTemplate.client("urn:opcuasm:simulator:test-client")
                .keys(RsaKeys.other())
                .selfSigned();
        try (Simulator simulator = Simulator.builder()
                        .secured(security -> security.trustClients(first.certificate()))
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();

            clients.connect(simulator, SecuredClient.strong().certificate(first));
            assertRefused(
                    clients,
                    simulator,
                    SecuredClient.strong().certificate(second),
                    StatusCodes.Bad_SecurityChecksFailed);
            simulator.trustClients(second.certificate());
            clients.connect(simulator, SecuredClient.strong().certificate(second));

            assertThat(simulator.counters().sessionsActivated()).isEqualTo(2);
        }
    }

    @Test
    void applicationUriOfTheClientCanBeChecked() throws Exception {
        try (Simulator simulator = Simulator.builder()
                        .secured(SecurityOptions::checkApplicationUri)
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();
            IssuedCertificate wrong =
                    CertificateTemplate.client("urn:of:someone:else").selfSigned();

            clients.connect(simulator, SecuredClient.strong());

            assertRefused(
                    clients,
                    simulator,
                    SecuredClient.strong().certificate(wrong),
                    StatusCodes.Bad_CertificateUriInvalid);
            assertThat(simulator.counters().sessionsRefused()).isPositive();
        }
    }

    @Test
    void certificateIsSwappedWhileTheServerRuns() throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.start();
            OpcUaClient before = clients.connect(simulator, SecuredClient.strong());
            IssuedCertificate replacement = CertificateTemplate.server("127.0.0.1")
                    .keys(RsaKeys.other())
                    .selfSigned();

            simulator.certificate(replacement);

            OpcUaClient after = clients.connect(simulator, SecuredClient.strong());
            assertThat(after.getConfig().getEndpoint().getServerCertificate().bytesOrEmpty())
                    .isEqualTo(replacement.der());
            assertThat(TestClients.readNow(before, "Scalars/Int32").statusCode().isGood())
                    .isTrue();
            assertThat(TestClients.readNow(after, "Scalars/Int32").statusCode().isGood())
                    .isTrue();
        }
    }

    @Test
    void chainIsSentBehindTheCertificate() throws Exception {
        CertificateAuthority works = CertificateAuthority.root("Root").intermediate("Works");
        IssuedCertificate server = CertificateTemplate.server("127.0.0.1").issuedBy(works);
        try (Simulator simulator = Simulator.builder()
                        .secured(security -> security.certificate(server))
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();

            EndpointDescription endpoint = endpoints(simulator).get(1);

            assertThat(CertificateUtil.decodeCertificates(
                            endpoint.getServerCertificate().bytesOrEmpty()))
                    .containsExactly(server.certificate(), works.certificate());
            OpcUaClient client = clients.connect(simulator, SecuredClient.strong());
            assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                    .isTrue();
        }
    }

    @Test
    void channelsOfShortLifeAreRenewed() throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.limits().channelLifetime(Duration.ofSeconds(2));
            simulator.start();
            OpcUaClient client = clients.connect(simulator, SecuredClient.strong());

            await().atMost(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> simulator.counters().renewals() > 0);

            assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                    .isTrue();
            assertThat(simulator.counters().sessionsActivated()).isEqualTo(1);
        }
    }

    @Test
    void securedServerComesBackWithItsCertificate() throws Exception {
        try (Simulator simulator = secured();
                TestClients clients = new TestClients()) {
            simulator.start();
            IssuedCertificate before = simulator.certificate();

            simulator.stop();
            simulator.start();

            assertThat(simulator.certificate()).isEqualTo(before);
            clients.connect(simulator, SecuredClient.strong().user(OPERATOR));
        }
    }

    @Test
    void plainSimulatorHasNoCertificate() {
        try (Simulator simulator = Simulator.builder().build()) {
            assertThatThrownBy(simulator::certificate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("The simulator is not secured");
        }
    }

    private static void assertRefused(TestClients clients, Simulator simulator, SecuredClient client, long status) {
        assertThatThrownBy(() -> clients.connect(simulator, client))
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(status));
    }

    private static Simulator secured() {
        return Simulator.builder()
                .secured(security -> security.user("operator", "secret").userCertificate(OPERATOR.certificate()))
                .build();
    }

    private static List<EndpointDescription> endpoints(Simulator simulator) throws Exception {
        return DiscoveryClient.getEndpoints(simulator.endpointUrl())
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static String policyOfPasswords(Simulator simulator) throws Exception {
        return Arrays.stream(endpoints(simulator).get(0).getUserIdentityTokens())
                .filter(token -> String.valueOf(token.getPolicyId()).startsWith("username"))
                .map(UserTokenPolicy::getSecurityPolicyUri)
                .findFirst()
                .orElseThrow();
    }
}

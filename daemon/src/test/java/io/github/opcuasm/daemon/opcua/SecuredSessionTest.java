package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Mode;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.simulator.HandshakeFault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions over secured channels, as any user, and servers that do not prove who they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecuredSessionTest {
    private static final SecurityProfile SIGNED_AND_ENCRYPTED =
            new SecurityProfile(Policy.BASIC256SHA256, Mode.SIGN_AND_ENCRYPT);
    private static final UserIdentity ANONYMOUS = new UserIdentity.Anonymous();
    private static final UserIdentity OPERATOR = new UserIdentity.UserName("operator", "s3cret-\u00fc", false);

    private final IssuedCertificate user = CertificateTemplate.user("operator").selfSigned();
    private SimulatedPlant plant;

    @BeforeAll
    void start() {
        plant = new SimulatedPlant(Simulator.builder()
                .secured(options -> options.user("operator", "s3cret-\u00fc").userCertificate(user.certificate()))
                .build());
    }

    @AfterAll
    void stop() {
        plant.close();
    }

    @AfterEach
    void undoFaults() {
        plant.simulator.faults().clear();
    }

    Stream<Arguments> combinations() {
        List<UserIdentity> identities =
                List.of(ANONYMOUS, OPERATOR, new UserIdentity.Certificate(TestSecurity.material(user)));
        List<Arguments> all = new ArrayList<>();
        for (Policy policy : Policy.values()) {
            for (Mode mode : Mode.values()) {
                if ((policy == Policy.NONE) == (mode == Mode.NONE)) {
                    identities.forEach(identity -> all.add(Arguments.of(new SecurityProfile(policy, mode), identity)));
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void everyPolicyModeAndUserConnectsReadsAndComesBack(SecurityProfile profile, UserIdentity identity)
            throws Exception {
        OpcUaSession session = open(profile, identity);

        assertThat(resultOf(SimulatedPlant.read(session, LONG, 0)).getResults()).hasSize(1);

        plant.simulator.faults().dropConnections();
        assertThat(resultOf(SimulatedPlant.read(session, LONG, 3)).getResults()).hasSize(1);
        resultOf(session.close());
    }

    @Test
    void sessionIsActivatedAgainOnTheNextChannelInsteadOfMadeAnew() throws Exception {
        OpcUaSession session = open(SIGNED_AND_ENCRYPTED, OPERATOR);
        long created = plant.simulator.counters().sessionsCreated();

        plant.simulator.faults().dropConnections();
        resultOf(SimulatedPlant.read(session, LONG, 3));

        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(created);
        resultOf(session.close());
    }

    @ParameterizedTest
    @EnumSource(
            value = HandshakeFault.class,
            names = {
                "CREATE_SESSION_SIGNATURE_WRONG",
                "CREATE_SESSION_SIGNATURE_BY_OTHER_KEY",
                "CREATE_SESSION_SIGNATURE_MISSING",
                "CREATE_SESSION_NONCE_SHORT",
                "CREATE_SESSION_NONCE_MISSING",
                "CREATE_SESSION_CERTIFICATE_OTHER",
                "CREATE_SESSION_ENDPOINTS_ONLY_NONE",
                "CREATE_SESSION_ENDPOINTS_EMPTY",
                "CREATE_SESSION_ENDPOINTS_WITHOUT_OURS",
                "ACTIVATE_SESSION_NONCE_SHORT",
                "ACTIVATE_SESSION_NONCE_MISSING"
            })
    void serverThatDoesNotProveItselfIsRefused(HandshakeFault fault) throws Exception {
        plant.simulator.faults().disturb(fault);
        long activated = plant.simulator.counters().received(Service.ACTIVATE_SESSION);

        CommandException refused = refused(SIGNED_AND_ENCRYPTED, OPERATOR);

        assertThat(refused.type()).isEqualTo(ErrorType.SECURITY);
        if (fault.name().startsWith("CREATE")) {
            assertThat(plant.simulator.counters().received(Service.ACTIVATE_SESSION))
                    .as("activations that showed it the password")
                    .isEqualTo(activated);
        }
    }

    /** It holds one of few slots on the server, however we judge what it said. */
    @Test
    void sessionOfAServerThatWasRefusedIsClosedThere() throws Exception {
        plant.simulator.faults().disturb(HandshakeFault.CREATE_SESSION_SIGNATURE_WRONG);

        refused(SIGNED_AND_ENCRYPTED, OPERATOR);

        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().sessionsNow()).isZero());
    }

    @Test
    void nonceThatComesASecondTimeIsRefused() {
        ByteString nonce = ByteString.of(new byte[32]);

        assertThatThrownBy(() -> ServerProof.checkNonce(nonce, ByteString.of(new byte[32])))
                .isInstanceOfSatisfying(
                        CommandException.class,
                        refused -> assertThat(refused.type()).isEqualTo(ErrorType.SECURITY))
                .hasMessageContaining("nonce twice");
    }

    /** Somebody in between offers less: nothing but what was asked for is taken, and nothing is sent. */
    @Test
    void serverThatOffersOnlyNoneIsNoReasonToDoWithout() throws Exception {
        plant.simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_ONLY_NONE);
        long created = plant.simulator.counters().received(Service.CREATE_SESSION);

        CommandException refused = refused(SIGNED_AND_ENCRYPTED, OPERATOR);

        assertThat(refused.type()).isEqualTo(ErrorType.SECURITY);
        assertThat(refused.messageText()).contains("does not offer Basic256Sha256 SignAndEncrypt; it offers: None");
        assertThat(plant.simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(created);
    }

    @ParameterizedTest
    @EnumSource(
            value = HandshakeFault.class,
            names = {"GET_ENDPOINTS_EMPTY", "GET_ENDPOINTS_WITHOUT_TOKENS", "GET_ENDPOINTS_GARBAGE_CERTIFICATES"})
    void uselessEndpointsAreRefusedWithAReason(HandshakeFault fault) throws Exception {
        plant.simulator.faults().disturb(fault);

        CommandException refused = refused(SIGNED_AND_ENCRYPTED, OPERATOR);

        assertThat(refused.type()).isEqualTo(ErrorType.SECURITY);
    }

    @Test
    void thousandsOfEndpointsDoNotHideTheRightOne() throws Exception {
        plant.simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_THOUSANDS);

        resultOf(open(SIGNED_AND_ENCRYPTED, OPERATOR).close());
    }

    /** Servers behind address translation know themselves by names that mean nothing here. */
    @Test
    void callersHostIsConnectedToWhateverTheServerCallsItself() throws Exception {
        plant.simulator.faults().announce("plc-behind-nat.invalid", 4841);

        resultOf(open(SIGNED_AND_ENCRYPTED, OPERATOR).close());
    }

    @Test
    void wrongPasswordIsTheServersRefusal() throws Exception {
        CommandException refused = refused(SIGNED_AND_ENCRYPTED, new UserIdentity.UserName("operator", "wrong", false));

        assertThat(refused.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(refused.statusCode()).isIn(StatusCodes.Bad_UserAccessDenied, StatusCodes.Bad_IdentityTokenRejected);
    }

    @Test
    void passwordLongerThanABlockArrives() throws Exception {
        String password = "p".repeat(500);
        try (SimulatedPlant other = new SimulatedPlant(Simulator.builder()
                .secured(options -> options.user("long", password))
                .build())) {
            OpcUaSession session = other.session(
                    other.simulator.endpointUrl(),
                    LONG,
                    LONG,
                    TestSecurity.settings(SIGNED_AND_ENCRYPTED, new UserIdentity.UserName("long", password, false)));

            resultOf(session.open());
        }
    }

    @Test
    void passwordLeavesInClearOnlyWhereThatWasAllowed() throws Exception {
        try (SimulatedPlant clear = new SimulatedPlant(Simulator.builder()
                .secured(options -> options.user("operator", "pw").clearTextPasswords())
                .build())) {
            OpcUaSession careful = clear.session(
                    clear.simulator.endpointUrl(),
                    LONG,
                    LONG,
                    TestSecurity.settings(SecurityProfile.NONE, new UserIdentity.UserName("operator", "pw", false)));
            OpcUaSession careless = clear.session(
                    clear.simulator.endpointUrl(),
                    LONG,
                    LONG,
                    TestSecurity.settings(SecurityProfile.NONE, new UserIdentity.UserName("operator", "pw", true)));

            CommandException refused = failure(careful);
            resultOf(careless.open());

            assertThat(refused.type()).isEqualTo(ErrorType.SECURITY);
            assertThat(refused.messageText()).contains("allowPlaintextPassword");
            resultOf(careless.close());
            await().atMost(60, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(clear.simulator.counters().sessionsNow())
                            .as("sessions left, of the refused one too")
                            .isZero());
        }
    }

    @Test
    void certificateOfTheClientWithAnotherKeyIsRefusedByTheServer() throws Exception {
        KeyMaterial mixed = new KeyMaterial(
                List.of(CertificateTemplate.client("urn:opcuasm:test:mixed")
                        .newKeys(2048)
                        .selfSigned()
                        .certificate()),
                user.privateKey(),
                "mixed");
        SecuritySettings settings = TestSecurity.settings(SIGNED_AND_ENCRYPTED, ANONYMOUS);
        OpcUaSession session = plant.session(
                plant.simulator.endpointUrl(),
                Duration.ofSeconds(5),
                LONG,
                new SecuritySettings(
                        settings.profile(),
                        settings.identity(),
                        () -> CompletableFuture.completedFuture(mixed),
                        settings.trust(),
                        true));

        CommandException refused = failure(session);

        assertThat(refused.type()).isIn(ErrorType.CONNECTION, ErrorType.SERVICE, ErrorType.SECURITY);
    }

    @Test
    void serverThatDoesNotTrustOurCertificateIsSaidToAndWhatToDo() throws Exception {
        try (SimulatedPlant strict = new SimulatedPlant(Simulator.builder()
                .secured(options -> options.trustClients(user.certificate()))
                .build())) {
            CommandException refused = failure(strict.session(
                    strict.simulator.endpointUrl(),
                    LONG,
                    LONG,
                    TestSecurity.settings(SIGNED_AND_ENCRYPTED, ANONYMOUS)));

            assertThat(refused.messageText())
                    .contains("Bad_SecurityChecksFailed")
                    .contains("certificate show");
        }
    }

    private OpcUaSession open(SecurityProfile profile, UserIdentity identity) throws Exception {
        OpcUaSession session = plant.session(
                plant.simulator.endpointUrl(), Duration.ofSeconds(20), LONG, TestSecurity.settings(profile, identity));
        resultOf(session.open());
        return session;
    }

    private CommandException refused(SecurityProfile profile, UserIdentity identity) {
        return failure(plant.session(
                plant.simulator.endpointUrl(), Duration.ofSeconds(20), LONG, TestSecurity.settings(profile, identity)));
    }

    private static CommandException failure(OpcUaSession session) {
        return failureOf(session.open());
    }
}

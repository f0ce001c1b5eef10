package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.in;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.resume;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.certificate.TrustSettings;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Mode;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A session goes on in another process, or somebody else takes it from us. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpcUaSessionResumeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SecurityProfile SECURED = new SecurityProfile(Policy.BASIC256SHA256, Mode.SIGN_AND_ENCRYPT);
    private static final UserIdentity ANONYMOUS = new UserIdentity.Anonymous();
    private static final UserIdentity OPERATOR = new UserIdentity.UserName("operator", "pw", false);

    private SimulatedPlant plant;

    @BeforeAll
    void start() {
        plant = new SimulatedPlant(Simulator.builder()
                .secured(options -> options.user("operator", "pw"))
                .build());
    }

    @AfterAll
    void stop() {
        plant.close();
    }

    @AfterEach
    void undo() {
        plant.closeSessions();
        plant.simulator.faults().clear();
        plant.simulator.limits().reset();
    }

    static Stream<Arguments> identities() {
        return Stream.of(SecurityProfile.NONE, SECURED)
                .flatMap(profile -> Stream.of(ANONYMOUS, OPERATOR).map(user -> Arguments.of(profile, user)));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void sessionThatWasLeftIsActivatedByTheNextProcessAndServesAllWhoWait(SecurityProfile profile, UserIdentity user)
            throws Exception {
        SecuritySettings security = TestSecurity.settings(profile, user);
        OpcUaSession before = session(security);
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        resultOf(before.leave());
        long created = plant.simulator.counters().sessionsCreated();
        long closed = plant.simulator.counters().received(Service.CLOSE_SESSION);

        OpcUaSession after = session(security);
        RecordedNews told = RecordedNews.of(after);
        resume(after, news.left());
        assertThat(after.state().connectionState()).isNotEqualTo(ConnectionState.DISCONNECTED);
        List<CompletableFuture<ReadResponse>> reads =
                IntStream.range(0, 5).mapToObj(i -> read(after, LONG, 1)).toList();
        for (CompletableFuture<ReadResponse> read : reads) {
            resultOf(read);
        }

        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(created);
        assertThat(plant.simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(closed);
        assertThat(told.news).containsExactly("activated", "restored");
        assertThat(news.news).containsExactly("activated", "closed");
        assertThat(after.serverInfo().namespaces().get(1)).isNotNull();
        resultOf(write(after, 7, LONG));
        assertThat(plant.simulator.writes(INT32)).endsWith(new Variant(7));
    }

    @Test
    void whereNothingIsLeftASessionIsCreated() throws Exception {
        OpcUaSession session = session(TestSecurity.PLAIN);
        RecordedNews told = RecordedNews.of(session);

        resume(session, null);
        resultOf(session.ensureActive(in(LONG)));

        assertThat(told.news).containsExactly("activated", "restored anew");
    }

    @Test
    void sessionThatExpiredMeanwhileIsReplacedAtOnce() throws Exception {
        ResumableSession left = leave(TestSecurity.PLAIN);
        plant.simulator.faults().forgetSessions();
        OpcUaSession after = session(TestSecurity.PLAIN);
        RecordedNews told = RecordedNews.of(after);

        resume(after, left);
        resultOf(read(after, LONG, 0));

        assertThat(told.news).containsExactly("activated", "restored anew");
        assertThat(resultOf(after.close())).isTrue();
    }

    // With security the nonce of an earlier activation shows that somebody has activated the session since.
    @Test
    void sessionThatSomebodyElseHasActivatedIsLeftAloneAndReplaced() throws Exception {
        SecuritySettings security = TestSecurity.settings(SECURED, ANONYMOUS);
        OpcUaSession holder = session(security);
        RecordedNews news = RecordedNews.of(holder);
        resultOf(holder.open());
        ResumableSession stale = news.left();
        plant.simulator.faults().dropConnections();
        resultOf(read(holder, LONG, 3));
        long refused = plant.simulator.counters().activationsRefused();

        OpcUaSession late = session(security);
        RecordedNews told = RecordedNews.of(late);
        resume(late, stale);
        resultOf(read(late, LONG, 0));

        assertThat(plant.simulator.counters().activationsRefused()).isEqualTo(refused + 1);
        assertThat(told.news).containsExactly("orphaned for 60 s", "activated", "restored anew");
        resultOf(read(holder, LONG, 0));
        assertThat(news.news).as("what became of the holder's").doesNotContain("restored anew");
    }

    // Two that fight over a session would lose it to each other for ever.
    @Test
    void whoLosesTheSessionToAnotherGetsANewOneInsteadOfFightingForIt() throws Exception {
        OpcUaSession loser = session(TestSecurity.PLAIN);
        RecordedNews news = RecordedNews.of(loser);
        resultOf(loser.open());
        OpcUaSession winner = session(TestSecurity.PLAIN);
        RecordedNews won = RecordedNews.of(winner);
        resume(winner, news.left());
        resultOf(read(winner, LONG, 0));
        long activated = plant.simulator.counters().received(Service.ACTIVATE_SESSION);

        resultOf(read(loser, LONG, 1));
        resultOf(read(winner, LONG, 0));

        assertThat(news.news).containsExactly("activated", "orphaned for 60 s", "activated", "restored anew");
        assertThat(won.news).containsExactly("activated", "restored");
        assertThat(plant.simulator.counters().received(Service.ACTIVATE_SESSION))
                .isEqualTo(activated + 1);
    }

    @Test
    void resumedSessionOfAServerWithAnotherCertificateIsUnderTheRulesOfTrust() throws Exception {
        SecuritySettings believing = TestSecurity.settings(SECURED, ANONYMOUS);
        SecuritySettings pinning = new SecuritySettings(
                SECURED,
                ANONYMOUS,
                believing.ours(),
                new TrustSettings(TrustPolicy.FIRST_USE, null, false, false, List.of()),
                true);
        ResumableSession left = leave(pinning);
        IssuedCertificate genuine = plant.simulator.certificate();
        plant.simulator.certificate(CertificateTemplate.server("127.0.0.1")
                .applicationUri(Simulator.APPLICATION_URI)
                .newKeys(2048)
                .selfSigned());
        long created = plant.simulator.counters().sessionsCreated();

        OpcUaSession after = session(pinning);
        resume(after, left);
        // The first attempt is made with the certificate that was left; then the server is asked.
        await().atMost(PATIENCE).untilAsserted(() -> {
            after.ensureActive(in(Duration.ofSeconds(1)));
            assertThat(after.notConnected().messageText()).contains("certificate");
        });
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(created);

        plant.simulator.certificate(genuine);
        await().atMost(PATIENCE).until(() -> after.state() instanceof SessionState.Active);
        resultOf(read(after, LONG, 0));
    }

    // A server without slots refuses nobody in particular: one may become free at any time.
    @Test
    void serverWithoutAFreeSlotIsTriedAgainAndTheReasonShows() throws Exception {
        OpcUaSession session = session(TestSecurity.PLAIN);
        resultOf(session.open());
        plant.simulator.limits().maxSessions(0);
        plant.simulator.faults().forgetSessions();
        CompletableFuture<ReadResponse> waiting = read(session, LONG, 1);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(session.notConnected().messageText()).contains("Bad_TooManySessions"));

        plant.simulator.limits().reset();

        resultOf(waiting);
    }

    @Test
    void leavingALostSessionLeavesItAsItIs() throws Exception {
        OpcUaSession before = session(TestSecurity.PLAIN);
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().until(() -> before.state() instanceof SessionState.Reconnecting);
        long created = plant.simulator.counters().sessionsCreated();

        resultOf(before.leave());
        plant.simulator.faults().clear();
        OpcUaSession after = session(TestSecurity.PLAIN);
        resume(after, news.left());
        resultOf(read(after, LONG, 0));

        assertThat(news.news).containsExactly("activated", "closed");
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(created);
    }

    private ResumableSession leave(SecuritySettings security) throws Exception {
        OpcUaSession before = session(security);
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        resultOf(before.leave());
        return news.left();
    }

    private OpcUaSession session(SecuritySettings security) {
        return plant.session(plant.simulator.endpointUrl(), Duration.ofSeconds(20), LONG, security);
    }
}

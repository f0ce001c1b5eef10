package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.active;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.in;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.resume;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.opcua.SecurityProfile.Mode;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server lives, and does not give a lost session back. */
final class OpcUaSessionRefusedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SecurityProfile SECURED = new SecurityProfile(Policy.BASIC256SHA256, Mode.SIGN_AND_ENCRYPT);

    private final SimulatedPlant plant = new SimulatedPlant(Simulator.builder()
            .secured(options -> options.user("operator", "pw"))
            .build());

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void whoWaitsAndWhoComesIsToldWhatAFirstOpenWouldBeTold() throws Exception {
        CommandException atOpen = failureOf(session("wrong").open());
        assertThat(atOpen.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        OpcUaSession before = session("pw");
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        SessionState.Active activation = active(before);
        resultOf(before.leave());
        OpcUaSession after = session("wrong");
        resume(after, news.left());

        CommandException toldWaiting = failureOf(read(after, LONG, 3));
        CommandException toldLater = failureOf(read(after, LONG, 0));
        CommandException toldWriter = failureOf(write(after, activation, INT32, 1, LONG));

        assertSame(toldWaiting, atOpen, null);
        assertSame(toldLater, atOpen, null);
        assertSame(after.notConnected(), atOpen, null);
        assertSame(toldWriter, atOpen, Outcome.NOT_SENT);
    }

    @Test
    void whoWantsItNowHasTheServerAskedAgainButNotTooOften() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        plant.simulator.faults().forgetSessions();
        assertThat(failureOf(read(session, LONG, 1)).type()).isEqualTo(ErrorType.SERVICE);
        // Beyond the first pauses, so that only somebody who asks causes attempts.
        await().atMost(PATIENCE)
                .until(() -> session.state() instanceof SessionState.Reconnecting lost && lost.failedAttempts() >= 2);
        long attempts = plant.simulator.counters().received(Service.CREATE_SESSION);

        CommandException one = failureOf(session.ensureActive(in(LONG)));
        CommandException other = failureOf(session.ensureActive(in(LONG)));

        assertThat(one.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(other.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(plant.simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(attempts + 1);
    }

    // The endpoint that is remembered has the old certificate: that the server refuses it says nothing of the session.
    @Test
    void serverWithARenewedCertificateIsWaitedFor() throws Exception {
        OpcUaSession before = session("pw");
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        resultOf(before.leave());
        plant.simulator.certificate(CertificateTemplate.server("127.0.0.1")
                .applicationUri(Simulator.APPLICATION_URI)
                .newKeys(2048)
                .selfSigned());
        OpcUaSession after = session("pw");

        resume(after, news.left());

        resultOf(read(after, LONG, 3));
    }

    @Test
    void serverWithoutAFreeSlotIsWaitedFor() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.limits().maxSessions(0);
        plant.simulator.faults().forgetSessions();
        CompletableFuture<ReadResponse> waiting = read(session, LONG, 1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(session.notConnected().messageText())
                        .contains("The server refused the session: Bad_TooManySessions (0x80560000)"));
        assertThat(waiting).isNotDone();

        plant.simulator.limits().reset();

        resultOf(waiting);
    }

    private static void assertSame(CommandException told, CommandException atOpen, @Nullable Outcome outcome) {
        assertThat(told.messageText()).isEqualTo(atOpen.messageText());
        assertThat(told.type()).isEqualTo(atOpen.type());
        assertThat(told.statusCode()).isEqualTo(atOpen.statusCode());
        assertThat(told.outcome()).isEqualTo(outcome);
    }

    private OpcUaSession session(String password) {
        return plant.session(
                plant.simulator.endpointUrl(),
                Duration.ofSeconds(20),
                LONG,
                TestSecurity.settings(SECURED, new UserIdentity.UserName("operator", password, false)));
    }
}

package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.state.LogOf;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that is stopped, and the next one on its state directory. */
@Timeout(120)
final class RestartTest {
    private static final String PATIENT = "'opcuaTimeout':30";
    private static final String SECURE =
            "{'securityPolicy':'Basic256Sha256','username':'operator','password':'right'," + PATIENT + "}";

    @TempDir
    private Path directory;

    private final Simulator simulator = Simulator.builder()
            .secured(options -> options.user("operator", "right"))
            .build();
    private @Nullable RunningDaemon running;

    @AfterEach
    void stop() {
        daemon().close();
    }

    @Test
    void keptSessionsGoOnUnderTheirIds() throws Exception {
        start(options -> options.keepSessionsOnExit(true));
        String plain = daemon().open("{" + PATIENT + "}");
        String secure = daemon().open(SECURE);
        long created = simulator.counters().sessionsCreated();

        restart(options -> options.keepSessionsOnExit(true));

        assertReads(plain);
        assertReads(secure);
        assertThat(daemon().open(SECURE)).isEqualTo(secure);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(created);
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);
    }

    @Test
    void withoutThatSessionsAreClosedAndOpenedAnewUnderTheirIds() throws Exception {
        start(options -> options);
        String plain = daemon().open("{" + PATIENT + "}");
        String secure = daemon().open(SECURE);
        long created = simulator.counters().sessionsCreated();

        daemon().shutDown();
        long left = simulator.counters().sessionsNow();
        start(options -> options);

        assertThat(left).isZero();
        assertReads(plain);
        assertReads(secure);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(created + 2);
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);
    }

    @Test
    void aStopSaysWhatBecameOfTheSessions() throws Exception {
        try (LogOf log = LogOf.packageOf(SessionManagerDaemon.class)) {
            start(options -> options.keepSessionsOnExit(true));
            daemon().open("{" + PATIENT + "}");
            daemon().open(SECURE);
            daemon().shutDown();
            start(options -> options);
            daemon().open("{" + PATIENT + "}");
            daemon().open(SECURE);
            simulator.faults().hang(Service.CLOSE_SESSION);
            daemon().shutDown();
            simulator.faults().clear();
            running = new RunningDaemon(simulator, options -> options);
            daemon().open("{" + PATIENT + "}");
            daemon().shutDown();

            assertThat(log.infos().stream().filter(line -> line.startsWith("Left ") || line.startsWith("Closed ")))
                    .containsExactly(
                            "Left 2 sessions to the next start",
                            "Closed 2 sessions, 2 unconfirmed ("
                                    + EndpointUrl.parse(simulator.endpointUrl()).server()
                                    + "): what a server did not confirm may stay there until it times out",
                            "Closed 1 session");
        }
    }

    @Test
    void withoutAStateDirectoryNothingIsRemembered() throws Exception {
        running = new RunningDaemon(simulator, options -> options);
        String id = daemon().open("{" + PATIENT + "}");

        daemon().shutDown();
        running = new RunningDaemon(simulator, options -> options);

        assertThat(text(daemon().error(query(id, "read", "['i=2258']")), "type"))
                .isEqualTo("session_not_found");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void handlesStayTheirOwners() throws Exception {
        Path state = directory.resolve("state");
        running =
                new RunningDaemon(simulator, options -> options.stateDir(state).authToken("a-long-enough-token"));
        String id = text(
                (JsonValue.Obj) daemon().data(daemon().opening("{}")
                        .replace("'command'", "'authToken':'a-long-enough-token','command'")),
                "sessionId");
        String listing = "{'command':'list','authToken':'a-long-enough-token'}";
        String before = daemon().data(listing).toString();

        daemon().shutDown();
        running =
                new RunningDaemon(simulator, options -> options.stateDir(state).authToken("a-long-enough-token"));

        assertThat(before).contains(id);
        assertThat(daemon().data(listing).toString()).contains(id);
    }

    @Test
    void secondDaemonThatIsRefusedTouchesNothing() throws Exception {
        start(options -> options);
        String id = daemon().open("{" + PATIENT + "}");
        List<Path> before = files();

        assertThat(catchThrowable(() -> daemon().successor(stateful(options -> options))))
                .hasMessageContaining("in use by another daemon");

        assertThat(files()).isEqualTo(before);
        assertReads(id);
    }

    @Test
    void sessionOfADaemonThatCouldNotListenIsLeftAsItWas() throws Exception {
        start(options -> options.keepSessionsOnExit(true));
        String id = daemon().open("{" + PATIENT + "}");
        long created = simulator.counters().sessionsCreated();
        daemon().shutDown();
        int activated = (int) simulator.counters().sessionsActivated();

        try (var occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var taken = new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), occupied.getLocalPort());
            assertThat(catchThrowable(() -> daemon().successor(stateful(options -> options.socket(taken)))))
                    .isNotNull();
        }
        int activatedMeanwhile = (int) simulator.counters().sessionsActivated();
        start(options -> options);

        assertThat(activatedMeanwhile).isEqualTo(activated);
        assertReads(id);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(created);
    }

    private RunningDaemon daemon() {
        return Objects.requireNonNull(running);
    }

    private void start(UnaryOperator<DaemonConfig.Builder> options) throws Exception {
        running = new RunningDaemon(simulator, stateful(options));
    }

    private void restart(UnaryOperator<DaemonConfig.Builder> options) throws Exception {
        daemon().shutDown();
        start(options);
    }

    private UnaryOperator<DaemonConfig.Builder> stateful(UnaryOperator<DaemonConfig.Builder> options) {
        return builder -> options.apply(
                builder.stateDir(directory.resolve("state")).defaultTrust(DaemonConfig.DefaultTrust.FIRST_USE));
    }

    private void assertReads(String session) throws Exception {
        assertThat(daemon().data(query(session, "read", "['ns=2;s=Scalars/Int32']"))
                        .toString())
                .contains("statusCode=0");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("state"))) {
            return all.filter(path -> !path.toString().contains("/own/"))
                    .sorted()
                    .toList();
        }
    }
}

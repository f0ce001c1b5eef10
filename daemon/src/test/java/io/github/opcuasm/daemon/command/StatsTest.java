package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The numbers of {@code stats}, compared with what was done. */
@Timeout(120)
@SuppressWarnings({"NullAway.Init", "try"}) // Set before each test; faults are for their scope.
final class StatsTest {
    private static final String INT32 = "ns=2;s=Scalars/Int32";

    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = new RunningDaemon(options -> options);
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void daemonThatDidNothingHasNumbersAndNoTimes() throws Exception {
        JsonValue.Obj stats = stats();

        assertThat(of(stats, "daemon").members())
                .containsOnlyKeys(
                        "version",
                        "uptime",
                        "pid",
                        "heapUsed",
                        "heapMax",
                        "connections",
                        "accepted",
                        "refused",
                        "timedOut",
                        "requests",
                        "answers",
                        "events",
                        "discarded",
                        "overloaded",
                        "errors",
                        "streams",
                        "subscriptions",
                        "sessions",
                        "handles",
                        "latency");
        assertThat(stats.get("sessions")).hasToString("[]");
        assertThat(of(stats, "daemon").get("requests")).hasToString("1");
        assertThat(of(stats, "daemon").get("pid"))
                .hasToString(String.valueOf(ProcessHandle.current().pid()));
        assertThat(of(of(stats, "daemon"), "latency"))
                .hasToString("{count=0, p50=null, p90=null, p99=null, p999=null, max=null}");
    }

    @Test
    void requestsErrorsAndTimesAreThoseOfWhatWasAsked() throws Exception {
        String session = daemon.open("{}");
        JsonValue.Obj before = session(stats(), session);
        for (int read = 0; read < 20; read++) {
            daemon.data(query(session, "read", "['" + INT32 + "']"));
        }
        try (Fault failing = daemon.simulator.faults().fail(Service.READ, 0x80020000L)) {
            daemon.error(query(session, "read", "['" + INT32 + "']"));
        }
        daemon.error("{'command':'nonsense'}");
        daemon.error("no JSON");

        JsonValue.Obj stats = stats();

        JsonValue.Obj daemons = of(stats, "daemon");
        // open, stats, 20 reads, a failed one, nonsense, no JSON; and this one, which has no answer yet.
        assertThat(daemons.get("requests")).hasToString("26");
        assertThat(daemons.get("answers")).hasToString("25");
        assertThat(daemons.get("accepted")).hasToString("26");
        assertThat(daemons.get("errors")).hasToString("{invalid_json=1, unknown_command=1, ServiceException=1}");
        assertThat(daemons.get("handles")).hasToString("1");
        assertThat(daemons.get("sessions")).hasToString("1");
        assertThat(of(daemons, "latency").get("count")).hasToString("24");
        JsonValue.Obj after = session(stats, session);
        assertThat(number(after, "requests") - number(before, "requests")).isEqualTo(21);
        assertThat(number(after, "errors") - number(before, "errors")).isEqualTo(1);
        assertThat(number(of(after, "latency"), "count") - number(of(before, "latency"), "count"))
                .isEqualTo(21);
        assertThat(text(after, "state")).isEqualTo("Connected");
        assertThat(text(after, "endpointUrl")).isEqualTo(daemon.simulator.endpointUrl());
        assertThat(after.get("holders")).hasToString("1");
    }

    @Test
    void slowServerShowsInTheTimesOfItsSession() throws Exception {
        Duration delay = Duration.ofMillis(120);
        String session = daemon.open("{}");
        try (Fault slow = daemon.simulator.faults().delay(Service.READ, delay)) {
            daemon.data(query(session, "read", "['" + INT32 + "']"));
        }

        JsonValue.Obj latency = of(session(stats(), session), "latency");

        assertThat(latency.members().values().stream().skip(1))
                .allSatisfy(time -> assertThat(((JsonValue.Num) time).decimal().doubleValue())
                        .isPositive());
        // The width of a bucket is at most 1 %.
        assertThat(number(latency, "max")).isBetween(delay.toMillis() * 0.99, 30_000.0);
        assertThat(List.of("p50", "p90", "p99", "p999", "max"))
                .isSortedAccordingTo((a, b) -> Double.compare(number(latency, a), number(latency, b)));
    }

    @Test
    void whatIsUnderWayQueuedAndRestoredIsCounted() throws Exception {
        String session = daemon.open("{}");
        try (Fault stalled = daemon.simulator.faults().hang(Service.READ);
                PipelinedConnection peer = new PipelinedConnection(daemon)) {
            for (int id = 1; id <= 35; id++) {
                peer.send(id, query(session, "read", "['" + INT32 + "']"));
            }
            await().until(() -> stalled.held() == 32);
            await().until(() -> number(session(stats(), session), "queued") == 3);

            assertThat(session(stats(), session).get("underWay")).hasToString("32");
        }

        daemon.simulator.faults().dropConnections();
        await().until(() -> number(session(stats(), session), "reconnects") == 1);
        assertThat(session(stats(), session).get("queued")).hasToString("0");
    }

    @Test
    void streamsAndTheirSubscriptionsAreCountedWhileTheyRun() throws Exception {
        String session = daemon.open("{}");
        try (PipelinedConnection peer = new PipelinedConnection(daemon)) {
            peer.send(1, "{'command':'subscribe','sessionId':'" + session + "','items':[{'nodeId':'" + INT32 + "'}]}");
            peer.next();
            peer.next();

            JsonValue.Obj running = of(stats(), "daemon");

            assertThat(running.get("streams")).hasToString("1");
            assertThat(running.get("subscriptions")).hasToString("1");
            assertThat(number(running, "events")).isPositive();
        }
        await().until(() -> number(of(stats(), "daemon"), "streams") == 0);
        await().until(() -> number(of(stats(), "daemon"), "subscriptions") == 0);
    }

    private JsonValue.Obj stats() throws IOException {
        return (JsonValue.Obj) daemon.data("{'command':'stats'}");
    }

    private static JsonValue.Obj session(JsonValue.Obj stats, String id) {
        return ((JsonValue.Arr) Objects.requireNonNull(stats.get("sessions")))
                .elements().stream()
                        .map(JsonValue.Obj.class::cast)
                        .filter(session -> text(session, "sessionId").equals(id))
                        .findFirst()
                        .orElseThrow();
    }

    private static JsonValue.Obj of(JsonValue.Obj object, String member) {
        return (JsonValue.Obj) Objects.requireNonNull(object.get(member), member);
    }

    private static double number(JsonValue.Obj object, String member) {
        return ((JsonValue.Num) Objects.requireNonNull(object.get(member), member))
                .decimal()
                .doubleValue();
    }
}

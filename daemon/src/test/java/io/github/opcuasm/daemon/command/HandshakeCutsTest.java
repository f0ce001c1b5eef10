package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.simulator.link.Direction.TO_CLIENT;
import static io.github.opcuasm.simulator.link.Direction.TO_SERVER;
import static io.github.opcuasm.simulator.link.MessageType.ACK;
import static io.github.opcuasm.simulator.link.MessageType.HEL;
import static io.github.opcuasm.simulator.link.MessageType.MSG;
import static io.github.opcuasm.simulator.link.MessageType.OPN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.link.Direction;
import io.github.opcuasm.simulator.link.Ending;
import io.github.opcuasm.simulator.link.FaultyLink;
import io.github.opcuasm.simulator.link.MessageType;
import io.github.opcuasm.simulator.link.Passage;
import io.github.opcuasm.simulator.link.Passage.Moment;
import io.github.opcuasm.simulator.link.Trigger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The link to a server breaks at each step of a handshake, in each way: before, within or after a message, with a reset,
 * an end or nothing at all. The link is whole for the next attempt. Every case has a link of its own, and they go side by
 * side, since most of their time is waiting.
 */
final class HandshakeCutsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Ten times what the config allows one call. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** In seconds; the simulator grants no session less than 5. */
    private static final String CONFIG = "{'opcuaTimeout':2,'sessionTimeout':5}";

    private static final ExecutorService CALLERS = Executors.newCachedThreadPool();
    private static RunningDaemon daemon;

    /** A message of a handshake. */
    private record Step(String name, Direction direction, MessageType type, int nth) {}

    private record Cut(Step step, Moment moment, Ending ending) {
        Trigger arm(FaultyLink link) {
            return link.breakAt(new Passage(step.direction(), step.type(), step.nth(), moment), ending);
        }

        @Override
        public String toString() {
            return ending + " " + moment + " " + step.name();
        }
    }

    private interface Case {
        void run(Cut cut) throws Exception;
    }

    @BeforeAll
    static void start() throws Exception {
        daemon = new RunningDaemon(options -> options.keepAliveInterval(Duration.ofSeconds(1)));
    }

    /** What nobody could close ends with its timeout. */
    @AfterAll
    static void noSessionOutlivesItsTimeout() {
        try {
            await().atMost(LIMIT).until(() -> daemon.simulator.counters().sessionsNow() == 0);
        } finally {
            CALLERS.shutdownNow();
            daemon.close();
        }
    }

    @Test
    void anOpenWhoseHandshakeBreaksFailsInTimeAndTheNextOneWorks() throws Exception {
        runAll(cuts("CreateSession", "ActivateSession"), HandshakeCutsTest::openOverBrokenHandshake);
    }

    @Test
    void aSessionWhoseRecoveryBreaksIsRestoredUnderItsId() throws Exception {
        runAll(cuts("ActivateSession", "the next request"), HandshakeCutsTest::recoverOverBrokenHandshake);
    }

    private static void openOverBrokenHandshake(Cut cut) throws Exception {
        try (FaultyLink link = FaultyLink.before(daemon.simulator.endpointUrl())) {
            Trigger trigger = cut.arm(link);
            long start = System.nanoTime();

            JsonValue.Obj answer = daemon.ask(opening(link));

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("%s", cut)
                    .isLessThan(BOUND);
            await().alias(cut + " happens").atMost(LIMIT).until(trigger::hasFired);
            if (answer.get("error") instanceof JsonValue.Obj error) {
                assertThat(text(error, "type")).as("%s: %s", cut, error).isEqualTo("ConnectionException");
            }
            String session = open(link);
            awaitRead(session, cut);
            close(session);
        }
    }

    private static void recoverOverBrokenHandshake(Cut cut) throws Exception {
        try (FaultyLink link = FaultyLink.before(daemon.simulator.endpointUrl())) {
            String session = open(link);
            Trigger trigger;
            try (Fault away = link.refuse()) {
                link.breakAll(Ending.RESET);
                trigger = cut.arm(link);
                assertThat(away.held()).isZero();
            }

            await().alias(cut + " happens").atMost(LIMIT).until(() -> {
                var unused = read(session);
                return trigger.hasFired();
            });

            awaitRead(session, cut);
            assertThat(open(link)).as("the id of the session after %s", cut).isEqualTo(session);
            close(session);
        }
    }

    /** What a handshake with None consists of, up to the request after these two services. */
    private static List<Cut> cuts(String first, String second) {
        List<Cut> cuts = new ArrayList<>();
        for (Step step : List.of(
                new Step("Hello", TO_SERVER, HEL, 1),
                new Step("Acknowledge", TO_CLIENT, ACK, 1),
                new Step("the OpenSecureChannel request", TO_SERVER, OPN, 1),
                new Step("the OpenSecureChannel response", TO_CLIENT, OPN, 1),
                new Step("the request of " + first, TO_SERVER, MSG, 1),
                new Step("the response of " + first, TO_CLIENT, MSG, 1),
                new Step("the request of " + second, TO_SERVER, MSG, 2),
                new Step("the response of " + second, TO_CLIENT, MSG, 2))) {
            cuts.add(new Cut(step, Moment.BEFORE, Ending.CLOSE));
            cuts.add(new Cut(step, Moment.WITHIN, Ending.RESET));
            cuts.add(new Cut(step, Moment.AFTER, Ending.RESET));
            cuts.add(new Cut(step, Moment.AFTER, Ending.SILENCE));
        }
        return cuts;
    }

    private static void runAll(List<Cut> cuts, Case behaviour) throws Exception {
        List<Future<?>> cases = new ArrayList<>();
        for (Cut cut : cuts) {
            cases.add(CALLERS.submit(() -> {
                behaviour.run(cut);
                return cut;
            }));
        }
        for (Future<?> each : cases) {
            each.get(2 * LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void awaitRead(String session, Cut cut) {
        await().alias("a read after " + cut).atMost(LIMIT).until(() -> read(session));
    }

    private static boolean read(String session) throws IOException {
        JsonValue.Obj answer = daemon.ask(query(session, "read", "['ns=2;s=Scalars/Int32']"));
        return answer.get("success") instanceof JsonValue.Bool success && success.value();
    }

    private static String open(FaultyLink link) throws IOException {
        return text((JsonValue.Obj) daemon.data(opening(link)), "sessionId");
    }

    private static void close(String session) throws IOException {
        JsonValue unused = daemon.data("{'command':'close','force':true,'sessionId':'" + session + "'}");
    }

    private static String opening(FaultyLink link) {
        return "{'command':'open','endpointUrl':'" + link.endpointUrl() + "','config':" + CONFIG + "}";
    }
}

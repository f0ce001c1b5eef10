package io.github.opcuasm.daemon.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.ipc.RunningServer.Transport;
import io.github.opcuasm.protocol.Response;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Protocol, section 7: requests with an id keep the connection. */
@Timeout(120)
class IpcKeptConnectionTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void aThousandPipelinedRequestsAreAllAnswered(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send(requests("ping", 1000));

            assertThat(peer.lines(1000))
                    .containsExactlyElementsOf(IntStream.range(0, 1000)
                            .mapToObj(i -> "{\"id\":" + i + ",\"success\":true,\"data\":\"pong\"}")
                            .toList());
            assertThat(running.counters().frames()).isEqualTo(1000);
            assertThat(running.counters().answers()).isEqualTo(1000);
        }
    }

    @Test
    void answersComeInTheOrderInWhichTheyAreGivenFromAnyThread() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":\"a\",\"command\":\"hold\"}\n{\"id\":\"b\",\"command\":\"hold\"}\n");
            Exchange first = running.handler.nextHeld();
            Exchange second = running.handler.nextHeld();

            second.respond(Response.success(out -> out.number(2L)));
            first.respond(Response.success(out -> out.number(1L)));
            first.respond(Response.success(out -> out.number(99L)));

            assertThat(peer.lines(2))
                    .containsExactly(
                            "{\"id\":\"b\",\"success\":true,\"data\":2}", "{\"id\":\"a\",\"success\":true,\"data\":1}");
            assertThat(first.isDone()).isTrue();
            peer.send("{\"id\":\"a\",\"command\":\"ping\"}\n");
            assertThat(peer.line()).isEqualTo("{\"id\":\"a\",\"success\":true,\"data\":\"pong\"}");
        }
    }

    // Changes that were recorded come back so, from two threads: they go out as they came.
    @Test
    void whatIsHandedToTheConnectionsLoopRunsInThatOrderFromAnyThread() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":1,\"command\":\"hold\"}\n");
            IpcPeer connection = running.handler.nextHeld().peer();
            BlockingQueue<String> run = new LinkedBlockingQueue<>();

            connection.schedule(
                    () -> {
                        connection.schedule(() -> run.add("from the loop"), Duration.ZERO);
                        CompletableFuture.runAsync(
                                        () -> connection.schedule(() -> run.add("from elsewhere"), Duration.ZERO))
                                .join();
                    },
                    Duration.ZERO);

            assertThat(run.poll(20, TimeUnit.SECONDS)).isEqualTo("from the loop");
            assertThat(run.poll(20, TimeUnit.SECONDS)).isEqualTo("from elsewhere");
        }
    }

    @Test
    void anIdThatIsUnderWayIsRefusedAndTheFirstStillAnswered() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":7,\"command\":\"hold\"}\n{\"id\":7,\"command\":\"ping\"}\n");

            assertThat(peer.line())
                    .startsWith("{\"id\":7,\"success\":false,\"error\":{\"type\":\"invalid_argument\"")
                    .contains("under way");
            running.handler.nextHeld().respond(Response.success(out -> out.number(1L)));
            assertThat(peer.line()).isEqualTo("{\"id\":7,\"success\":true,\"data\":1}");
        }
    }

    @Test
    void readingStopsAtTheLimitOfRequestsUnderWayAndGoesOn() throws Exception {
        try (RunningServer running =
                        RunningServer.in(directory, config -> config.maxInflight(3), IpcLimits.ofProtocol());
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(requests("hold", 10));
            List<Exchange> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(running.handler.nextHeld());
            }
            // The loop has had its turn: whatever it would take is taken by now.
            CountDownLatch turn = new CountDownLatch(1);
            held.get(0).peer().schedule(turn::countDown, Duration.ZERO);
            assertThat(turn.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(running.handler.handled).hasValue(3);

            for (int i = 0; i < 10; i++) {
                Exchange exchange = i < 3 ? held.get(i) : running.handler.nextHeld();
                exchange.respond(Response.success(out -> out.bool(true)));
            }

            assertThat(peer.lines(10)).allMatch(line -> line.endsWith("\"data\":true}"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfThePeersStreamAbandonsWhatIsUnderWay(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send(requests("hold", 2)).halfClose();

            Exchange exchange = running.handler.nextHeld();
            await().until(() -> running.handler.abandoned.get() == 2);
            assertThat(exchange.isDone()).isTrue();
            CountDownLatch late = new CountDownLatch(1);
            exchange.onAbandoned(late::countDown);
            assertThat(late.await(20, TimeUnit.SECONDS)).isTrue();
            exchange.respond(Response.success(out -> out.nullValue()));
            assertThat(peer.seesEnd()).isTrue();
        }
    }

    @Test
    void aProtocol1RequestEndsAKeptConnectionAfterAllAnswers() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":1,\"command\":\"hold\"}\n{\"command\":\"ping\"}\n{\"id\":2,\"command\":\"ping\"}\n");

            assertThat(peer.line()).isEqualTo("{\"success\":true,\"data\":\"pong\"}");
            running.handler.nextHeld().respond(Response.success(out -> out.number(1L)));

            assertThat(peer.rest()).isEqualTo("{\"id\":1,\"success\":true,\"data\":1}\n");
        }
    }

    @Test
    void aFailedRequestKeepsTheConnectionUnlessItsTypeEndsIt() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":1,\"command\":\"refused\"}\n{\"id\":2,\"command\":\"hold\"}\n");
            assertThat(peer.line()).contains("\"id\":1").contains("session_not_found");

            peer.send("{\"id\":3,\"command\":\"unauthorised\"}\n");

            assertThat(peer.rest())
                    .isEqualTo("{\"id\":3,\"success\":false,\"error\":{\"type\":\"auth_failed\","
                            + "\"message\":\"Invalid or missing auth token\"}}\n");
            assertThat(running.handler.abandoned).hasValue(1);
        }
    }

    @Test
    void anIdleConnectionIsClosedAndABusyOneIsNot() throws Exception {
        try (RunningServer running = RunningServer.in(
                        directory,
                        config -> config.connectionIdleTimeout(Duration.ofMillis(150)),
                        IpcLimits.ofProtocol());
                TestPeer idle = TestPeer.connect(running.unix());
                TestPeer busy = TestPeer.connect(running.unix())) {
            busy.send("{\"id\":1,\"command\":\"hold\"}\n");
            Exchange exchange = running.handler.nextHeld();

            idle.send("{\"id\":1,\"command\":\"ping\"}\n");

            assertThat(idle.rest()).isEqualTo("{\"id\":1,\"success\":true,\"data\":\"pong\"}\n");
            assertThat(running.counters().timedOut()).isEqualTo(1);
            exchange.respond(Response.success(out -> out.number(1L)));
            assertThat(busy.rest()).isEqualTo("{\"id\":1,\"success\":true,\"data\":1}\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBigAnswerArrivesWholeAndSmallOnesOfOthersMeanwhile(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer big = TestPeer.connect(running.endpoint(transport));
                TestPeer small = TestPeer.connect(running.endpoint(transport))) {
            big.send("{\"command\":\"big\",\"count\":2000000}\n");
            small.send("{\"command\":\"ping\"}\n");

            assertThat(small.rest()).contains("pong");
            String answer = big.rest();

            assertThat(answer).hasSize("{\"success\":true,\"data\":[".length() + 2_000_000 * 8 - 1 + "]}\n".length());
            assertThat(answer)
                    .startsWith("{\"success\":true,\"data\":[1234567,1234567,")
                    .endsWith(",1234567]}\n");
            await().untilAsserted(
                            () -> assertThat(running.server.undeliveredBytes()).isZero());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotReadIsNotReadFromAndHoldsLittle(Transport transport) throws Exception {
        IpcLimits protocol = IpcLimits.ofProtocol();
        IpcLimits limits = new IpcLimits(LONG, LONG, LONG, LONG, protocol.lingerBytes(), 64 * 1024, Long.MAX_VALUE);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            byte[] pings = requests("ping", 400_000).getBytes(StandardCharsets.UTF_8);

            int sent = peer.sendWhatFits(pings);
            for (int more = 1; sent < pings.length && more > 0; ) {
                int before = running.handler.handled.get();
                more = peer.sendWhatFits(Arrays.copyOfRange(pings, sent, pings.length));
                sent += more;
                if (more == 0) {
                    // Either the daemon reads on, or it has stopped for good.
                    more = becomesGreater(running, before) ? 1 : 0;
                }
            }

            assertThat(sent).isLessThan(pings.length);
            assertThat(running.server.undeliveredBytes()).isLessThan(1024 * 1024);
            int answered = 0;
            String whole = new String(pings, 0, sent, StandardCharsets.UTF_8);
            long complete = whole.chars().filter(c -> c == '\n').count();
            while (answered < complete) {
                assertThat(peer.line()).startsWith("{\"id\":" + answered + ",");
                answered++;
            }
            assertThat(answered).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatNeverReadsItsBigAnswerIsClosed(Transport transport) throws Exception {
        IpcLimits limits = RunningServer.times(LONG, Duration.ofMillis(200), LONG);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send("{\"id\":1,\"command\":\"big\",\"count\":5000000}\n");

            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(running.counters().timedOut()).isEqualTo(1));
            await().untilAsserted(() -> assertThat(running.counters().open()).isZero());
            assertThat(running.server.undeliveredBytes()).isZero();
            assertThat(peer.seesEnd()).isTrue();
        }
    }

    @Test
    void undeliveredAnswersOfAllTogetherOverloadTheDaemon() throws Exception {
        IpcLimits protocol = IpcLimits.ofProtocol();
        IpcLimits limits = new IpcLimits(
                LONG, LONG, LONG, LONG, protocol.lingerBytes(), protocol.undeliveredOfConnection(), 16 * 1024);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer lazy = TestPeer.connect(running.unix());
                TestPeer other = TestPeer.connect(running.unix())) {
            lazy.send("{\"id\":1,\"command\":\"big\",\"count\":5000000}\n");
            await().until(() -> running.server.undeliveredBytes() > 16 * 1024);

            other.send("{\"command\":\"ping\"}\n");

            assertThat(other.rest()).contains("\"overloaded\"");
            assertThat(running.counters().overloaded()).isEqualTo(1);
        }
    }

    /** The requests were taken in while there was room; that their answers are large shows only when they come. */
    @Test
    void largeAnswersThatNobodyHasRoomForAreRefusedUnlessTheyTellOfAChange() throws Exception {
        IpcLimits protocol = IpcLimits.ofProtocol();
        IpcLimits limits = new IpcLimits(
                LONG, LONG, LONG, LONG, protocol.lingerBytes(), protocol.undeliveredOfConnection(), 16 * 1024);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer reader = TestPeer.connect(running.unix());
                TestPeer writer = TestPeer.connect(running.unix());
                TestPeer lazy = TestPeer.connect(running.unix())) {
            reader.send("{\"command\":\"hold\"}\n");
            Exchange read = running.handler.nextHeld();
            writer.send("{\"command\":\"hold\"}\n");
            Exchange written = running.handler.nextHeld();
            written.changesPlant();
            lazy.send("{\"id\":1,\"command\":\"big\",\"count\":5000000}\n");
            await().until(() -> running.server.undeliveredBytes() > 16 * 1024);

            read.respond(new Response.Success(out -> out.string("a value"), 1_000_000));
            written.respond(new Response.Success(out -> out.string("done"), 1_000_000));

            assertThat(reader.rest()).contains("\"overloaded\"").doesNotContain("a value");
            assertThat(writer.rest()).contains("done");
        }
    }

    private static boolean becomesGreater(RunningServer running, int before) {
        try {
            await().atMost(Duration.ofMillis(500)).until(() -> running.handler.handled.get() > before);
            return true;
        } catch (ConditionTimeoutException stopped) {
            return false;
        }
    }

    private static String requests(String command, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"id\":" + i + ",\"command\":\"" + command + "\"}\n")
                .collect(Collectors.joining());
    }
}

package io.github.opcuasm.daemon.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.ipc.RunningServer.Transport;
import io.github.opcuasm.protocol.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Protocol, section 7: an answer that events follow. */
@Timeout(120)
class IpcStreamTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String ENDED = "\"event\":{\"type\":\"End\",\"error\":";

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void eventsFollowTheAnswerInTheirOrderAndTheLastOneFreesTheId(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send("{\"id\":\"s\",\"command\":\"stream\"}\n");

            new CountingSource(0)
                    .endAfter(3)
                    .allow(2)
                    .on(running.handler.nextHeld())
                    .allow(5);

            assertThat(peer.lines(4))
                    .containsExactly(
                            "{\"id\":\"s\",\"success\":true,\"data\":\"begun\"}",
                            "{\"id\":\"s\",\"event\":[1,\"\"]}",
                            "{\"id\":\"s\",\"event\":[2,\"\"]}",
                            "{\"id\":\"s\",\"event\":[3,\"\"]}");
            peer.send("{\"id\":\"s\",\"command\":\"ping\"}\n");
            assertThat(peer.line()).isEqualTo("{\"id\":\"s\",\"success\":true,\"data\":\"pong\"}");
            assertThat(running.counters().events()).isEqualTo(3);
        }
    }

    @Test
    void aStreamIsNotUnderWayButItsIdIsTaken() throws Exception {
        try (RunningServer running =
                        RunningServer.in(directory, config -> config.maxInflight(1), IpcLimits.ofProtocol());
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(1));
            CountingSource source = new CountingSource(0).on(running.handler.nextHeld());
            assertThat(peer.line()).contains("begun");

            peer.send(stream(1));
            assertThat(peer.line()).contains("\"invalid_argument\"", "under way");
            peer.send("{\"id\":2,\"command\":\"ping\"}\n");
            assertThat(peer.line()).contains("pong");
            peer.send("{\"id\":3,\"command\":\"end\",\"target\":1}\n");

            assertThat(peer.lines(2))
                    .containsExactly("{\"id\":1," + ENDED + "null}}", "{\"id\":3,\"success\":true,\"data\":null}");
            assertThat(source.awaitEnd()).isTrue();
            peer.send("{\"id\":4,\"command\":\"end\",\"target\":1}\n");
            assertThat(peer.line()).contains("no such stream");
        }
    }

    @Test
    void oneConnectionHasABoundedNumberOfStreams() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            for (int i = 0; i < ConnectionStreams.MAX_STREAMS; i++) {
                peer.send(stream(i));
                Exchange exchange = running.handler.nextHeld();
                if (i % 2 == 0) {
                    new CountingSource(0).on(exchange);
                    assertThat(peer.line()).contains("begun");
                } // the others are still being set up
            }

            peer.send(stream(1000));
            assertThat(peer.line()).startsWith("{\"id\":1000,\"success\":false,\"error\":{\"type\":\"overloaded\"");
            peer.send("{\"id\":1001,\"command\":\"end\",\"target\":0}\n");
            assertThat(peer.lines(2)).anyMatch(line -> line.contains("1001"));

            peer.send(stream(1002));
            running.handler.nextHeld().respond(Response.success(out -> out.string("came to nothing")));
            assertThat(peer.line()).contains("nothing");
            peer.send(stream(1003));
            new CountingSource(0).on(running.handler.nextHeld());
            assertThat(peer.line()).contains("1003", "begun");
        }
    }

    @Test
    void aRequestWithoutAnIdCannotStream() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"command\":\"stream\"}\n");

            assertThat(peer.rest()).contains("invalid_argument", "protocol 2");
        }
    }

    @Test
    void aConnectionWithAStreamIsNotIdleAndOneWhoseStreamsEndedIs() throws Exception {
        try (RunningServer running = RunningServer.in(
                        directory,
                        config -> config.connectionIdleTimeout(Duration.ofMillis(100)),
                        RunningServer.times(LONG, LONG, LONG));
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(1));
            Exchange exchange = running.handler.nextHeld();
            CountingSource source = new CountingSource(0).endAfter(2).on(exchange);
            assertThat(peer.line()).contains("begun");

            CountDownLatch later = new CountDownLatch(1);
            exchange.peer().schedule(later::countDown, Duration.ofMillis(400));
            assertThat(later.await(20, TimeUnit.SECONDS)).isTrue();
            source.allow(1);
            assertThat(peer.line()).contains("[1,");
            source.allow(1);

            assertThat(peer.line()).contains("[2,");
            assertThat(peer.seesEnd()).isTrue();
            assertThat(running.counters().timedOut()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void asLittleAsAConnectionTakesIsAskedOfASourceWhosePeerDoesNotRead(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport));
                TestPeer other = TestPeer.connect(running.endpoint(transport))) {
            peer.send(stream(1));
            CountingSource source = new CountingSource(1000).allow(1_000_000).on(running.handler.nextHeld());

            awaitStandstill(source);

            long asked = source.given.get();
            // What the kernel holds for a socket that is not read, and little of our own.
            assertThat(asked).isLessThan(20_000);
            assertThat(running.server.undeliveredBytes()).isLessThan(512 * 1024);
            other.send("{\"id\":1,\"command\":\"ping\"}\n");
            assertThat(other.line()).contains("pong");
            peer.send("{\"id\":2,\"command\":\"end\",\"target\":1}\n");
            assertThat(source.awaitEnd()).isTrue();
            assertThat(peer.line()).contains("begun");
            for (long i = 1; i <= asked; i++) {
                assertThat(peer.line()).startsWith("{\"id\":1,\"event\":[" + i + ",");
            }
            assertThat(peer.lines(2))
                    .satisfiesExactly(
                            end -> assertThat(end).contains(ENDED),
                            answer -> assertThat(answer).contains("\"id\":2,\"success\":true"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamAtFullSpeedStarvesNobody(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport));
                TestPeer other = TestPeer.connect(running.endpoint(transport))) {
            peer.send(stream("\"fast\"") + stream("\"slow\""));
            CountingSource fast = new CountingSource(100).allow(Long.MAX_VALUE).on(running.handler.nextHeld());
            CountingSource slow = new CountingSource(0).on(running.handler.nextHeld());
            assertThat(peer.lines(2)).anyMatch(line -> line.contains("begun"));

            for (int i = 0; i < 10; i++) {
                other.send("{\"id\":" + i + ",\"command\":\"ping\"}\n");
                assertThat(other.line()).contains("pong");
                peer.send("{\"id\":" + i + ",\"command\":\"ping\"}\n");
                slow.allow(1);
                boolean answered = false;
                boolean slowToo = false;
                while (!answered || !slowToo) {
                    String line = Objects.requireNonNull(peer.line());
                    answered |= line.startsWith("{\"id\":" + i + ",\"success\":true");
                    slowToo |= line.startsWith("{\"id\":\"slow\",\"event\"");
                }
            }

            assertThat(fast.given.get()).isGreaterThan(100);
        }
    }

    @Test
    void aFloodOfRequestsDoesNotKeepBackEvents() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(0));
            CountingSource source = new CountingSource(0).on(running.handler.nextHeld());
            assertThat(peer.line()).contains("begun");
            StringBuilder requests = new StringBuilder();
            for (int i = 1; i <= 200; i++) {
                requests.append("{\"id\":").append(i).append(",\"command\":\"big\",\"count\":5000}\n");
            }

            peer.send(requests.toString());
            source.allow(10);

            List<Integer> eventsAt = new ArrayList<>();
            for (int i = 0; i < 210; i++) {
                if (String.valueOf(peer.line()).contains("event")) {
                    eventsAt.add(i);
                }
            }
            assertThat(eventsAt).hasSize(10);
            assertThat(eventsAt.get(9)).isLessThan(200);
        }
    }

    @Test
    void whenThePeerGoesAwayTheSourceIsTold() throws Exception {
        try (RunningServer running = RunningServer.in(directory)) {
            CountingSource idle = new CountingSource(0);
            CountingSource busy = new CountingSource(100);
            Exchange pending;
            try (TestPeer peer = TestPeer.connect(running.unix())) {
                peer.send(stream(1) + stream(2) + stream(3));
                idle.on(running.handler.nextHeld());
                busy.allow(Long.MAX_VALUE).on(running.handler.nextHeld());
                pending = running.handler.nextHeld();
            }

            assertThat(idle.awaitEnd()).isTrue();
            assertThat(busy.awaitEnd()).isTrue();
            await().atMost(LONG).untilAtomic(running.handler.abandoned, org.hamcrest.Matchers.is(1));
            CountingSource late = new CountingSource(0).on(pending);
            assertThat(late.awaitEnd()).isTrue();
        }
    }

    @Test
    void aPeerThatStopsReadingIsClosedAndItsSourceTold() throws Exception {
        try (RunningServer running = RunningServer.in(
                        directory, config -> config, RunningServer.times(LONG, Duration.ofMillis(300), LONG));
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(1));
            CountingSource source = new CountingSource(1000).allow(1_000_000).on(running.handler.nextHeld());

            assertThat(source.awaitEnd()).isTrue();
            assertThat(running.counters().timedOut()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatEndsTellsThoseWhoReadAndWaitsForNobodyElse() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer reads = TestPeer.connect(running.unix());
                TestPeer stalls = TestPeer.connect(running.tcp());
                TestPeer comesLate = TestPeer.connect(running.unix())) {
            reads.send(stream(1));
            CountingSource quiet = new CountingSource(0).on(running.handler.nextHeld());
            assertThat(reads.line()).contains("begun");
            stalls.send(stream(1));
            CountingSource stalled = new CountingSource(1000).allow(1_000_000).on(running.handler.nextHeld());
            awaitStandstill(stalled);
            comesLate.send(stream(1));
            Exchange late = running.handler.nextHeld();

            var drained = running.server.drain(LONG).toCompletableFuture();
            assertThat(reads.line()).startsWith("{\"id\":1," + ENDED + "{\"type\":\"shutting_down\"");
            CountingSource tooLate = new CountingSource(0).allow(5).on(late);

            assertThat(comesLate.lines(2))
                    .satisfiesExactly(
                            first -> assertThat(first).contains("begun"),
                            end -> assertThat(end).contains("shutting_down"));
            drained.get(20, TimeUnit.SECONDS);
            assertThat(quiet.awaitEnd()).isTrue();
            assertThat(stalled.awaitEnd()).isTrue();
            assertThat(tooLate.awaitEnd()).isTrue();
        }
    }

    @Test
    void aProtocol1RequestEndsTheStreamsOfItsConnection() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(1));
            CountingSource source = new CountingSource(0).on(running.handler.nextHeld());
            assertThat(peer.line()).contains("begun");

            peer.send("{\"command\":\"ping\"}\n");

            assertThat(peer.rest())
                    .startsWith("{\"success\":true,\"data\":\"pong\"}\n{\"id\":1," + ENDED + "{\"type\":\"cancelled\"");
            assertThat(source.awaitEnd()).isTrue();
        }
    }

    @Test
    void anEventThatCannotBeWrittenEndsItsStreamAlone() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(stream(1));
            CountDownLatch ended = new CountDownLatch(1);
            running.handler.nextHeld().stream(new Response.Success(out -> out.nullValue()), new EventSource() {
                @Override
                public Event next() {
                    return new Event(
                            out -> {
                                throw new IllegalStateException("a secret detail");
                            },
                            false);
                }

                @Override
                public void ended() {
                    ended.countDown();
                }
            });

            assertThat(peer.lines(2))
                    .last()
                    .asString()
                    .startsWith("{\"id\":1," + ENDED + "{\"type\":\"internal_error\"")
                    .doesNotContain("secret");
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
            peer.send("{\"id\":1,\"command\":\"ping\"}\n");
            assertThat(peer.line()).contains("pong");
        }
    }

    /** Until nothing was asked for a while; the source has more than any kernel takes. */
    private static void awaitStandstill(CountingSource source) {
        long[] before = {-1};
        await().atMost(LONG).pollInterval(Duration.ofMillis(100)).until(() -> {
            long now = source.given.get();
            boolean still = now > 0 && now == before[0];
            before[0] = now;
            return still;
        });
    }

    private static String stream(Object id) {
        return "{\"id\":" + id + ",\"command\":\"stream\"}\n";
    }
}

package io.github.opcuasm.daemon.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listening, the limit of connections, and the end. */
@Timeout(120)
class IpcServerTest {
    @TempDir
    Path directory;

    @Test
    void twoThousandSilentPeersDoNotLockANewcomerOut() throws Exception {
        List<TestPeer> silent = new ArrayList<>();
        try (RunningServer running = RunningServer.in(directory)) {
            for (int i = 0; i < 2000; i++) {
                silent.add(TestPeer.connect(running.unix()));
            }
            await().until(() -> running.counters().accepted() == 2000);

            try (TestPeer newcomer = TestPeer.connect(running.unix())) {
                newcomer.send("{\"command\":\"ping\"}\n");
                assertThat(newcomer.rest()).contains("pong");
            }
            await().untilAsserted(() -> assertThat(running.counters().open()).isLessThanOrEqualTo(1024));
            assertThat(running.counters().dropped()).isGreaterThanOrEqualTo(2000 - 1024);
            assertThat(silent.get(0).seesEnd()).isTrue();
        } finally {
            for (TestPeer peer : silent) {
                peer.close();
            }
        }
    }

    @Test
    void whoHasCompletedAFrameIsNeverDroppedForANewcomer() throws Exception {
        try (RunningServer running =
                        RunningServer.in(directory, config -> config.maxConnections(2), IpcLimits.ofProtocol());
                TestPeer first = TestPeer.connect(running.unix());
                TestPeer second = TestPeer.connect(running.tcp())) {
            first.send("{\"id\":1,\"command\":\"ping\"}\n");
            second.send("{\"id\":1,\"command\":\"ping\"}\n");
            assertThat(first.line()).contains("pong");
            assertThat(second.line()).contains("pong");

            try (TestPeer third = TestPeer.connect(running.unix())) {
                assertThat(third.rest())
                        .isEqualTo("{\"success\":false,\"error\":{\"type\":\"too_many_connections\","
                                + "\"message\":\"Too many concurrent connections\"}}\n");
            }

            assertThat(running.counters().refused()).isEqualTo(1);
            first.send("{\"id\":2,\"command\":\"ping\"}\n");
            assertThat(first.line()).contains("pong");
        }
    }

    @Test
    void aConnectionThatOnlyWaitsForItsEndCountsNoMore() throws Exception {
        try (RunningServer running =
                        RunningServer.in(directory, config -> config.maxConnections(1), IpcLimits.ofProtocol());
                TestPeer failed = TestPeer.connect(running.unix())) {
            failed.send("nonsense\n");
            assertThat(failed.line()).contains("invalid_json");

            try (TestPeer next = TestPeer.connect(running.unix())) {
                next.send("{\"command\":\"ping\"}\n");
                assertThat(next.rest()).contains("pong");
            }
        }
    }

    @Test
    void onlySoManyConnectionsMayWaitForTheirEnd() throws Exception {
        try (RunningServer running =
                        RunningServer.in(directory, config -> config.maxConnections(1), IpcLimits.ofProtocol());
                TestPeer lingering = TestPeer.connect(running.unix())) {
            lingering.send("nonsense\n");
            assertThat(lingering.line()).contains("invalid_json");

            try (TestPeer another = TestPeer.connect(running.unix())) {
                another.send("nonsense\n");

                // Answered, but closed at once: the end of this peer's stream is not waited for.
                assertThat(another.rest()).contains("invalid_json");
                await().untilAsserted(
                                () -> assertThat(running.counters().open()).isLessThanOrEqualTo(1));
            }
        }
    }

    @Test
    void allEndpointsAreBoundOrNone() throws Exception {
        try (RunningServer running = RunningServer.in(directory)) {
            Path second = directory.resolve("second.sock");
            DaemonConfig config = DaemonConfig.builder()
                    .socket(new IpcEndpoint.Unix(second), running.tcp())
                    .build();
            IpcServer server = new IpcServer(
                    config, running.group, running.handler, Ticker.SYSTEM, new IpcCounters(Ticker.SYSTEM));

            assertThatThrownBy(server::start)
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessageStartingWith("Another process is listening on tcp://127.0.0.1:");

            assertThat(second).doesNotExist();
        }
    }

    @Test
    void theSocketFileHasItsModeAndIsGoneAfterwards() throws Exception {
        Path socket = directory.resolve("ipc.sock");
        try (RunningServer running =
                RunningServer.in(directory, config -> config.socketMode(0640), IpcLimits.ofProtocol())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-r-----");
            assertThat(((IpcEndpoint.Tcp) running.tcp()).port()).isPositive();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void drainWaitsForWhatIsUnderWayAndRefusesWhatIsNew() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer kept = TestPeer.connect(running.unix());
                TestPeer single = TestPeer.connect(running.tcp())) {
            kept.send("{\"id\":1,\"command\":\"hold\"}\n");
            Exchange first = running.handler.nextHeld();
            single.send("{\"command\":\"hold\"}\n");
            Exchange second = running.handler.nextHeld();

            running.server.stopAccepting();
            CompletableFuture<Void> drained =
                    running.server.drain(Duration.ofSeconds(60)).toCompletableFuture();
            kept.send("{\"id\":2,\"command\":\"ping\"}\n");
            assertThat(kept.line()).contains("\"id\":2").contains("\"shutting_down\"");
            assertThat(drained).isNotDone();
            first.respond(Response.success(out -> out.number(1L)));
            second.respond(Response.success(out -> out.number(2L)));

            drained.get(20, TimeUnit.SECONDS);
            assertThat(kept.line()).isEqualTo("{\"id\":1,\"success\":true,\"data\":1}");
            assertThat(single.rest()).isEqualTo("{\"success\":true,\"data\":2}\n");
            assertThatThrownBy(() -> TestPeer.connect(running.unix())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatIsNotAnsweredWhenTheGraceIsOverIsRefused() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer kept = TestPeer.connect(running.unix());
                TestPeer single = TestPeer.connect(running.tcp())) {
            kept.send("{\"id\":1,\"command\":\"hold\"}\n");
            running.handler.nextHeld();
            single.send("{\"command\":\"hold\"}\n");
            running.handler.nextHeld();

            running.server.drain(Duration.ofMillis(50)).toCompletableFuture().get(20, TimeUnit.SECONDS);
            running.server.close();

            assertThat(kept.rest())
                    .isEqualTo("{\"id\":1,\"success\":false,\"error\":{\"type\":\"shutting_down\","
                            + "\"message\":\"The daemon is shutting down\"}}\n");
            assertThat(single.rest()).contains("\"shutting_down\"");
        }
    }

    @Test
    void whatMayHaveChangedThePlantWhenTheGraceIsOverIsUnknown() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer kept = TestPeer.connect(running.unix());
                TestPeer single = TestPeer.connect(running.tcp())) {
            kept.send("{\"id\":1,\"command\":\"hold\"}\n");
            running.handler.nextHeld().changesPlant();
            single.send("{\"command\":\"hold\"}\n");
            running.handler.nextHeld().changesPlant();

            running.server.drain(Duration.ofMillis(50)).toCompletableFuture().get(20, TimeUnit.SECONDS);
            running.server.close();

            assertThat(kept.rest()).contains("\"shutting_down\"").contains("\"outcome\":\"unknown\"");
            assertThat(single.rest()).contains("\"shutting_down\"").contains("\"outcome\":\"unknown\"");
        }
    }

    // The server cannot tell a write from a read here; that nothing was done is true of both.
    @Test
    void whatComesAfterTheEndBeganIsNotSent() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer kept = TestPeer.connect(running.unix())) {
            kept.send("{\"id\":1,\"command\":\"ping\"}\n");
            assertThat(kept.line()).contains("pong");

            running.server.stopAccepting();
            kept.send("{\"id\":2,\"command\":\"hold\"}\n");

            assertThat(kept.line())
                    .contains("\"id\":2")
                    .contains("\"shutting_down\"")
                    .contains("\"outcome\":\"not_sent\"");
            assertThat(running.handler.held).isEmpty();
        }
    }

    @Test
    void aUserDatabaseThatHangsDelaysPeersByASecondAndIsHeardWhenItAnswers() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        PeerCredentials hanging = new PeerCredentials(1, true, channel -> {
            awaitUninterruptibly(answers);
            return new PeerCredentials.Names("alice", "users");
        });
        try (RunningServer running = RunningServer.with(hanging, directory);
                TestPeer first = TestPeer.connect(running.unix());
                TestPeer second = TestPeer.connect(running.unix());
                TestPeer third = TestPeer.connect(running.unix());
                TestPeer beyondTheQueue = TestPeer.connect(running.unix())) {
            for (TestPeer peer : List.of(first, second, third, beyondTheQueue)) {
                peer.send("{\"id\":1,\"command\":\"who\"}\n");
                assertThat(peer.line()).contains("unidentified");
            }

            answers.countDown();

            Awaitility.await().untilAsserted(() -> {
                first.send("{\"id\":2,\"command\":\"who\"}\n");
                assertThat(first.line()).contains("alice");
            });
        } finally {
            answers.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void drainOfAnIdleServerIsDoneAtOnceAndClosingTwiceIsHarmless() throws Exception {
        try (RunningServer running = RunningServer.in(directory)) {
            running.server.drain(Duration.ofSeconds(60)).toCompletableFuture().get(20, TimeUnit.SECONDS);

            running.server.close();
            running.server.close();

            assertThat(directory).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo '{\"command\":\"ping\"}' | nc -U %s",
                "echo '{\"command\":\"ping\"}' | nc -N -U %s",
                "echo '{\"command\":\"ping\"}' | socat - UNIX-CONNECT:%s",
                "printf '{\"command\":\"ping\"}\\r\\n' | socat -t 5 - UNIX-CONNECT:%s"
            })
    void commonToolsPrintTheAnswerAndEnd(String command) throws Exception {
        String tool = command.contains("socat") ? "socat" : "nc";
        Assumptions.assumeTrue(new ProcessBuilder("sh", "-c", "command -v " + tool)
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                == 0);
        try (RunningServer running = RunningServer.in(directory)) {
            String line = String.format(command, ((IpcEndpoint.Unix) running.unix()).path());

            Process process = new ProcessBuilder("sh", "-c", line)
                    .redirectErrorStream(true)
                    .start();
            try (InputStream output = process.getInputStream()) {
                ByteArrayOutputStream printed = new ByteArrayOutputStream();
                output.transferTo(printed);

                assertThat(printed.toString(StandardCharsets.UTF_8))
                        .isEqualTo("{\"success\":true,\"data\":\"pong\"}\n");
                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            } finally {
                process.destroyForcibly();
            }
        }
    }
}

package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two daemons that are started on one socket in the same instant. */
class RivalStartsIT {
    /** One for all rounds: every other one starts on what a killed daemon left behind. */
    @TempDir
    private static Path directory;

    /** Each round starts two JVMs; a longer run asks for more of them. */
    static IntStream rounds() {
        return IntStream.rangeClosed(1, Integer.getInteger("opcuasm.rivalStarts", 10));
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void oneOfTwoWins(int round) throws Exception {
        String socket = "unix://" + directory.resolve("d.sock");
        try (var one = DaemonProcess.in(directory).run("--socket", socket);
                var other = DaemonProcess.in(directory).run("--socket", socket)) {

            await().atMost(Duration.ofSeconds(60)).until(() -> !one.isAlive() || !other.isAlive());
            DaemonProcess loser = one.isAlive() ? other : one;
            DaemonProcess winner = one.isAlive() ? one : other;

            assertThat(loser.awaitExit()).isEqualTo(1);
            // A winner that is slow to write its PID is unknown by name, but never taken for its killed predecessor.
            assertThat(loser.stderr())
                    .containsPattern("Another daemon instance is already running \\(PID: (" + winner.pid()
                            + "|unknown)\\)\\. If this is stale, remove " + directory.resolve("d.sock.pid"));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !winner.isAlive() || winner.stderr().contains("started on"));
            assertThat(winner.isAlive()).as(winner.stderr()).isTrue();
            new ProtocolPeer(winner).expectPing();
            assertThat(directory.resolve("d.sock.pid")).hasContent(Long.toString(winner.pid()));
            if (round % 2 == 0) {
                winner.kill9();
            } else {
                winner.signal("TERM");
                assertThat(winner.awaitExit()).isZero();
                assertThat(Files.exists(directory.resolve("d.sock.pid"))).isFalse();
            }
        }
    }
}

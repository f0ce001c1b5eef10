package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.AutoStart;
import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real daemon, started by programs that need one. */
@Timeout(120)
class AutoStartIT {
    private static final int STARTERS = 10;
    private static final String TOKEN = "a-secret-of-this-test";

    @TempDir
    Path directory;

    @AfterEach
    void endDaemons() throws Exception {
        for (ProcessHandle daemon : started()) {
            daemon.destroy();
            daemon.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void ofManyStartersAtOnceOneStartsADaemonAndAllGetAnswers() throws Exception {
        var endpoint = new IpcEndpoint.Unix(directory.resolve("d.sock"));

        List<String> answers = connectAtOnce(endpoint, STARTERS, "state");

        assertThat(answers).hasSize(STARTERS).allMatch("opcua-session-manager"::equals);
        assertThat(directory.resolve("pids")).content().hasLineCount(1);
        assertThat(started()).hasSize(1);
        // Its own session: what ends ours, or this terminal's, does not end it.
        long pid = started().get(0).pid();
        if (Files.exists(Path.of("/proc/self/stat"))) {
            assertThat(session(pid)).isEqualTo(pid);
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/0")))
                    .hasToString("/dev/null");
        }
        assertThat(directory.resolve("state/opcua-session-manager"))
                .isDirectoryRecursivelyContaining("glob:**.log")
                .isDirectoryRecursivelyContaining("glob:**.lock");
    }

    @Test
    void startersThatKnowNothingOfEachOtherEndUpWithOneDaemon() throws Exception {
        // Each has a lock file of its own, so two daemons are started, on a port, and their own lock decides.
        var endpoint = new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), freePort());

        List<String> answers = connectAtOnce(endpoint, 2, null);

        assertThat(answers).hasSize(2).allMatch("opcua-session-manager"::equals);
        List<ProcessHandle> alive = started();
        if (alive.size() == 2) {
            CompletableFuture.anyOf(alive.get(0).onExit(), alive.get(1).onExit())
                    .get(60, TimeUnit.SECONDS);
        }
        assertThat(started()).hasSize(1);
    }

    private List<String> connectAtOnce(IpcEndpoint endpoint, int count, @Nullable String state) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<String>> starters = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String own = state == null ? "state" + i : state;
                starters.add(threads.submit(() -> {
                    try (DaemonClient client = start(endpoint, own)) {
                        return client.hello().product();
                    }
                }));
            }
            List<String> answers = new ArrayList<>();
            for (Future<String> starter : starters) {
                answers.add(starter.get(100, TimeUnit.SECONDS));
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    private DaemonClient start(IpcEndpoint endpoint, String state) throws IOException {
        Path script = directory.resolve("daemon.sh");
        synchronized (this) {
            if (!Files.exists(script)) {
                Files.writeString(
                        script,
                        "echo $$ >> " + directory.resolve("pids") + "\nexec "
                                + Path.of(System.getProperty("java.home"), "bin", "java")
                                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -cp '"
                                + System.getProperty("java.class.path") + "' io.github.opcuasm.cli.Main \"$@\"\n",
                        StandardOpenOption.CREATE_NEW);
            }
        }
        return AutoStart.at(endpoint)
                .command("/bin/sh", script.toString())
                .stateHome(directory.resolve(state))
                .startWithin(Duration.ofSeconds(90))
                .connect(ClientOptions.DEFAULTS.withToken(TOKEN));
    }

    /** Every daemon that was started here and lives. */
    private List<ProcessHandle> started() throws IOException {
        Path pids = directory.resolve("pids");
        if (!Files.exists(pids)) {
            return List.of();
        }
        return Files.readAllLines(pids).stream()
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)))
                .flatMap(Optional::stream)
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    private static long session(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

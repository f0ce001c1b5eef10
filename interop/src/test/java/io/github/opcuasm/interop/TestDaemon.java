package io.github.opcuasm.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** The daemon as users run it, a process of its own, on a Unix socket in a directory of the test. */
final class TestDaemon implements AutoCloseable {
    private static final String MAIN_CLASS = "io.github.opcuasm.cli.Main";
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(20);

    private final Process process;
    private final JsonLines connection;

    private TestDaemon(Process process, JsonLines connection) {
        this.process = process;
        this.connection = connection;
    }

    /**
     * Starts one and returns when it answers a {@code ping}.
     *
     * @param directory created; gets the socket and the log, and must have a short path
     */
    static TestDaemon start(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path socket = directory.resolve("d.sock");
        Path log = directory.resolve("daemon.log");
        Process process = new ProcessBuilder(command(socket))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var daemon = new TestDaemon(process, new JsonLines(socket));
        try {
            Awaitility.await()
                    .atMost(START)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .failFast("the daemon ended", () -> !process.isAlive())
                    .until(() -> daemon.connection
                            .ask("{\"command\":\"ping\"}")
                            .get("success")
                            .booleanValue());
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            daemon.close();
            throw new IOException("The daemon did not start: " + Files.readString(log), e);
        }
        return daemon;
    }

    JsonLines connection() {
        return connection;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, END.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        process.destroyForcibly();
    }

    private static List<String> command(Path socket) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
        command.addAll(List.of("--socket", "unix://" + socket));
        return command;
    }
}

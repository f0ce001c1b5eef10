package io.github.opcuasm.testkit;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The real program in a process of its own, from this test's class path: the daemon, or any other command line of it. Its
 * output goes to files in the given directory, so that it never blocks on a full pipe.
 *
 * <pre>{@code
 * try (var daemon = DaemonProcess.in(tempDir).start("--max-sessions", "2")) {
 *     String answer = IpcProbe.ask(daemon.endpoint(), "{\"command\":\"ping\"}");
 *     daemon.signal("TERM");
 *     assertThat(daemon.awaitExit()).isZero();
 * }
 * }</pre>
 */
public final class DaemonProcess implements AutoCloseable {
    private static final String MAIN_CLASS = "io.github.opcuasm.cli.Main";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 20_000_000;

    private final Process process;
    private final IpcEndpoint endpoint;
    private final Path stdout;
    private final Path stderr;

    private DaemonProcess(Process process, IpcEndpoint endpoint, Path stdout, Path stderr) {
        this.process = process;
        this.endpoint = endpoint;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /**
     * A launcher whose processes keep their socket and output in this directory.
     *
     * @param directory short enough for a socket's path: at most some 80 bytes
     */
    public static Launcher in(Path directory) {
        return new Launcher(directory);
    }

    /** How a process is started; every setter changes and returns this. */
    public static final class Launcher {
        private final Path directory;
        private final Map<String, String> environment = new HashMap<>();
        private final List<String> jvmOptions = new ArrayList<>();
        private IpcEndpoint endpoint;

        private Launcher(Path directory) {
            this.directory = directory;
            this.endpoint = new IpcEndpoint.Unix(directory.resolve("d.sock"));
        }

        /** Where the daemon listens; {@code d.sock} in the directory unless said otherwise. */
        public Launcher endpoint(IpcEndpoint value) {
            endpoint = value;
            return this;
        }

        /** A variable of the environment; of our own variables the process otherwise gets none. */
        public Launcher environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** An option for the JVM. */
        public Launcher jvmOption(String option) {
            jvmOptions.add(option);
            return this;
        }

        /**
         * Starts the daemon on the endpoint and returns when it answers a {@code ping}, be it with {@code auth_failed}.
         *
         * @throws IOException with all it printed, if it ends instead or a minute passes
         */
        public DaemonProcess start(String... options) throws IOException {
            List<String> arguments = new ArrayList<>(List.of("--socket", endpoint.uri()));
            arguments.addAll(List.of(options));
            DaemonProcess daemon = launch(arguments);
            try {
                daemon.awaitPing();
            } catch (IOException e) {
                daemon.close();
                throw e;
            }
            return daemon;
        }

        /** Starts the program with exactly these arguments and does not wait for anything. */
        public DaemonProcess run(String... arguments) throws IOException {
            return launch(List.of(arguments));
        }

        private DaemonProcess launch(List<String> arguments) throws IOException {
            Path stdout = Files.createTempFile(directory, "out", ".txt");
            Path stderr = Files.createTempFile(directory, "err", ".txt");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            if (Runtime.version().feature() >= 24) {
                command.add("--sun-misc-unsafe-memory-access=allow");
                command.add("--enable-native-access=ALL-UNNAMED");
            }
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
            command.addAll(jvmOptions);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
            command.addAll(arguments);
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("OPCUA_") || name.equals("JAVA_TOOL_OPTIONS"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            return new DaemonProcess(process, endpoint, stdout, stderr);
        }
    }

    /** Where the daemon listens. */
    public IpcEndpoint endpoint() {
        return endpoint;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything that it wrote to standard output so far. */
    public String stdout() throws IOException {
        return Files.readString(stdout, StandardCharsets.UTF_8);
    }

    /** Everything that it wrote to standard error so far, where the log goes too. */
    public String stderr() throws IOException {
        return Files.readString(stderr, StandardCharsets.UTF_8);
    }

    /**
     * Sends a signal to this process and no other.
     *
     * @param name without {@code SIG}: {@code TERM}, {@code INT}, {@code HUP}, {@code STOP}, {@code CONT}
     */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " failed");
        }
    }

    /** SIGKILL, and waits until the process is gone: its files stay. */
    public void kill9() throws IOException, InterruptedException {
        process.destroyForcibly();
        int unused = awaitExit();
    }

    /**
     * Waits for the end of the process.
     *
     * @return its exit code
     * @throws IOException if it still lives after a minute
     */
    public int awaitExit() throws IOException, InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("still alive after " + LIMIT.toSeconds() + " s; it said:\n" + stderr());
        }
        return process.exitValue();
    }

    private void awaitPing() throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            if (!process.isAlive()) {
                throw new IOException("the daemon ended with " + process.exitValue() + "; it said:\n" + stderr());
            }
            try {
                String unused = IpcProbe.ask(endpoint, "{\"command\":\"ping\"}");
                return;
            } catch (IOException e) {
                if (System.nanoTime() - end > 0) {
                    throw new IOException("no ping was answered in time; the daemon said:\n" + stderr(), e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Ends the process if it lives: SIGTERM, then SIGKILL after 15 s. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

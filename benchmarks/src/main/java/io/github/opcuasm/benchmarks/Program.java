package io.github.opcuasm.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code opcua-session-manager} in a process of its own, started by its launcher, so with the flags of the launcher. What
 * it prints goes to files, so that it never blocks on a full pipe.
 */
final class Program implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 20_000_000;
    private static final Pattern ENDPOINT_URL = Pattern.compile("opc\\.tcp://\\S+");

    private final Process process;
    private final Path output;
    private final Path errors;

    private Program(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** Starts the daemon and returns when it answers. */
    static Program daemon(Path launcher, Path directory, Path socket, String... options) throws IOException {
        return daemon(launcher, directory, socket, "", options);
    }

    /** The same with this much heap at most, as {@code -Xmx} has it. */
    static Program daemonOfHeap(Path launcher, Path directory, Path socket, String heap) throws IOException {
        return daemon(launcher, directory, socket, "-Xmx" + heap, new String[0]);
    }

    private static Program daemon(Path launcher, Path directory, Path socket, String jvmOption, String[] options)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--socket", socket.toString()));
        arguments.addAll(List.of(options));
        Program daemon = start(launcher, directory, arguments, jvmOption);
        DaemonCallers callers = new DaemonCallers(socket);
        daemon.await(() -> {
            try {
                return Files.exists(socket) ? callers.ask(DaemonCallers.PING) : null;
            } catch (IOException e) {
                return null;
            }
        });
        return daemon;
    }

    /** Starts the simulator on a free port. */
    static Program simulator(Path launcher, Path directory) throws IOException {
        return start(launcher, directory, List.of("simulate", "--port", "0"), "");
    }

    private static Program start(Path launcher, Path directory, List<String> arguments, String jvmOption)
            throws IOException {
        Path output = Files.createTempFile(directory, "out", ".txt");
        Path errors = Files.createTempFile(directory, "err", ".txt");
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().merge("OPCUA_JAVA_OPTS", jvmOption, (options, added) -> (options + " " + added).strip());
        builder.environment().remove("OPCUA_AUTH_TOKEN");
        builder.environment().remove("OPCUA_SOCKET_PATH");
        return new Program(builder.start(), output, errors);
    }

    /** The endpoint URL that the simulator printed; waits for it. */
    String endpointUrl() throws IOException {
        return await(() -> {
            Matcher url = ENDPOINT_URL.matcher(Files.readString(output, StandardCharsets.UTF_8));
            return url.find() ? url.group() : null;
        });
    }

    long pid() {
        return process.pid();
    }

    private interface Probe {
        @Nullable
        String tryOnce() throws IOException;
    }

    private String await(Probe probe) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (process.isAlive() && System.nanoTime() - end < 0) {
            String found = probe.tryOnce();
            if (found != null) {
                return found;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        String said = Files.readString(errors, StandardCharsets.UTF_8);
        close();
        throw new IOException("the program did not come up; it said:\n" + said);
    }

    /** Ends the process: SIGTERM, then SIGKILL after 15 s. */
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

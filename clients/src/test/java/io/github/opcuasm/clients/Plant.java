package io.github.opcuasm.clients;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A daemon, in a process of its own, and a server that it can open, in this JVM: one of each for a test class, with a
 * temporary directory. All end with the class.
 *
 * <pre>{@code
 * @RequiresProgram("python3")
 * class PythonClientIT {
 *     @RegisterExtension
 *     static final Plant PLANT = Plant.open();
 *
 *     @Test
 *     void reads() throws Exception {
 *         Script.Result result = Script.of("python3", "example.py").environment(PLANT.environment()).run();
 *         …
 *     }
 * }
 * }</pre>
 */
final class Plant implements BeforeAllCallback, AfterAllCallback {
    /** The token of a {@link #guarded} daemon. */
    static final String TOKEN = "a token that nobody guesses";

    private final Supplier<Simulator> simulators;
    private final List<String> options;
    private final boolean guarded;
    private String heap = "256m";
    private @Nullable Path directory;
    private @Nullable Simulator simulator;
    private @Nullable DaemonProcess daemon;

    private Plant(Supplier<Simulator> simulators, boolean guarded, List<String> options) {
        this.simulators = simulators;
        this.guarded = guarded;
        this.options = options;
    }

    /** One for each run of the class: a simulator that was closed starts no more. */
    private static Simulator plain() {
        return Simulator.builder().build();
    }

    /** A daemon without a token. */
    static Plant open(String... daemonOptions) {
        return new Plant(Plant::plain, false, List.of(daemonOptions));
    }

    /** A daemon whose every request needs {@link #TOKEN}. */
    static Plant guarded(String... daemonOptions) {
        return new Plant(Plant::plain, true, List.of(daemonOptions));
    }

    /** As {@link #guarded(String...)}, before this server. */
    static Plant guarded(Simulator simulator, String... daemonOptions) {
        return new Plant(() -> simulator, true, List.of(daemonOptions));
    }

    /** A daemon without a token, before this server. */
    static Plant of(Simulator simulator, String... daemonOptions) {
        return new Plant(() -> simulator, false, List.of(daemonOptions));
    }

    /** How much heap the daemon has, such as {@code 512m}; 256m unless said otherwise. Before the class begins. */
    Plant heap(String size) {
        heap = size;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("plant-");
        simulator = simulators.get();
        simulator.start();
        startDaemon();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (daemon != null) {
            daemon.close();
        }
        if (simulator != null) {
            simulator.close();
        }
        if (directory != null) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /**
     * Starts the daemon on its socket, after it ended.
     *
     * @throws IllegalStateException if it runs
     */
    void startDaemon() throws IOException {
        if (daemon != null && daemon.isAlive()) {
            throw new IllegalStateException("The daemon runs");
        }
        List<String> arguments = new ArrayList<>(options);
        if (guarded) {
            Path file = directory().resolve("token");
            Files.writeString(file, TOKEN + "\n", StandardCharsets.UTF_8);
            restrict(file);
            arguments.add("--auth-token-file");
            arguments.add(file.toString());
        }
        daemon = DaemonProcess.in(directory()).jvmOption("-Xmx" + heap).start(arguments.toArray(String[]::new));
    }

    private static void restrict(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** The daemon's process, to be killed, stopped or asked for its output. */
    DaemonProcess daemon() {
        return started(daemon);
    }

    Simulator simulator() {
        return Objects.requireNonNull(simulator);
    }

    /** The simulator's URL. */
    String url() {
        return simulator().endpointUrl();
    }

    /** Where the daemon listens, the same after {@link #startDaemon()}. */
    IpcEndpoint endpoint() {
        return daemon().endpoint();
    }

    /** The path of the daemon's socket. */
    String socket() {
        return directory().resolve("d.sock").toString();
    }

    /** A directory for the tests' own files; gone after the class. */
    Path directory() {
        return started(directory);
    }

    /**
     * What a client finds the daemon and the server by: {@code OPCUA_SOCKET_PATH}, {@code OPCUA_AUTH_TOKEN} if the
     * daemon wants one, and {@code TEST_ENDPOINT_URL}.
     */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("OPCUA_SOCKET_PATH", socket());
        environment.put("TEST_ENDPOINT_URL", url());
        if (guarded) {
            environment.put("OPCUA_AUTH_TOKEN", TOKEN);
        }
        return environment;
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("Register the plant as a static @RegisterExtension");
        }
        return part;
    }
}

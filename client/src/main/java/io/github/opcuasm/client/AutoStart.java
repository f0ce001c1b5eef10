package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the daemon on this machine and starts one if there is none.
 *
 * <pre>{@code
 * DaemonClient client = AutoStart.at(endpoint).options("--timeout", "60").connect(ClientOptions.DEFAULTS);
 * }</pre>
 *
 * <p>What it does, in this order: (1) If something listens at the endpoint, it is asked for its version and used, or
 * refused as too old or too new; nothing is started beside it. (2) Else the starters on this machine take turns by a file
 * lock, and each looks again before it starts anything: fifty programs that come up at once start one daemon. (3) The
 * daemon is started detached: in a session of its own, without standard input, its output appended to a log in {@code
 * $XDG_STATE_HOME/opcua-session-manager} ({@code ~/.local/state/…}), a directory and a file for this user only. It
 * outlives this program. (4) It is asked until it answers. If it ends because another one was faster, which the daemons'
 * own lock decides, that one is used; if it ends otherwise, the exception has its last words.
 *
 * <p>A token of the {@link ClientOptions} is given to a daemon that is started, by its environment. Not thread-safe.
 */
public final class AutoStart {
    private static final int PROTOCOL = 2;
    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;

    private final IpcEndpoint endpoint;
    private final List<String> command = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> features = new ArrayList<>();
    private Duration startWithin = Duration.ofSeconds(30);
    private Map<String, String> environment = System.getenv();
    private @Nullable Path stateHome;

    private AutoStart(IpcEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** For the daemon at this endpoint; a port must not be 0. */
    public static AutoStart at(IpcEndpoint endpoint) {
        if (endpoint instanceof IpcEndpoint.Tcp tcp && tcp.port() == 0) {
            throw new IllegalArgumentException("endpoint: got " + endpoint + ", expected a port other than 0");
        }
        return new AutoStart(endpoint);
    }

    /**
     * How to start a daemon; {@code --socket} and the options follow. Unless given: what {@code OPCUA_DAEMON_COMMAND}
     * says (a program, or words split at blanks), else {@code opcua-session-manager} on the {@code PATH}.
     */
    public AutoStart command(String program, String... arguments) {
        command.clear();
        command.add(program);
        command.addAll(List.of(arguments));
        return this;
    }

    /** Options for a daemon that is started, as on its command line. One that runs keeps its own. */
    public AutoStart options(String... values) {
        options.addAll(List.of(values));
        return this;
    }

    /** Features that the daemon must have ({@link DaemonHello#features}); one that lacks any is too old. */
    public AutoStart requiring(String... names) {
        features.addAll(List.of(names));
        return this;
    }

    /** Bound on the start, waiting for other starters included; 30 s unless given, more than 0. */
    public AutoStart startWithin(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("startWithin: got " + value + ", expected more than 0");
        }
        startWithin = value;
        return this;
    }

    /** Where the log and the starters' lock go, instead of what the environment says; made if its parent exists. */
    public AutoStart stateHome(Path directory) {
        if (!directory.isAbsolute()) {
            throw new IllegalArgumentException("stateHome: got " + directory + ", expected an absolute path");
        }
        stateHome = directory;
        return this;
    }

    AutoStart environment(Map<String, String> value) {
        environment = Map.copyOf(value);
        return this;
    }

    /**
     * Finds the daemon or starts it.
     *
     * @return connected, and sure of an answer
     * @throws UnsupportedDaemonException if the one that runs is too old or too new
     * @throws DaemonNotRunningException if none can be started; the message says why
     * @throws RequestFailedException if the one that runs refuses: {@code auth_failed}, {@code overloaded} and so on
     */
    public DaemonClient connect(ClientOptions clientOptions) {
        DaemonClient running = find(clientOptions);
        if (running != null) {
            return running;
        }
        long end = System.nanoTime() + startWithin.toNanos();
        try {
            StateDirectory state = StateDirectory.in(stateHome == null ? StateDirectory.home(environment) : stateHome);
            try (FileChannel file = state.open(fileName() + ".lock")) {
                return startInTurn(state, file, clientOptions, end);
            }
        } catch (IOException e) {
            throw new DaemonNotRunningException(endpoint, "and none can be started: " + DaemonSocket.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DaemonNotRunningException(endpoint, "interrupted while one was being started", e);
        }
    }

    /** The lock ends with the channel, or with this process. */
    private DaemonClient startInTurn(StateDirectory state, FileChannel file, ClientOptions clientOptions, long end)
            throws IOException, InterruptedException {
        long pause = FIRST_PAUSE_NANOS;
        while (!isLocked(file)) {
            if (System.nanoTime() - end >= 0) {
                throw new IOException("another program has been starting one for " + startWithin.toSeconds() + " s");
            }
            pause = sleep(pause);
            DaemonClient running = find(clientOptions);
            if (running != null) {
                return running;
            }
        }
        DaemonClient running = find(clientOptions);
        if (running != null) {
            return running;
        }
        return awaitAnswer(launch(state, clientOptions), clientOptions, end);
    }

    private static boolean isLocked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // another thread of ours
        }
    }

    private DaemonLaunch launch(StateDirectory state, ClientOptions clientOptions) throws IOException {
        List<String> words = new ArrayList<>(command.isEmpty() ? DaemonLaunch.defaultCommand(environment) : command);
        words.add("--socket");
        words.add(endpoint.uri());
        words.addAll(options);
        return DaemonLaunch.start(words, clientOptions.token(), state.log(fileName() + ".log"));
    }

    private DaemonClient awaitAnswer(DaemonLaunch launch, ClientOptions clientOptions, long end)
            throws IOException, InterruptedException {
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            // Looked at before the daemon is: one that answered and ended in between is not blamed.
            boolean ended = launch.hasEnded();
            DaemonClient running = find(clientOptions);
            if (running != null) {
                return running;
            }
            if (ended && !launch.lostToAnother()) {
                throw new IOException(launch.lastWords());
            }
            if (System.nanoTime() - end >= 0) {
                throw new IOException(launch.lateness(startWithin));
            }
            pause = sleep(pause);
        }
    }

    private static long sleep(long pause) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(pause);
        return Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }

    /** A client of the daemon that runs; null if none does. */
    private @Nullable DaemonClient find(ClientOptions clientOptions) {
        DaemonClient client;
        try {
            client = DaemonClient.connect(endpoint, clientOptions);
        } catch (DaemonNotRunningException e) {
            return null;
        }
        boolean good = false;
        try {
            check(client, clientOptions);
            good = true;
            return client;
        } catch (DaemonNotRunningException e) {
            return null; // it has just ended
        } finally {
            if (!good) {
                client.close();
            }
        }
    }

    private void check(DaemonClient client, ClientOptions clientOptions) {
        if (clientOptions.protocol() == ProtocolVersion.ONE && features.isEmpty()) {
            JsonValue.Obj unused = client.ping();
            return;
        }
        DaemonHello hello;
        try {
            hello = client.hello();
        } catch (RequestFailedException e) {
            throw e.type().equals(ErrorType.UNKNOWN_COMMAND.wireName()) ? tooOld("protocol 1 only", e) : e;
        }
        if (hello.protocol() > PROTOCOL) {
            throw new UnsupportedDaemonException(
                    "The daemon on " + endpoint + " (" + hello.product() + " " + hello.version() + ") speaks protocol "
                            + hello.protocol() + ", this client " + PROTOCOL + ": use a newer client",
                    null);
        }
        if (hello.protocol() < PROTOCOL) {
            throw tooOld("protocol " + hello.protocol() + " only", null);
        }
        List<String> missing = new ArrayList<>(features);
        missing.removeAll(hello.features());
        if (!missing.isEmpty()) {
            throw new UnsupportedDaemonException(
                    "The daemon on " + endpoint + " (" + hello.product() + " " + hello.version() + ") lacks "
                            + String.join(", ", missing) + ": end it, and install a newer one",
                    null);
        }
    }

    private UnsupportedDaemonException tooOld(String speaks, @Nullable RequestFailedException why) {
        return new UnsupportedDaemonException(
                "The daemon on " + endpoint + " speaks " + speaks + ", " + PROTOCOL
                        + " is needed: end it, or ask for ProtocolVersion.ONE and no features",
                why);
    }

    /** The endpoint as a file's name. */
    private String fileName() {
        return endpoint.uri().replaceAll("[^A-Za-z0-9.-]+", "_");
    }
}

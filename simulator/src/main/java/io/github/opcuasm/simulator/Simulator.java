package io.github.opcuasm.simulator;

import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * An OPC UA server for demonstrations, tests and benchmarks: every builtin type, values that follow a ticker, and
 * faults on demand. The package documentation lists its nodes.
 *
 * <pre>{@code
 * try (Simulator simulator = Simulator.builder().build()) {
 *     simulator.start();
 *     connectTo(simulator.endpointUrl());
 *     try (Fault hanging = simulator.faults().hang(Service.READ)) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>It offers one endpoint, SecurityPolicy None with anonymous users, unless {@link Builder#secured()} asks for more.
 * A simulator may be stopped and started
 * again: the server then is a new one on the same port, with the same address space, initial values and no
 * sessions, while counters, logs, producers, limits and faults go on. All methods may be called from any thread.
 * Several simulators live side by side in one JVM.
 */
public final class Simulator implements AutoCloseable {
    /** The namespace of the simulator's nodes. */
    public static final String NAMESPACE_URI = "urn:opcuasm:simulator";

    /** The index of {@link #NAMESPACE_URI} in the server's NamespaceArray. */
    public static final int NAMESPACE_INDEX = 2;

    /** The application URI of the server. */
    public static final String APPLICATION_URI = "urn:opcuasm:simulator:server";

    static final String PATH = "/simulator";

    private final SimulatorParts parts;
    private final Events events = new Events(this::eventsNow);
    private InetSocketAddress address;
    private @Nullable PortReservation reservation;
    private volatile @Nullable ServerRun run;
    private volatile @Nullable String endpointUrl;
    private boolean closed;

    @SuppressWarnings("AddressSelection") // A server binds one address of the name.
    private Simulator(Builder builder) {
        this.address = new InetSocketAddress(builder.host, builder.port);
        String hostname = ServerRun.hostnameOf(address.getAddress(), builder.host);
        Connections connections = new Connections();
        this.parts = new SimulatorParts(
                hostname,
                builder.threads,
                builder.clock,
                new Waves(builder.ticker, builder.tick, builder.period, builder.seed),
                new Producers(builder.clock, builder.produced),
                new WriteLog(builder.writesKept),
                new Calls(),
                new Limits(),
                new Counters(this::sessionsNow, connections::size),
                connections,
                new Faults(connections, () -> run),
                new ModelSettings(builder.bigNodes, builder.namespacesBefore),
                new ServedDirectory(builder.files, builder.maxByteStringLength),
                builder.aggregates,
                builder.security == null ? ServerSecurity.none() : builder.security.build(hostname));
    }

    /** A builder of a simulator on a free port of 127.0.0.1. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts the server and returns when it takes connections. Does nothing if it runs.
     *
     * @throws java.io.UncheckedIOException if it cannot listen or serve the directory of its files, with a message that
     *     says where and why
     * @throws IllegalStateException if the simulator is closed
     */
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("The simulator is closed");
        }
        if (run != null) {
            return;
        }
        parts.security().prepare();
        parts.files().prepare();
        ServerRun started = ServerRun.start(parts, address);
        release();
        run = started;
        address = started.address();
        endpointUrl = "opc.tcp://" + bracketed(parts.hostname()) + ":" + address.getPort() + PATH;
    }

    /**
     * Stops the server as the end of its process would: connections are closed, sessions and written values are
     * gone. The port stays reserved for the next start and refuses connections. Does nothing if it does not run.
     */
    public synchronized void stop() {
        ServerRun running = run;
        if (running != null) {
            run = null;
            running.close();
            reservation = PortReservation.of(address);
        }
    }

    /** Whether the server runs. */
    public boolean isRunning() {
        return run != null;
    }

    /** Undoes all faults, ends all producers, stops the server and gives the port back. May be repeated. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            parts.producers().close();
            parts.faults().clear();
            stop();
            release();
            parts.files().close();
        }
    }

    /**
     * Where clients connect: {@code opc.tcp://HOST:PORT/simulator}. It stays the same over stop and start.
     *
     * @throws IllegalStateException before the first start, which chooses the port
     */
    public String endpointUrl() {
        String url = endpointUrl;
        if (url == null) {
            throw new IllegalStateException("The simulator has not been started yet");
        }
        return url;
    }

    /**
     * The port that the server listens on; it stays the same over stop and start.
     *
     * @throws IllegalStateException before the first start, which chooses it
     */
    public synchronized int port() {
        if (endpointUrl == null) {
            throw new IllegalStateException("The simulator has not been started yet");
        }
        return address.getPort();
    }

    /** The id of one of the simulator's nodes, {@code ns=2;s=PATH}, such as {@code Scalars/Int32}. */
    public static NodeId node(String path) {
        return new NodeId(NAMESPACE_INDEX, path);
    }

    /** As {@link #node(String)}, in the namespace index that the running server gives to {@link #NAMESPACE_URI}. */
    public NodeId nodeNow(String path) {
        return new NodeId(namespaceIndex(), path);
    }

    /**
     * The index of {@link #NAMESPACE_URI} in the NamespaceArray of the running server.
     *
     * @throws IllegalStateException if the server does not run
     */
    public int namespaceIndex() {
        ServerRun running = run;
        if (running == null) {
            throw new IllegalStateException("The simulator does not run");
        }
        return running.namespaceIndex();
    }

    /**
     * Puts namespaces before {@link #NAMESPACE_URI} from the next start on, as
     * {@link Builder#namespacesBefore(String...)} does from the first.
     */
    public void namespacesBefore(String... uris) {
        parts.model().namespacesBefore(List.of(uris));
    }

    /**
     * Adds the field Added (Double) between the two fields of the structure {@code DataTypes/Changing}, whose encoding
     * id stays, and gives {@code Structures/Changing} a value of the new form. Holds over stop and start; may be
     * called while the server is stopped.
     */
    public void changeType() {
        changeType(true);
    }

    /** Undoes {@link #changeType()}. */
    public void restoreType() {
        changeType(false);
    }

    private synchronized void changeType(boolean changed) {
        parts.model().typeChanged(changed);
        ServerRun running = run;
        if (running != null) {
            running.followModel();
        }
    }

    /**
     * The certificate that a secured server presents.
     *
     * @throws IllegalStateException if the simulator is not secured
     */
    public IssuedCertificate certificate() {
        return certificates().presented();
    }

    /**
     * Presents another certificate from the next channel on; channels and sessions that exist go on with the one
     * before until they would renew their token.
     *
     * @throws IllegalStateException if the simulator is not secured
     */
    public synchronized void certificate(IssuedCertificate replacement) {
        certificates().present(replacement);
        ServerRun running = run;
        if (running != null) {
            running.followCertificate();
        }
    }

    /**
     * Takes from now on only clients with one of these certificates; what is connected goes on.
     *
     * @throws IllegalStateException if the simulator is not secured
     */
    public void trustClients(X509Certificate... clients) {
        certificates().clients().trust(List.of(clients));
    }

    private ServerCertificates certificates() {
        ServerCertificates certificates = parts.security().certificates();
        if (certificates == null) {
            throw new IllegalStateException("The simulator is not secured");
        }
        return certificates;
    }

    /** Faults on demand. */
    public Faults faults() {
        return parts.faults();
    }

    /** What the server allows its clients. */
    public Limits limits() {
        return parts.limits();
    }

    /** What the simulator has seen since it was built. */
    public Counters counters() {
        return parts.counters();
    }

    /**
     * The values that clients wrote to this node's Value attribute, in the order in which they took effect, over
     * all starts; refused writes are not among them. Only the newest 1,000 are kept, or as many as
     * {@link Builder#writesKept(int)} says. For a write with an index
     * range it is the value sent, not the whole array.
     */
    public List<Variant> writes(NodeId nodeId) {
        return parts.writes().values(nodeId);
    }

    /** How many writes to this node took effect, over all starts. */
    public long writeCount(NodeId nodeId) {
        return parts.writes().count(nodeId);
    }

    /** How many writes took effect on any node, over all starts. */
    public long writeCount() {
        return parts.writes().count();
    }

    /** Empties the write log and sets its counts to 0. */
    public void clearWrites() {
        parts.writes().clear();
    }

    /** The methods that clients had executed, over all starts. */
    public Calls calls() {
        return parts.calls();
    }

    /** The variables of folder Produced, whose every value is queued for those who monitor them. */
    public Producers producers() {
        return parts.producers();
    }

    /** The names that clients gave to the sessions that exist now, activated or not, in alphabetical order. */
    public List<String> sessionNames() {
        ServerRun running = run;
        return running == null ? List.of() : running.sessionNames();
    }

    /** Events on demand. */
    public Events events() {
        return events;
    }

    private @Nullable EventNodes eventsNow() {
        ServerRun running = run;
        return running == null ? null : running.events();
    }

    private long sessionsNow() {
        ServerRun running = run;
        return running == null ? 0 : running.sessions();
    }

    private void release() {
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }

    private static String bracketed(String hostname) {
        return hostname.indexOf(':') >= 0 && !hostname.startsWith("[") ? "[" + hostname + "]" : hostname;
    }

    /** Settings of a {@link Simulator}; each has a default. */
    public static final class Builder {
        private static final int MAX_PORT = 65_535;

        private String host = "127.0.0.1";
        private int port;
        private int threads = 2;
        private LongSupplier ticker = System::nanoTime;
        private InstantSource clock = InstantSource.system();
        private Duration tick = Duration.ofSeconds(1);
        private Duration period = Duration.ofSeconds(10);
        private long seed = 42;
        private boolean bigNodes;
        private boolean aggregates = true;
        private int produced;
        private int writesKept = WriteLog.KEPT_PER_NODE;
        private List<String> namespacesBefore = List.of();
        private @Nullable Path files;
        private int maxByteStringLength = ServedDirectory.STANDARD_MAX_BYTE_STRING_LENGTH;
        private @Nullable SecurityOptions security;

        private Builder() {}

        /** The address or name to listen on, 127.0.0.1 by default; 0.0.0.0 for every interface. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /**
         * The port to listen on.
         *
         * @param port 0, the default, for any free port, or up to 65,535
         */
        public Builder port(int port) {
            if (port < 0 || port > MAX_PORT) {
                throw new IllegalArgumentException("A port is between 0 and 65535, was " + port);
            }
            this.port = port;
            return this;
        }

        /**
         * The number of threads for the network, and once more for the services; 2 by default.
         *
         * @param threads at least 1
         */
        public Builder threads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("A simulator needs at least 1 thread, was " + threads);
            }
            this.threads = threads;
            return this;
        }

        /** Monotonic nanoseconds that drive the Dynamic variables, {@link System#nanoTime()} by default. */
        public Builder ticker(LongSupplier ticker) {
            this.ticker = ticker;
            return this;
        }

        /** The source of the timestamps of values, the system clock by default. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** The step of Dynamic/Counter and Dynamic/Random, 1 s by default. */
        public Builder tick(Duration tick) {
            this.tick = positive(tick, "tick");
            return this;
        }

        /** The period of Dynamic/Sine and Dynamic/Sawtooth, 10 s by default. */
        public Builder period(Duration period) {
            this.period = positive(period, "period");
            return this;
        }

        /** The seed of Dynamic/Random. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Adds folder Big with {@link BigValues} and a folder of 10,000 variables, which costs time and memory. */
        public Builder bigNodes() {
            this.bigNodes = true;
            return this;
        }

        /** Offers no aggregates: processed reads of a history are Bad_AggregateNotSupported. */
        public Builder withoutAggregates() {
            this.aggregates = false;
            return this;
        }

        /**
         * Adds this many variables to folder Produced that {@link Producers#change(int)} changes, none by default.
         *
         * @param variables 0 to 100,000
         */
        public Builder produced(int variables) {
            if (variables < 0 || variables > 100_000) {
                throw new IllegalArgumentException("A number of variables is between 0 and 100000, was " + variables);
            }
            this.produced = variables;
            return this;
        }

        /**
         * How many of the newest writes to each node {@link Simulator#writes(NodeId)} has, 1,000 by default.
         *
         * @param writes at least 0
         */
        public Builder writesKept(int writes) {
            if (writes < 0) {
                throw new IllegalArgumentException("A number of writes is not negative, was " + writes);
            }
            this.writesKept = writes;
            return this;
        }

        /**
         * Namespaces that come before {@link #NAMESPACE_URI} in the NamespaceArray, none by default; with any, the
         * simulator's nodes are not in index {@link #NAMESPACE_INDEX}.
         */
        public Builder namespacesBefore(String... uris) {
            this.namespacesBefore = List.of(uris);
            return this;
        }

        /**
         * The directory of the disk that object Files serves, with everything below it but symbolic links. Clients
         * change it. Without one, a temporary directory with a few files is served, which keeps its content over stop
         * and start and is deleted by {@link Simulator#close()}.
         *
         * @param root a directory that is there when the simulator starts
         */
        public Builder files(Path root) {
            this.files = root;
            return this;
        }

        /**
         * How many bytes one Read or Write of a file carries at most, 1 MiB by default: property MaxByteStringLength.
         *
         * @param bytes at least 1
         */
        public Builder maxByteStringLength(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("A length of byte strings is at least 1, was " + bytes);
            }
            this.maxByteStringLength = bytes;
            return this;
        }

        /** Offers every security policy and mode, see {@link SecurityOptions}. */
        public Builder secured() {
            return secured(options -> {});
        }

        /** Offers security policies, modes and users as these options say. */
        public Builder secured(Consumer<SecurityOptions> options) {
            SecurityOptions chosen = new SecurityOptions();
            options.accept(chosen);
            this.security = chosen;
            return this;
        }

        /** A simulator that has not been started. */
        public Simulator build() {
            return new Simulator(this);
        }

        private static Duration positive(Duration duration, String name) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException("A " + name + " is positive, was " + duration);
            }
            return duration;
        }
    }
}

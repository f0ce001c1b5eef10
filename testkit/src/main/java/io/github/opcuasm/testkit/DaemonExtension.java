package io.github.opcuasm.testkit;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.link.FaultyLink;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a daemon and an OPC UA server in their own JVM, on a temporary Unix socket and a free port. Tests take what
 * they need as parameters: {@link DaemonClient}, {@link ManagedClient}, {@link IpcEndpoint}, {@link SessionManagerDaemon}, {@link Simulator}, or
 * the extension itself, which makes things go wrong:
 *
 * <pre>{@code
 * class SpeedTest {
 *     @RegisterExtension
 *     static final DaemonExtension opcua =
 *             DaemonExtension.builder().daemon(config -> config.maxSessions(5)).build();
 *
 *     @Test
 *     void readsOutlastALostConnection(DaemonClient client) {
 *         var session = client.open(opcua.endpointUrl(), Map.of(), false);
 *
 *         opcua.cutConnections();
 *
 *         assertThat(client.read(session.sessionId(), "ns=2;s=Scalars/Int32").get("statusCode")).hasToString("0");
 *     }
 * }
 * }</pre>
 *
 * <p>Without options, {@code @ExtendWith(DaemonExtension.class)} does. Both processes are started once for a class, its nested
 * classes included, or for each test ({@link Builder#perMethod}, and always where the field is not static). After each test
 * the faults are undone and a stopped server runs again; sessions that it left open, and values that it wrote, are there for
 * the next one. If a test fails, the daemon's log since its beginning is attached to the failure, where Logback does the
 * logging.
 *
 * <p>One extension serves one test at a time: run the methods of a class in the same thread. Classes may run side by side.
 */
public final class DaemonExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final Map<Class<?>, Function<DaemonExtension, Object>> PARAMETERS = Map.of(
            DaemonClient.class, DaemonExtension::client,
            ManagedClient.class, DaemonExtension::managedClient,
            SessionManagerDaemon.class, DaemonExtension::daemon,
            Simulator.class, DaemonExtension::server,
            IpcEndpoint.class, DaemonExtension::endpoint,
            DaemonExtension.class, extension -> extension);

    private final Consumer<DaemonConfig.Builder> daemonOptions;
    private final Consumer<Simulator.Builder> serverOptions;
    private final boolean perMethod;
    private @Nullable TestPlant plant;
    /** Whose end is the plant's end. */
    private @Nullable String startedFor;

    private @Nullable CapturedLog log;

    /** One plant for a class, without options; what {@code @ExtendWith} uses. */
    public DaemonExtension() {
        this(new Builder());
    }

    private DaemonExtension(Builder builder) {
        this.daemonOptions = builder.daemonOptions;
        this.serverOptions = builder.serverOptions;
        this.perMethod = builder.perMethod;
    }

    /** An extension with options, for a field with {@code @RegisterExtension}. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the daemon and the server are started with. */
    public static final class Builder {
        private Consumer<DaemonConfig.Builder> daemonOptions = config -> {};
        private Consumer<Simulator.Builder> serverOptions = server -> {};
        private boolean perMethod;

        private Builder() {}

        /** Options of the daemon; its socket is chosen before, and may be chosen again. */
        public Builder daemon(Consumer<DaemonConfig.Builder> options) {
            daemonOptions = daemonOptions.andThen(options);
            return this;
        }

        /** Options of the server. */
        public Builder simulator(Consumer<Simulator.Builder> options) {
            serverOptions = serverOptions.andThen(options);
            return this;
        }

        /** The server offers all security policies and modes, with a certificate that the daemon takes at first sight. */
        public Builder secured() {
            return simulator(Simulator.Builder::secured);
        }

        /** A daemon and a server for each test: slower, and nothing is left of the test before. */
        public Builder perMethod() {
            perMethod = true;
            return this;
        }

        /** One daemon and one server for all tests of the class; that is the default. */
        public Builder perClass() {
            perMethod = false;
            return this;
        }

        public DaemonExtension build() {
            return new DaemonExtension(this);
        }
    }

    // ---- what tests use

    /** Where sessions are opened: the server's URL. */
    public String endpointUrl() {
        return server().endpointUrl();
    }

    /** A client of the daemon's commands, connected when it is first asked for; it finds a restarted daemon again. */
    public DaemonClient client() {
        return plant().client();
    }

    /** A client of OPC UA sessions, without one: {@code connect(opcua.endpointUrl())} opens it. The same for all tests. */
    public ManagedClient managedClient() {
        return plant().managed();
    }

    /** The socket that the daemon listens on; it outlasts {@link #restartDaemon}. */
    public IpcEndpoint endpoint() {
        return plant().endpoint();
    }

    public SessionManagerDaemon daemon() {
        return plant().daemon();
    }

    /** The server, with its faults, counters, and a record of what was written. */
    public Simulator server() {
        return plant().server();
    }

    /**
     * A TCP link to the server that breaks on demand: sessions opened at its {@code endpointUrl()} go through it. It is made
     * when it is first asked for, and whole again after each test.
     */
    public FaultyLink link() {
        return plant().link();
    }

    /**
     * Ends the daemon as SIGTERM does and starts it again with the same options, on the same socket. Sessions are gone, unless
     * the options have a {@code stateDir}.
     *
     * @throws IllegalStateException if it does not start again
     */
    public void restartDaemon() {
        try {
            plant().restartDaemon();
        } catch (DaemonStartException e) {
            throw new IllegalStateException("DaemonExtension: the daemon does not start again: " + e.getMessage(), e);
        }
    }

    /** Ends the server as the end of its process would, and starts it again at the same URL: sessions and values are gone. */
    public void restartServer() {
        server().stop();
        server().start();
    }

    /** Ends every connection between the daemon and the server, which stays there for new ones. */
    public void cutConnections() {
        int unused = server().faults().dropConnections();
    }

    /** Freezes the server: connections stand, and nothing is read or answered until the fault is closed. */
    public Fault stallServer() {
        return server().faults().freeze();
    }

    private TestPlant plant() {
        return Objects.requireNonNull(
                plant,
                "DaemonExtension: nothing runs now; use it in tests, and register it on the class or in a field, not on a"
                        + " method");
    }

    // ---- what JUnit calls

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (!perMethod) {
            start(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        log = CapturedLog.begin();
        start(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        CapturedLog captured = log;
        log = null;
        if (captured != null) {
            captured.close();
            context.getExecutionException().ifPresent(captured::attachTo);
        }
        end(context);
        if (plant != null) {
            plant.heal();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end(context);
    }

    private void start(ExtensionContext context) throws Exception {
        if (plant == null) {
            plant = TestPlant.start(daemonOptions, serverOptions);
            startedFor = context.getUniqueId();
        }
    }

    private void end(ExtensionContext context) {
        if (plant != null && context.getUniqueId().equals(startedFor)) {
            TestPlant ended = plant;
            plant = null;
            ended.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return PARAMETERS.containsKey(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Objects.requireNonNull(PARAMETERS.get(parameter.getParameter().getType()))
                .apply(this);
    }
}

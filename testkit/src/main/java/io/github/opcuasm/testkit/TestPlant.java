package io.github.opcuasm.testkit;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.link.FaultyLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A daemon, the server that it is for, and what leads to them. Closed in reverse order of starting. */
final class TestPlant implements AutoCloseable {
    private final Path directory;
    private final Simulator server;
    private final DaemonConfig config;
    private SessionManagerDaemon daemon;
    private @Nullable DaemonClient client;
    private @Nullable ManagedClient managed;
    private @Nullable FaultyLink link;

    private TestPlant(Path directory, Simulator server, DaemonConfig config, SessionManagerDaemon daemon) {
        this.directory = directory;
        this.server = server;
        this.config = config;
        this.daemon = daemon;
    }

    static TestPlant start(Consumer<DaemonConfig.Builder> daemonOptions, Consumer<Simulator.Builder> serverOptions)
            throws Exception {
        Path directory = Files.createTempDirectory("opcua-test-");
        TestPlant plant = null;
        try {
            Simulator.Builder simulated = Simulator.builder();
            serverOptions.accept(simulated);
            DaemonConfig.Builder configured =
                    DaemonConfig.builder().socket(new IpcEndpoint.Unix(directory.resolve("d.sock")));
            daemonOptions.accept(configured);
            DaemonConfig config = configured.build();
            TestPlant starting = new TestPlant(directory, simulated.build(), config, new SessionManagerDaemon(config));
            try {
                starting.server.start();
                starting.daemon.start();
                plant = starting;
                return plant;
            } finally {
                if (plant == null) {
                    starting.close();
                }
            }
        } finally {
            if (plant == null) {
                Files.deleteIfExists(directory);
            }
        }
    }

    Simulator server() {
        return server;
    }

    SessionManagerDaemon daemon() {
        return daemon;
    }

    IpcEndpoint endpoint() {
        return daemon.boundEndpoints().get(0);
    }

    DaemonClient client() {
        DaemonClient known = client;
        if (known == null) {
            known = DaemonClient.connect(endpoint(), ClientOptions.DEFAULTS.withToken(config.authToken()));
            client = known;
        }
        return known;
    }

    ManagedClient managed() {
        ManagedClient known = managed;
        if (known == null) {
            ManagedClient.Builder builder = ManagedClient.builder().socket(endpoint());
            String token = config.authToken();
            known = (token == null ? builder : builder.token(token)).build();
            managed = known;
        }
        return known;
    }

    FaultyLink link() {
        FaultyLink known = link;
        if (known == null) {
            known = FaultyLink.before(server.endpointUrl());
            link = known;
        }
        return known;
    }

    void restartDaemon() throws DaemonStartException {
        daemon.close();
        daemon = new SessionManagerDaemon(config);
        daemon.start();
    }

    /** Undoes what a test may have done to the server. */
    void heal() {
        server.faults().clear();
        if (link != null) {
            link.heal();
        }
        server.start();
    }

    @Override
    public void close() {
        if (managed != null) {
            managed.close();
        }
        if (client != null) {
            client.close();
        }
        server.faults().clear();
        daemon.close();
        if (link != null) {
            link.close();
        }
        server.close();
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

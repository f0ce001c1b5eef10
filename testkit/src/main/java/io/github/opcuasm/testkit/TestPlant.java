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
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
        // In the order of starting; ended in reverse if a later one fails.
        Deque<AutoCloseable> started = new ArrayDeque<>();
        started.push(() -> deleteTree(directory));
        try {
            Simulator.Builder simulated = Simulator.builder();
            serverOptions.accept(simulated);
            DaemonConfig.Builder configured =
                    DaemonConfig.builder().socket(new IpcEndpoint.Unix(directory.resolve("d.sock")));
            daemonOptions.accept(configured);
            DaemonConfig config = configured.build();
            Simulator server = simulated.build();
            started.push(server);
            SessionManagerDaemon daemon = new SessionManagerDaemon(config);
            started.push(daemon);
            server.start();
            daemon.start();
            return new TestPlant(directory, server, whereItListens(configured, config, daemon), daemon);
        } catch (Exception | Error e) {
            Exception unended = endAll(started);
            if (unended != null) {
                e.addSuppressed(unended);
            }
            throw e;
        }
    }

    /** The options with the ports that were found for 0: clients know them, so a restarted daemon takes them again. */
    private static DaemonConfig whereItListens(
            DaemonConfig.Builder options, DaemonConfig config, SessionManagerDaemon daemon) {
        List<IpcEndpoint> bound = daemon.boundEndpoints();
        if (config.readOnlySocket() == null) {
            return options.sockets(bound).build();
        }
        int last = bound.size() - 1;
        return options.sockets(bound.subList(0, last))
                .readOnlySocket(bound.get(last))
                .build();
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

    /** Ends everything, whatever of it fails. */
    @Override
    public void close() {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        parts.push(() -> deleteTree(directory));
        parts.push(server);
        if (link != null) {
            parts.push(link);
        }
        parts.push(daemon);
        parts.push(() -> server.faults().clear());
        if (client != null) {
            parts.push(client);
        }
        if (managed != null) {
            parts.push(managed);
        }
        Exception failure = endAll(parts);
        if (failure != null) {
            throw new IllegalStateException("DaemonExtension: not everything ended: " + failure.getMessage(), failure);
        }
    }

    /** Ends all of them, the last one first; what failed first has the others with it. Null if none did. */
    static @Nullable Exception endAll(Deque<AutoCloseable> parts) {
        Exception first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        return first;
    }

    /** With what a test or the daemon's options have put there. */
    private static void deleteTree(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path emptied, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(emptied);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

package io.github.opcuasm.testkit;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a daemon and a server in its own JVM, on a temporary Unix socket and a free port; both end with the
 * class. Tests take what they need as parameters: {@link DaemonClient} (one for the class), {@link IpcEndpoint},
 * {@link SessionManagerDaemon}, {@link Simulator}.
 *
 * <pre>{@code
 * @ExtendWith(DaemonExtension.class)
 * class SpeedTest {
 *     @Test
 *     void readsThroughTheDaemon(DaemonClient client, Simulator server) {
 *         var session = client.open(server.endpointUrl(), Map.of(), false);
 *         …
 *     }
 * }
 * }</pre>
 */
public final class DaemonExtension implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(DaemonExtension.class);

    /** What one test class has; closed in reverse order of opening. */
    private record Fixture(Path directory, Simulator simulator, SessionManagerDaemon daemon, DaemonClient client) {

        static Fixture start() throws Exception {
            Path directory = Files.createTempDirectory("opcua-test-");
            Simulator simulator = Simulator.builder().build();
            var daemon = new SessionManagerDaemon(DaemonConfig.builder()
                    .socket(new IpcEndpoint.Unix(directory.resolve("d.sock")))
                    .build());
            boolean started = false;
            try {
                simulator.start();
                daemon.start();
                DaemonClient client =
                        DaemonClient.connect(daemon.boundEndpoints().get(0), ClientOptions.DEFAULTS);
                started = true;
                return new Fixture(directory, simulator, daemon, client);
            } finally {
                if (!started) {
                    daemon.close();
                    simulator.close();
                    Files.deleteIfExists(directory);
                }
            }
        }

        void end() throws IOException {
            client.close();
            daemon.close();
            simulator.close();
            Files.deleteIfExists(directory);
        }

        Object parameter(Class<?> type) {
            if (type == DaemonClient.class) {
                return client;
            } else if (type == SessionManagerDaemon.class) {
                return daemon;
            } else if (type == Simulator.class) {
                return simulator;
            }
            return daemon.boundEndpoints().get(0);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        context.getStore(NAMESPACE).put(Fixture.class, Fixture.start());
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        Fixture fixture = context.getStore(NAMESPACE).remove(Fixture.class, Fixture.class);
        if (fixture != null) {
            fixture.end();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == DaemonClient.class
                || type == SessionManagerDaemon.class
                || type == Simulator.class
                || type == IpcEndpoint.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Fixture fixture = context.getStore(NAMESPACE).get(Fixture.class, Fixture.class);
        if (fixture == null) {
            throw new IllegalStateException("DaemonExtension: register it on the class, not on a method");
        }
        return fixture.parameter(parameter.getParameter().getType());
    }
}

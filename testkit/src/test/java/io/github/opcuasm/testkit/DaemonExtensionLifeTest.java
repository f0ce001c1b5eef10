package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** How long things live, and what a failure shows: seen from outside, by running other tests. */
@Timeout(60)
final class DaemonExtensionLifeTest {
    private static final String NODE = "ns=2;s=Scalars/Int32";

    @Test
    void classSharesOneDaemonWithItsNestedClasses() {
        Run run = Run.of(SharedByClass.class);

        assertThat(run.failures).isEmpty();
        assertThat(run.reported).hasSize(3);
        assertThat(run.reported.stream().distinct()).hasSize(1);
    }

    @Test
    void eachTestHasItsOwnWhereThatIsAskedFor() {
        Run run = Run.of(OneForEach.class);

        assertThat(run.failures).isEmpty();
        assertThat(run.reported).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void faultsEndWithTheTestThatMadeThem() {
        Run run = Run.of(LeavesFaults.class);

        assertThat(run.failures).isEmpty();
        assertThat(run.reported).containsExactly("0");
    }

    @Test
    void failureShowsWhatTheDaemonLogged() {
        Run run = Run.of(Fails.class);

        assertThat(run.failures).singleElement().satisfies(failure -> {
            assertThat(failure).hasMessage("as it should");
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .satisfies(log -> assertThat(log)
                            .hasMessageContaining("the log of daemon and server during the test")
                            .hasMessageContaining("WARN OutageLog Session to")
                            .hasMessageContaining("lost"));
        });
    }

    @Test
    void freePortOutlastsARestart() {
        Run run = Run.of(RestartsOnAFreePort.class);

        assertThat(run.failures).isEmpty();
        assertThat(run.reported).hasSize(2);
        assertThat(run.reported.stream().distinct()).hasSize(1);
    }

    @Test
    void filesBesideTheSocketGoWithTheDaemon() {
        Run run = Run.of(LeavesFiles.class);

        assertThat(run.failures).isEmpty();
        assertThat(run.reported)
                .singleElement()
                .satisfies(directory -> assertThat(Path.of(directory)).doesNotExist());
    }

    @Test
    void failureOfOnePartEndsTheOthersAllTheSame() {
        List<String> ended = new ArrayList<>();
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        parts.push(() -> ended.add("server"));
        parts.push(() -> {
            throw new IllegalStateException("daemon");
        });
        parts.push(() -> {
            throw new IllegalStateException("client");
        });

        Exception failure = TestPlant.endAll(parts);

        assertThat(ended).containsExactly("server");
        assertThat(failure).hasMessage("client").hasSuppressedException(new IllegalStateException("daemon"));
    }

    @ExtendWith(DaemonExtension.class)
    static final class SharedByClass {
        @Test
        void first(IpcEndpoint endpoint, TestReporter reporter) {
            reporter.publishEntry(endpoint.toString());
        }

        @Test
        void second(IpcEndpoint endpoint, TestReporter reporter) {
            reporter.publishEntry(endpoint.toString());
        }

        @Nested
        final class Inner {
            @Test
            void third(IpcEndpoint endpoint, TestReporter reporter) {
                reporter.publishEntry(endpoint.toString());
            }
        }
    }

    static final class OneForEach {
        @RegisterExtension
        static final DaemonExtension opcua =
                DaemonExtension.builder().perMethod().build();

        @Test
        void first(IpcEndpoint endpoint, TestReporter reporter) {
            reporter.publishEntry(endpoint.toString());
        }

        @Test
        void second(TestReporter reporter) {
            reporter.publishEntry(opcua.endpoint().toString());
        }
    }

    @ExtendWith(DaemonExtension.class)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static final class LeavesFaults {
        @Test
        @Order(1)
        void forgetsToUndo(DaemonExtension opcua) {
            Fault unused = opcua.server().faults().hang(Service.READ);
            opcua.server().stop();
        }

        @Test
        @Order(2)
        void findsItAllWell(DaemonExtension opcua, DaemonClient client, TestReporter reporter) {
            String session = client.open(opcua.endpointUrl(), Map.of(), false).sessionId();
            reporter.publishEntry(String.valueOf(client.read(session, NODE).get("statusCode")));
        }
    }

    static final class RestartsOnAFreePort {
        @RegisterExtension
        static final DaemonExtension opcua = DaemonExtension.builder()
                .daemon(config -> config.socket(IpcEndpoint.parse("tcp://127.0.0.1:0")))
                .build();

        @Test
        void clientFindsItAgain(DaemonClient client, TestReporter reporter) {
            client.ping();
            reporter.publishEntry(opcua.endpoint().uri());

            opcua.restartDaemon();

            client.ping();
            reporter.publishEntry(opcua.endpoint().uri());
        }
    }

    @ExtendWith(DaemonExtension.class)
    static final class LeavesFiles {
        @Test
        void besideTheSocket(IpcEndpoint endpoint, TestReporter reporter) throws IOException {
            Path directory = ((IpcEndpoint.Unix) endpoint).path().resolveSibling(".");
            Files.writeString(Files.createDirectory(directory.resolve("state")).resolve("left"), "by a test");
            reporter.publishEntry(directory.normalize().toString());
        }
    }

    @ExtendWith(DaemonExtension.class)
    static final class Fails {
        @Test
        void afterAnOutage(DaemonExtension opcua, DaemonClient client) {
            String session = client.open(opcua.endpointUrl(), Map.of(), false).sessionId();
            opcua.cutConnections();
            client.read(session, NODE);
            throw new AssertionError("as it should");
        }
    }

    /** What came out of running the tests of a class. */
    private static final class Run implements TestExecutionListener {
        private final List<String> reported = new ArrayList<>();
        private final List<Throwable> failures = new ArrayList<>();

        static Run of(Class<?> tests) {
            Run run = new Run();
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(tests))
                    .build();
            LauncherFactory.create().execute(request, run);
            return run;
        }

        @Override
        public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
            reported.addAll(entry.getKeyValuePairs().values());
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(failures::add);
        }
    }
}

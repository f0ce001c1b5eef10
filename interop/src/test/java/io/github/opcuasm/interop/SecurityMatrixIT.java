package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every security policy with every mode and every kind of user, against both servers at once, through one daemon: each
 * session is opened, writes and reads, outlives the lifetime of its channel without another activation, so by renewing it,
 * and works again after its server was restarted. What was run stands in {@code docs/security-matrix.md}; a run with
 * another result fails, and leaves its table in {@code target/security-matrix.md}.
 */
@RequiresNode
@Timeout(180)
class SecurityMatrixIT {
    private static final int CALLERS = 8;
    private static final Duration BACK_WITHIN = Duration.ofSeconds(30);
    private static final Path DOCUMENT =
            NodePresence.directory().resolveSibling("docs").resolve("security-matrix.md");
    private static final Path RESULT =
            NodePresence.directory().resolve("target").resolve("security-matrix.md");

    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    private final Map<SecurityCombination, String> simulatorCells = new LinkedHashMap<>();
    private final Map<SecurityCombination, String> nodeCells = new LinkedHashMap<>();

    @Test
    void everyCombinationConnectsReadsWritesRenewsAndReconnects(@TempDir Path directory) throws Exception {
        UserFiles users = UserFiles.in(directory);
        try (SecuredPlant simulator = SecuredPlant.simulator(users);
                SecuredPlant node = SecuredPlant.nodeOpcUa(users, directory.resolve("pki"));
                DaemonProcess daemon = DaemonProcess.in(directory)
                        .start(
                                "--allow-deprecated-policies",
                                "--state-dir",
                                directory.resolve("state").toString())) {
            JsonLines lines = JsonLines.to(daemon);
            Run ofSimulator = new Run(simulator, lines, users, simulatorCells);
            Run ofNode = new Run(node, lines, users, nodeCells);

            inParallel(ofSimulator::open, ofNode::open);
            inParallel(ofSimulator::renew, ofNode::renew);
            inParallel(ofSimulator::reconnect, ofNode::reconnect);
        } finally {
            callers.shutdownNow();
        }

        List<String> table = SecurityMatrix.lines(simulatorCells, nodeCells);
        Files.createDirectories(RESULT.getParent());
        Files.write(RESULT, table);
        assertThat(table).as("%s; %s is what was run", DOCUMENT, RESULT).isEqualTo(Files.readAllLines(DOCUMENT));
    }

    private static void inParallel(Callable<Void> first, Callable<Void> second) throws Exception {
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            for (Future<Void> each : two.invokeAll(List.of(first, second))) {
                each.get();
            }
        } finally {
            two.shutdownNow();
        }
    }

    /** All combinations of one server; a combination whose step failed takes no further one. */
    private final class Run {
        private final SecuredPlant plant;
        private final JsonLines daemon;
        private final UserFiles users;
        private final Map<SecurityCombination, String> cells;
        private final Map<SecurityCombination, ScriptSession> sessions = new LinkedHashMap<>();

        Run(SecuredPlant plant, JsonLines daemon, UserFiles users, Map<SecurityCombination, String> cells) {
            this.plant = plant;
            this.daemon = daemon;
            this.users = users;
            this.cells = cells;
        }

        Void open() throws Exception {
            Map<SecurityCombination, Future<ScriptSession>> opening = new LinkedHashMap<>();
            for (SecurityCombination each : SecurityCombination.all()) {
                if (plant.offers(each)) {
                    String config = each.config(users);
                    opening.put(each, callers.submit(() -> {
                        ScriptSession session = ScriptSession.open(daemon, plant.url(), config);
                        writeAndRead(session);
                        return session;
                    }));
                } else {
                    cells.put(each, SecurityMatrix.NOT_OFFERED);
                }
            }
            for (var each : opening.entrySet()) {
                try {
                    sessions.put(each.getKey(), each.getValue().get());
                } catch (ExecutionException e) {
                    cells.put(each.getKey(), "open: " + e.getMessage());
                }
            }
            return null;
        }

        /** Part 4, 5.6.2: a channel that is not renewed ends; a session that moved to another was activated again. */
        Void renew() throws Exception {
            ScriptSession any = any();
            long activations = plant.activations(any);

            await().pollInterval(Duration.ofMillis(200))
                    .atMost(SecuredPlant.CHANNEL_LIFETIME.multipliedBy(5))
                    .until(() -> plant.renewals(any) >= sessions.size());

            forEach("renew", this::writeAndRead);
            if (plant.activations(any) != activations) {
                throw new AssertionError("Sessions were activated again at " + plant.url());
            }
            return null;
        }

        Void reconnect() throws Exception {
            plant.restart();

            forEach("reconnect", session -> {
                await().pollInterval(Duration.ofMillis(200))
                        .atMost(BACK_WITHIN)
                        .until(() -> session.answer("read", "[\"" + plant.node() + "\"]")
                                .get("success")
                                .booleanValue());
                writeAndRead(session);
            });
            sessions.keySet().forEach(each -> cells.put(each, SecurityMatrix.RUN));
            return null;
        }

        private void forEach(String step, Step action) throws InterruptedException {
            Map<SecurityCombination, Future<Void>> running = new LinkedHashMap<>();
            sessions.forEach((each, session) -> running.put(each, callers.submit(() -> {
                action.on(session);
                return null;
            })));
            for (var each : running.entrySet()) {
                try {
                    each.getValue().get(BACK_WITHIN.multipliedBy(2).toSeconds(), TimeUnit.SECONDS);
                } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
                    sessions.remove(each.getKey());
                    cells.put(each.getKey(), step + ": " + e);
                }
            }
        }

        /** One at a time on each server, since all of them share its variable. */
        private void writeAndRead(ScriptSession session) throws IOException {
            synchronized (this) {
                int value = session.read(plant.node()).get("value").intValue() + 1;
                assertThat(session.write(plant.node(), Integer.toString(value), "6"))
                        .isZero();
                assertThat(session.read(plant.node()).get("value").intValue()).isEqualTo(value);
            }
        }

        private ScriptSession any() {
            assertThat(sessions).as("sessions at %s: %s", plant.url(), cells).isNotEmpty();
            return new ArrayList<>(sessions.values()).get(0);
        }
    }

    private interface Step {
        void on(ScriptSession session) throws IOException;
    }
}

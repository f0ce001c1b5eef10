package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A device with two sessions, four users, and more scripts than that: everybody gets a turn or is told who has it.
 *
 * <p>{@code -Dopcuasm.slotScripts=50 -Dopcuasm.slotSeconds=60} makes it the size that it is meant for.
 */
class SlotsIT {
    private static final int SCRIPTS = Integer.getInteger("opcuasm.slotScripts", 12);
    private static final int SECONDS = Integer.getInteger("opcuasm.slotSeconds", 8);
    private static final Duration OPEN_WAIT = Duration.ofSeconds(10);
    private static final List<String> USERS = List.of("one", "two", "three", "four");
    private static final Pattern RESULT =
            Pattern.compile("served (\\d+) budget (\\d+) gone (\\d+) other (\\d+) slowest (\\d+)");

    @TempDir
    private static Path directory;

    /** What one script said in the end. */
    private record Result(int served, int budget, int other, int slowestMs) {}

    @Test
    @Timeout(180)
    void everybodyIsServedInTurnOrToldWhoHoldsTheSessions() throws Exception {
        Simulator.Builder builder =
                Simulator.builder().secured(security -> USERS.forEach(user -> security.user(user, "secret")));
        try (Simulator server = builder.build()) {
            server.limits().maxSessions(2);
            server.start();
            Path config = Files.writeString(
                    directory.resolve("daemon.yml"),
                    "open-wait: " + OPEN_WAIT.toSeconds() + "\nbudget:\n  opc.tcp://127.0.0.1:" + server.port()
                            + ": 2\n");
            try (DaemonProcess daemon = DaemonProcess.in(directory).start("--config", config.toString())) {
                List<Result> results = run(daemon, server.endpointUrl());

                System.out.printf(
                        "%d scripts, %d s, 2 sessions: served by user %s, told who holds them %d times, longest open %d ms%n",
                        SCRIPTS,
                        SECONDS,
                        served(results),
                        results.stream().mapToInt(Result::budget).sum(),
                        results.stream().mapToInt(Result::slowestMs).max().orElseThrow());
                assertThat(results).allSatisfy(result -> {
                    assertThat(result.other()).isZero();
                    assertThat(result.served() + result.budget()).isPositive();
                });
                assertThat(served(results)).hasSize(USERS.size()).allMatch(count -> count > 0);
                assertThat(server.counters().mostSessionsAtOnce()).isLessThanOrEqualTo(2);
                assertThat(server.counters().sessionsRefused()).isZero();
            }
        }
    }

    /** How often each user was served. */
    private static List<Integer> served(List<Result> results) {
        int[] served = new int[USERS.size()];
        for (int i = 0; i < results.size(); i++) {
            served[i % served.length] += results.get(i).served();
        }
        return Arrays.stream(served).boxed().toList();
    }

    private static List<Result> run(DaemonProcess daemon, String url) throws Exception {
        Path script = directory.resolve("client.sh");
        try (var source = Objects.requireNonNull(SlotsIT.class.getResourceAsStream("/faults/slots-client.sh"))) {
            Files.copy(source, script);
        }
        String socket = Objects.requireNonNull(
                        Path.of(java.net.URI.create(daemon.endpoint().uri()).getPath()))
                .toString();
        List<Process> processes = new ArrayList<>();
        try {
            for (int i = 0; i < SCRIPTS; i++) {
                processes.add(new ProcessBuilder(
                                "bash",
                                script.toString(),
                                socket,
                                url,
                                USERS.get(i % USERS.size()),
                                Integer.toString(SECONDS),
                                i < 2 ? "stays" : "closes")
                        .redirectErrorStream(true)
                        .redirectOutput(
                                directory.resolve("client-" + i + ".txt").toFile())
                        .start());
            }
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < SCRIPTS; i++) {
                assertThat(processes.get(i).waitFor(SECONDS + 60, TimeUnit.SECONDS))
                        .isTrue();
                results.add(result(directory.resolve("client-" + i + ".txt")));
            }
            return results;
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private static Result result(Path output) throws IOException {
        String text = Files.readString(output, StandardCharsets.UTF_8);
        Matcher found = RESULT.matcher(text);
        assertThat(found.find()).as(text).isTrue();
        Result result = new Result(
                Integer.parseInt(found.group(1)),
                Integer.parseInt(found.group(2)),
                Integer.parseInt(found.group(4)),
                Integer.parseInt(found.group(5)));
        assertThat(result.other()).as(text).isZero();
        return result;
    }
}

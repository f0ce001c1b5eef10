package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.cli.faults.NumberedWriter.Answer;
import io.github.opcuasm.cli.faults.NumberedWriter.Told;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.link.FaultyLink;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What callers are told of their writes is true, whatever happens meanwhile: random faults on the link and in the server
 * strike while several callers write numbers, each to a node of its own. Afterwards the server's log says which numbers
 * arrived.
 *
 * <p>{@code -Dopcuasm.faults=1000} for a long run, {@code -Dopcuasm.seed=N} to repeat one. The faults come in rounds, each
 * of which is judged by itself, so that what is remembered stays bounded.
 */
class WriteOutcomesIT {
    private static final int FAULTS = Integer.getInteger("opcuasm.faults", 40);
    private static final long SEED = Long.getLong("opcuasm.seed", System.nanoTime());
    private static final int FAULTS_PER_ROUND = 40;
    private static final int WRITES_KEPT = 1_000_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long POLL_NANOS = 1_000_000;

    /** The longest that the next fault waits for a session that works again. */
    private static final Duration UNTIL_GOOD = Duration.ofSeconds(2);

    private static final String CONFIG = "{\"opcuaTimeout\":1}";

    /** Nodes of numeric types, with the ids of their types. */
    private static final List<Map.Entry<String, Integer>> NODES = List.of(
            Map.entry("Scalars/Int32", 6),
            Map.entry("Scalars/UInt32", 7),
            Map.entry("Scalars/Int64", 8),
            Map.entry("Scalars/Double", 11));

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private final Map<String, Map<Told, Integer>> table = new TreeMap<>();
    private final Map<String, Integer> struck = new TreeMap<>();
    private Simulator server;
    private FaultyLink link;
    private DaemonProcess daemon;
    private volatile String current = "(none)";

    @BeforeEach
    void start() throws IOException {
        server = Simulator.builder().writesKept(WRITES_KEPT).build();
        server.start();
        link = FaultyLink.before(server.endpointUrl());
        daemon = DaemonProcess.in(directory).start("--keep-alive-interval", "1");
    }

    @AfterEach
    void stop() {
        daemon.close();
        link.close();
        server.close();
    }

    @Test
    void whatCallersAreToldOfTheirWritesIsTrue() throws Exception {
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String shared = peer.open(link.endpointUrl(), CONFIG);
        String own = ProtocolPeer.sessionId(peer.ask(ProtocolPeer.openRequest(link.endpointUrl(), CONFIG)
                .replace("\"command\"", "\"forceNew\":true,\"command\"")));
        List<String> sessions = List.of(shared, shared, own, own);
        int first = 1;

        for (int done = 0; done < FAULTS; done += FAULTS_PER_ROUND) {
            first = round(peer, sessions, first, Math.min(FAULTS_PER_ROUND, FAULTS - done));
        }

        print();
    }

    private int round(ProtocolPeer peer, List<String> sessions, int first, int faults) throws Exception {
        List<NumberedWriter> writers = new ArrayList<>();
        for (int i = 0; i < NODES.size(); i++) {
            writers.add(new NumberedWriter(
                    daemon.endpoint(),
                    sessions.get(i),
                    "ns=2;s=" + NODES.get(i).getKey(),
                    NODES.get(i).getValue(),
                    first,
                    () -> current));
        }
        writers.forEach(NumberedWriter::start);
        for (int i = 0; i < faults; i++) {
            strike(writers);
        }
        FaultKind.heal(server, link);
        current = "(healed)";
        for (String session : Set.copyOf(sessions)) {
            await().atMost(LIMIT)
                    .until(() -> peer.query(session, "read", "[\"ns=2;s=Scalars/Int32\"]")
                            .contains("\"statusCode\":0"));
        }
        int next = first;
        List<Map<Integer, Answer>> answers = new ArrayList<>();
        for (NumberedWriter writer : writers) {
            answers.add(writer.stop());
            next = Math.max(next, writer.next());
        }
        awaitSilence();
        for (int i = 0; i < NODES.size(); i++) {
            judge(NODES.get(i).getKey(), answers.get(i));
        }
        server.clearWrites();
        return next;
    }

    private void strike(List<NumberedWriter> writers) {
        int before = good(writers);
        int wanted = 1 + random.nextInt(100);
        pauseUntil(() -> good(writers) >= before + wanted, UNTIL_GOOD);
        FaultKind kind = FaultKind.random(random);
        current = kind.name();
        struck.merge(current, 1, Integer::sum);
        kind.strike(server, link, random);
        pauseUntil(() -> false, Duration.ofMillis(random.nextInt(400)));
        FaultKind.heal(server, link);
    }

    /** Nothing that was under way on the link or in the server arrives any more. */
    private void awaitSilence() {
        long[] last = {-1, System.nanoTime()};
        await().atMost(LIMIT).until(() -> {
            long count = server.writeCount();
            if (count != last[0]) {
                last[0] = count;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > TimeUnit.MILLISECONDS.toNanos(500);
        });
    }

    private void judge(String node, Map<Integer, Answer> answers) {
        List<Variant> log = server.writes(Simulator.node(node));
        assertThat(log).as("the log of %s has all writes", node).hasSizeLessThan(WRITES_KEPT);
        List<Integer> arrived = log.stream()
                .map(value -> ((Number) Objects.requireNonNull(value.value())).intValue())
                .toList();
        Set<Integer> distinct = new HashSet<>(arrived);
        for (Answer answer : answers.values()) {
            table.computeIfAbsent(answer.during(), fault -> new EnumMap<>(Told.class))
                    .merge(answer.told(), 1, Integer::sum);
        }

        assertThat(twice(arrived))
                .as("arrived twice at %s, seed %d", node, SEED)
                .isEmpty();
        assertThat(answers.keySet()).as("arrived without having been written").containsAll(distinct);
        assertThat(of(answers, Told.NOT_SENT, distinct::contains))
                .as("not_sent and arrived at %s, seed %d", node, SEED)
                .isEmpty();
        assertThat(of(answers, Told.REFUSED, distinct::contains))
                .as("refused and arrived at %s, seed %d", node, SEED)
                .isEmpty();
        assertThat(of(answers, Told.GOOD, number -> !distinct.contains(number)))
                .as("Good and missing at %s, seed %d", node, SEED)
                .isEmpty();
        assertThat(of(answers, Told.GOOD, number -> true))
                .as("good writes to %s", node)
                .isNotEmpty();
    }

    /** The answers of this kind whose numbers are such. */
    private static Map<Integer, Answer> of(Map<Integer, Answer> answers, Told told, Predicate<Integer> such) {
        Map<Integer, Answer> found = new TreeMap<>();
        answers.forEach((number, answer) -> {
            if (answer.told() == told && such.test(number)) {
                found.put(number, answer);
            }
        });
        return found;
    }

    private static Set<Integer> twice(List<Integer> numbers) {
        Set<Integer> seen = new HashSet<>();
        Set<Integer> twice = new HashSet<>();
        for (Integer number : numbers) {
            if (!seen.add(number)) {
                twice.add(number);
            }
        }
        return twice;
    }

    private static int good(List<NumberedWriter> writers) {
        return writers.stream().mapToInt(NumberedWriter::good).sum();
    }

    private static void pauseUntil(BooleanSupplier condition, Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private void print() {
        StringBuilder text = new StringBuilder(
                String.format("%d faults, seed %d%n%-26s%8s", FAULTS, SEED, "what callers were told", "faults"));
        for (Told told : Told.values()) {
            text.append(String.format("%10s", told));
        }
        Map<Told, Integer> sums = new EnumMap<>(Told.class);
        table.forEach((fault, counts) -> {
            text.append(String.format("%n%-26s%8d", fault, struck.getOrDefault(fault, 0)));
            for (Told told : Told.values()) {
                int count = counts.getOrDefault(told, 0);
                sums.merge(told, count, Integer::sum);
                text.append(String.format("%10d", count));
            }
        });
        text.append(String.format("%n%-26s%8d", "all", FAULTS));
        for (Told told : Told.values()) {
            text.append(String.format("%10d", sums.getOrDefault(told, 0)));
        }
        System.out.println(text);
    }
}

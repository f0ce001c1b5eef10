package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed, and the next one goes on with what it left. {@code -Dopcuasm.kills=200} kills it so often under
 * load; {@code -Dopcuasm.seed=N} at the moments of an earlier run.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class RestartIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String READ = "[\"ns=2;s=Scalars/Int32\"]";
    private static final int KILLS = Integer.getInteger("opcuasm.kills", 5);
    private static final long SEED = Long.getLong("opcuasm.seed", 4711);
    private static final int PEERS = 3;
    private static final int MOST_EACH = 8;
    private static final int MOST_KEPT = 12;
    private static final String PATIENT = "\"opcuaTimeout\":30";
    private static final String SECURE =
            "{\"securityPolicy\":\"Basic256Sha256\",\"username\":\"operator\",\"password\":" + "\"right\"," + PATIENT
                    + "}";
    private static final Pattern SESSION_ID = Pattern.compile("\"sessionId\":\"([0-9a-f]{32})\"");

    @TempDir
    private static Path directory;

    private static Simulator server;

    @BeforeAll
    static void startServer() {
        server = Simulator.builder()
                .secured(options -> options.user("operator", "right"))
                .build();
        server.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void afterAKillTheSameIdsGoOnWithTheSameSessions() throws Exception {
        DaemonProcess daemon = start("state");
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String plain = peer.open(server.endpointUrl(), "{" + PATIENT + "}");
        String secure = peer.open(server.endpointUrl(), SECURE);
        assertThat(peer.query(secure, "read", READ)).contains("\"statusCode\":0");
        long created = server.counters().sessionsCreated();

        daemon.kill9();
        try (DaemonProcess next = start("state")) {
            ProtocolPeer again = new ProtocolPeer(next);

            assertThat(again.query(plain, "read", READ)).contains("\"statusCode\":0");
            assertThat(again.query(secure, "read", READ)).contains("\"statusCode\":0");
            assertThat(again.open(server.endpointUrl(), SECURE)).isEqualTo(secure);
            assertThat(server.counters().sessionsCreated()).isEqualTo(created);
        }
    }

    /** What was read and not acknowledged comes again, and what the server had meanwhile follows without a hole. */
    @Test
    void afterAKillAReaderMissesNothing() throws Exception {
        DaemonProcess daemon = start("mailbox");
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String session = peer.open(server.endpointUrl(), "{" + PATIENT + "}");
        long id = Subscriptions.create(peer, session, 50);
        NavigableMap<ReadMessage.Key, ReadMessage> read = new TreeMap<>();
        try (Production counter = server.producers().count(100)) {
            assertThat(counter).isNotNull();
            Subscriptions.monitorCounter(peer, session, id, 1);
            ReadMessage unacknowledged = follow(daemon, session, read, 6);

            daemon.kill9();
            try (DaemonProcess next = start("mailbox")) {
                // The last acknowledgement may not have been written.
                ReadMessage again = next(next, session, List.of());
                assertThat(read).containsEntry(again.key(), again);
                assertThat(again.key().sequenceNumber())
                        .isBetween(
                                unacknowledged.key().sequenceNumber() - 1,
                                unacknowledged.key().sequenceNumber());
                follow(next, session, read, 20);
                assertThat(new ProtocolPeer(next).ask("{\"command\":\"list\"}"))
                        .contains("\"subscriptions\":[{\"subscriptionId\":" + id + ",\"consumer\":\"mailbox\"");
            }
        }

        assertThat(read.keySet()).extracting(ReadMessage.Key::epoch).containsOnly(0L);
        assertThat(read.keySet())
                .extracting(ReadMessage.Key::sequenceNumber)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, read.size()).boxed().toList());
        assertThat(read.values()).allMatch(message -> message.gap() == null && message.dropped() == 0);
        List<Long> values = read.values().stream()
                .flatMap(message -> message.values().stream().map(ReadMessage.Value::value))
                .toList();
        assertThat(values)
                .isEqualTo(LongStream.range(values.get(0), values.get(0) + values.size())
                        .boxed()
                        .toList());
    }

    /** The server has nothing left: the subscription is created anew, and what was not read yet comes before the gap. */
    @Test
    void afterAStopAReaderIsToldOfTheGap() throws Exception {
        DaemonProcess daemon = start("stopped");
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String session = peer.open(server.endpointUrl(), "{" + PATIENT + "}");
        long id = Subscriptions.create(peer, session, 50);
        NavigableMap<ReadMessage.Key, ReadMessage> read = new TreeMap<>();
        try (Production counter = server.producers().count(100)) {
            assertThat(counter).isNotNull();
            Subscriptions.monitorCounter(peer, session, id, 1);
            ReadMessage unacknowledged = follow(daemon, session, read, 1);

            daemon.signal("TERM");
            assertThat(daemon.awaitExit()).isZero();
            try (DaemonProcess next = start("stopped")) {
                ReadMessage again = next(next, session, List.of());
                assertThat(again).isEqualTo(unacknowledged);
                ReadMessage message = again;
                while (message.key().epoch() == 0) {
                    message = next(next, session, List.of(message.key()));
                }

                assertThat(message.key()).isEqualTo(new ReadMessage.Key(id, 1, 1));
                assertThat(message.gap()).isNotNull();
            }
        }
    }

    /** Reads until there are so many messages, each acknowledged with the next request; returns the last. */
    private static ReadMessage follow(
            DaemonProcess daemon, String session, NavigableMap<ReadMessage.Key, ReadMessage> read, int messages)
            throws Exception {
        while (true) {
            List<ReadMessage.Key> last = read.isEmpty() ? List.of() : List.of(read.lastKey());
            ReadMessage message = next(daemon, session, last);
            read.put(message.key(), message);
            if (read.size() >= messages) {
                return message;
            }
        }
    }

    private static ReadMessage next(DaemonProcess daemon, String session, List<ReadMessage.Key> acknowledged)
            throws Exception {
        try (MailboxReader reader = new MailboxReader(daemon.endpoint(), session, false)) {
            ReadMessage message = reader.publish(acknowledged, 20_000);
            while (message == null) {
                message = reader.publish(List.of(), 20_000);
            }
            return message;
        }
    }

    /** Of a script that reads in a loop, no read fails: the one during the restart comes late. */
    @Test
    void aScriptThatReadsInALoopNoticesADelayAndNothingElse() throws Exception {
        DaemonProcess daemon = start("loop");
        IpcEndpoint endpoint = daemon.endpoint();
        String session = new ProtocolPeer(daemon).open(server.endpointUrl(), "{" + PATIENT + "}");
        long created = server.counters().sessionsCreated();
        List<String> answers = new ArrayList<>();
        Thread script = new Thread(() -> {
            while (answers.size() < 40) {
                answers.add(persistently(endpoint, ProtocolPeer.queryRequest(session, "read", READ)));
            }
        });

        script.start();
        await().atMost(LIMIT).until(() -> server.counters().served() > 20);
        daemon.kill9();
        try (DaemonProcess next = start("loop")) {
            script.join(LIMIT.toMillis());

            assertThat(next.isAlive()).isTrue();
            assertThat(answers).hasSize(40).allMatch(answer -> answer.contains("\"statusCode\":0"));
            assertThat(server.counters().sessionsCreated()).isEqualTo(created);
        }
    }

    /**
     * Peers open, read and close all the time, and the daemon is killed at random moments. Whatever id was told and not
     * closed works in the next one, and no file is broken.
     */
    @Test
    void whateverTheMomentOfAKillNoSessionThatWasToldIsLostAndNoFileBroken() throws Exception {
        Random random = new Random(SEED);
        Set<String> told = ConcurrentHashMap.newKeySet();
        Map<String, String> failures = new ConcurrentHashMap<>();
        DaemonProcess daemon = start("kills");
        int checked = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            List<Thread> peers = new ArrayList<>();
            List<Load> loads = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                Load load = new Load(daemon.endpoint(), told, new Random(random.nextLong()), failures);
                loads.add(load);
                peers.add(new Thread(load, "peer-" + i));
            }
            peers.forEach(Thread::start);
            if (kill % 3 != 0) {
                // Else it may well be killed during its first handshakes.
                await().atMost(LIMIT).until(() -> loads.stream().allMatch(load -> load.steps > 2));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));

            daemon.kill9();
            loads.forEach(load -> load.over = true);
            for (Thread peer : peers) {
                peer.join(LIMIT.toMillis());
            }
            daemon = start("kills");

            ProtocolPeer peer = new ProtocolPeer(daemon);
            for (String session : List.copyOf(told)) {
                assertThat(peer.query(session, "read", READ))
                        .as("kill %s of seed %s, session %s", kill, SEED, session)
                        .contains("\"statusCode\":0");
                checked++;
                if (told.size() > MOST_KEPT) {
                    told.remove(session);
                    assertThat(peer.close(session)).contains("\"success\":true");
                }
            }
            assertThat(failures).isEmpty();
            assertThat(daemon.stderr()).doesNotContain("set aside", "ERROR");
            assertThat(directory.resolve("kills/set-aside")).doesNotExist();
        }
        daemon.close();
        assertThat(checked).isPositive();
    }

    /** A peer. What it does not know the end of, a close that was not answered, it does not count on. */
    private static final class Load implements Runnable {
        private final IpcEndpoint endpoint;
        private final Set<String> told;
        private final Random random;
        private final Map<String, String> failures;
        private final List<String> own = new ArrayList<>();
        private volatile boolean over;
        private volatile int steps;

        Load(IpcEndpoint endpoint, Set<String> told, Random random, Map<String, String> failures) {
            this.endpoint = endpoint;
            this.told = told;
            this.random = random;
            this.failures = failures;
        }

        @Override
        public void run() {
            try {
                for (int done = 1; !over; done++) {
                    step();
                    steps = done;
                }
            } catch (IOException e) {
                // The daemon was killed: whatever this was, it has no answer.
            }
        }

        private void step() throws IOException {
            int dice = random.nextInt(3);
            if (own.isEmpty() || (dice == 0 && own.size() < MOST_EACH)) {
                // Half of them on sessions of their own; nobody else gets the same handle.
                String config = "{" + PATIENT + ",\"defaultBrowseMaxDepth\":" + random.nextInt(900_000) + "}";
                String request = ProtocolPeer.openRequest(server.endpointUrl(), config);
                String answer =
                        ask(random.nextBoolean() ? request : request.replaceFirst("\\{", "{\"forceNew\":true,"));
                var id = SESSION_ID.matcher(answer);
                if (id.find()) {
                    own.add(id.group(1));
                    told.add(id.group(1));
                } else {
                    failures.put("open", answer);
                }
            } else if (dice == 1) {
                String session = own.remove(random.nextInt(own.size()));
                told.remove(session);
                ask("{\"command\":\"close\",\"sessionId\":\"" + session + "\"}");
            } else {
                String answer = ask(ProtocolPeer.queryRequest(own.get(random.nextInt(own.size())), "read", READ));
                if (!answer.contains("\"statusCode\":0")) {
                    failures.put("read", answer);
                }
            }
        }

        private String ask(String request) throws IOException {
            String answer = IpcProbe.ask(endpoint, request);
            if (answer.isEmpty()) {
                throw new IOException("no answer");
            }
            return answer;
        }
    }

    private static DaemonProcess start(String name) throws IOException {
        Path own = Files.createDirectories(directory.resolve("d-" + name));
        return DaemonProcess.in(own)
                .start("--state-dir", directory.resolve(name).toString(), "--max-sessions", "0");
    }

    /** Sends it until there is an answer. */
    private static String persistently(IpcEndpoint endpoint, String request) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - end < 0) {
            try {
                String answer = IpcProbe.ask(endpoint, request);
                if (!answer.isEmpty()) {
                    return answer;
                }
            } catch (IOException e) {
                // Nobody is there.
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return "";
    }
}

package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.QueuedValue;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many readers poll few subscriptions, half of them on a connection that they keep, the others on one for each call. All
 * subscriptions are on one OPC UA session, each of a handle of its own.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ManyReadersIT {
    private static final int READERS = 200;
    private static final int SUBSCRIPTIONS = 20;
    private static final int POLLS = 5;
    private static final int RATE = 20;
    private static final int MAX_WAIT_MILLIS = 900;
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    private Path directory;

    private Simulator server;
    private DaemonProcess daemon;

    /** A handle with its one subscription. */
    private record Subscribed(String session, long subscriptionId, long clientHandle) {}

    /** A message and who read it. */
    private record Reading(int reader, Subscribed subscribed, ReadMessage message) {}

    @BeforeEach
    void start() throws IOException {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start("--max-sessions", "0");
    }

    @AfterEach
    void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void everyMessageIsReadByOneReaderOfItsSubscription() throws Exception {
        List<Subscribed> subscriptions = new ArrayList<>();
        for (int i = 0; i < SUBSCRIPTIONS; i++) {
            subscriptions.add(subscribe(i));
        }
        List<Reading> readings = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(READERS);
        try (Production counter = server.producers().count(RATE)) {
            assertThat(counter).isNotNull();
            List<Future<List<Reading>>> readers = new ArrayList<>();
            long begin = System.nanoTime();
            for (int i = 0; i < READERS; i++) {
                int reader = i;
                Subscribed subscribed = subscriptions.get(i % SUBSCRIPTIONS);
                readers.add(threads.submit(() -> poll(reader, subscribed, begin)));
            }
            for (Future<List<Reading>> reader : readers) {
                readings.addAll(reader.get());
            }
        }
        int polled = readings.size();
        List<Future<List<Reading>>> rests = subscriptions.stream()
                .map(it -> threads.submit(() -> drain(it)))
                .toList();
        for (Future<List<Reading>> rest : rests) {
            readings.addAll(rest.get());
        }
        threads.shutdownNow();

        assertThat(polled).isGreaterThan(READERS);
        assertThat(readings).allSatisfy(reading -> {
            assertThat(reading.message().key().subscriptionId())
                    .isEqualTo(reading.subscribed().subscriptionId());
            assertThat(reading.message().dropped()).isZero();
            assertThat(reading.message().gap()).isNull();
            assertThat(reading.message().values())
                    .extracting(ReadMessage.Value::clientHandle)
                    .containsOnly(reading.subscribed().clientHandle());
        });
        for (Subscribed subscribed : subscriptions) {
            judge(
                    subscribed,
                    readings.stream()
                            .filter(it -> it.subscribed().equals(subscribed))
                            .toList());
        }
    }

    /** Every reader acknowledged what it read, so that nothing comes again. */
    private void judge(Subscribed subscribed, List<Reading> readings) {
        assertThat(readings)
                .as("messages of %s", subscribed)
                .extracting(reading -> reading.message().key())
                .doesNotHaveDuplicates();
        Map<Long, ReadMessage> inOrder = new TreeMap<>();
        readings.forEach(reading -> inOrder.put(reading.message().key().sequenceNumber(), reading.message()));
        assertThat(inOrder.values().stream()
                        .flatMap(message -> message.values().stream())
                        .map(ReadMessage.Value::value))
                .as("values of %s", subscribed)
                .isEqualTo(server.producers().queued().stream()
                        .filter(value -> value.subscriptionId() == subscribed.subscriptionId())
                        .map(QueuedValue::value)
                        .toList());
        Map<Integer, Long> last = new HashMap<>();
        for (Reading reading : readings) {
            Long before = last.put(reading.reader(), reading.message().key().sequenceNumber());
            assertThat(before == null || before < reading.message().key().sequenceNumber())
                    .as("order of %s", reading)
                    .isTrue();
        }
    }

    /** Once a second, as a script does that is started again and again; the last message is acknowledged at the end. */
    private List<Reading> poll(int reader, Subscribed subscribed, long begin) throws Exception {
        List<Reading> readings = new ArrayList<>();
        List<ReadMessage.Key> unacknowledged = new ArrayList<>();
        try (MailboxReader mailbox = new MailboxReader(daemon.endpoint(), subscribed.session(), reader % 2 == 0)) {
            for (int i = 0; i < POLLS; i++) {
                // The readers of one subscription come one after the other over the second.
                long due = begin + i * PERIOD_NANOS + PERIOD_NANOS * (reader / SUBSCRIPTIONS) * SUBSCRIPTIONS / READERS;
                LockSupport.parkNanos(due - System.nanoTime());
                read(reader, subscribed, mailbox, MAX_WAIT_MILLIS, unacknowledged, readings);
            }
            while (!unacknowledged.isEmpty()) {
                read(reader, subscribed, mailbox, 1, unacknowledged, readings);
            }
        }
        return readings;
    }

    /** What nobody was there to read when everybody had left. */
    private List<Reading> drain(Subscribed subscribed) throws Exception {
        List<Reading> readings = new ArrayList<>();
        List<ReadMessage.Key> unacknowledged = new ArrayList<>();
        try (MailboxReader mailbox = new MailboxReader(daemon.endpoint(), subscribed.session(), true)) {
            int before;
            do {
                before = readings.size();
                read(READERS, subscribed, mailbox, MAX_WAIT_MILLIS, unacknowledged, readings);
            } while (readings.size() > before);
        }
        return readings;
    }

    private static void read(
            int reader,
            Subscribed subscribed,
            MailboxReader mailbox,
            int maxWaitMillis,
            List<ReadMessage.Key> unacknowledged,
            List<Reading> readings)
            throws Exception {
        ReadMessage message = mailbox.publish(unacknowledged, maxWaitMillis);
        unacknowledged.clear();
        if (message != null) {
            readings.add(new Reading(reader, subscribed, message));
            unacknowledged.add(message.key());
        }
    }

    private Subscribed subscribe(int number) throws IOException {
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String session = peer.open(server.endpointUrl(), "{\"defaultBrowseMaxDepth\":" + (number + 1) + "}");
        long id = Subscriptions.create(peer, session, 200);
        Subscriptions.monitorCounter(peer, session, id, 1_000 + number);
        return new Subscribed(session, id, 1_000 + number);
    }
}

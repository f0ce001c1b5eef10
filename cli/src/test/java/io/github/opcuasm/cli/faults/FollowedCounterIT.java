package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.QueuedValue;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.link.Direction;
import io.github.opcuasm.simulator.link.Ending;
import io.github.opcuasm.simulator.link.FaultyLink;
import io.github.opcuasm.simulator.link.Trigger;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reader follows a counter that rises 100 times a second, while the server is killed, the network is cut and the daemon
 * is killed, each at random moments. What it read is what the server queued, but for gaps that it was told of, and of those
 * each kill of the server has one and nothing else has any.
 *
 * <p>{@code -Dopcuasm.server.kills=20 -Dopcuasm.cuts=20 -Dopcuasm.daemon.kills=5} for a long run, {@code -Dopcuasm.seed=N}
 * to repeat one.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FollowedCounterIT {
    private static final int SERVER_KILLS = Integer.getInteger("opcuasm.server.kills", 2);
    private static final int CUTS = Integer.getInteger("opcuasm.cuts", 3);
    private static final int DAEMON_KILLS = Integer.getInteger("opcuasm.daemon.kills", 1);
    private static final long SEED = Long.getLong("opcuasm.seed", System.nanoTime());
    private static final int RATE = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LONGEST_OUTAGE_MILLIS = 1_500;
    private static final int LONGEST_MESSAGE = 5_000;
    private static final int LONGEST_PAUSE_MILLIS = 1_500;

    /**
     * A value gets its timestamp a moment before it is in the queue, and the message that tells of it a moment after it
     * was taken out, each with a thread between that has to wait for a processor.
     */
    private static final Duration SLACK = Duration.ofMillis(250);

    private enum Disturbance {
        SERVER_KILL,
        CUT,
        DAEMON_KILL
    }

    /** When a server was killed, by its clock and ours. */
    private record Kill(Instant gone, Instant back) {}

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private final List<Kill> kills = new ArrayList<>();
    private final List<String> history = new ArrayList<>();
    private Simulator server;
    private FaultyLink link;
    private DaemonProcess daemon;

    @BeforeEach
    void start() throws IOException {
        server = Simulator.builder().build();
        server.start();
        link = FaultyLink.before(server.endpointUrl());
        daemon = startDaemon();
    }

    @AfterEach
    void stop() {
        daemon.close();
        link.close();
        server.close();
    }

    @Test
    void whatIsReadIsWhatWasQueuedExceptInTheGapsThatAreTold() throws Exception {
        String session = subscribe();
        CounterFollower follower = new CounterFollower(daemon.endpoint(), session, new Random(random.nextLong()));
        long begin = System.nanoTime();
        follower.start();
        try (Production counter = server.producers().count(RATE)) {
            assertThat(counter).isNotNull();
            awaitProgress(follower);
            for (Disturbance disturbance : disturbances()) {
                pause(random.nextInt(LONGEST_PAUSE_MILLIS));
                strike(disturbance);
                awaitProgress(follower);
            }
        }
        List<QueuedValue> queued = server.producers().queued();
        long end = queued.get(queued.size() - 1).value();
        awaitThat(follower, () -> follower.last() >= end);
        List<ReadMessage> read = follower.stop();

        assertOneSubscriptionIsThere(queued);
        int missing = judge(read, queued);
        System.out.printf(
                "%d server kills, %d cuts, %d daemon kills of seed %d: %d values queued, %d not read in %d gaps,"
                        + " %d messages read, %d more than once, %d refusals, %.0f s%n",
                SERVER_KILLS,
                CUTS,
                DAEMON_KILLS,
                SEED,
                queued.size(),
                missing,
                gapsOf(read).size(),
                read.size(),
                follower.repeated(),
                follower.refusals(),
                (System.nanoTime() - begin) / 1e9);
    }

    private DaemonProcess startDaemon() throws IOException {
        return DaemonProcess.in(Files.createDirectories(directory.resolve("d")))
                .start("--state-dir", directory.resolve("state").toString(), "--keep-alive-interval", "1");
    }

    private String subscribe() throws IOException {
        ProtocolPeer peer = new ProtocolPeer(daemon);
        String session = peer.open(link.endpointUrl(), "{\"opcuaTimeout\":10}");
        Subscriptions.monitorCounter(peer, session, Subscriptions.create(peer, session, 100), 1);
        return session;
    }

    private List<Disturbance> disturbances() {
        List<Disturbance> all = new ArrayList<>();
        all.addAll(Collections.nCopies(SERVER_KILLS, Disturbance.SERVER_KILL));
        all.addAll(Collections.nCopies(CUTS, Disturbance.CUT));
        all.addAll(Collections.nCopies(DAEMON_KILLS, Disturbance.DAEMON_KILL));
        Collections.shuffle(all, random);
        return all;
    }

    private void strike(Disturbance disturbance) throws Exception {
        int outage = random.nextInt(LONGEST_OUTAGE_MILLIS);
        history.add(Instant.now() + " " + disturbance + " of " + outage + " ms");
        switch (disturbance) {
            case SERVER_KILL -> {
                Instant gone = Instant.now();
                server.stop();
                pause(outage);
                server.start();
                kills.add(new Kill(gone, Instant.now()));
            }
            case CUT -> cut(outage);
            case DAEMON_KILL -> {
                daemon.kill9();
                pause(outage);
                daemon = startDaemon();
            }
        }
    }

    /** Either at once and for a while, or within a message and for a moment. */
    private void cut(int outageMillis) {
        Ending ending = random.nextBoolean() ? Ending.RESET : Ending.CLOSE;
        if (random.nextInt(3) == 0) {
            Trigger cut = link.truncate(Direction.TO_CLIENT, 1 + random.nextInt(LONGEST_MESSAGE), ending);
            await().atMost(LIMIT).until(cut::hasFired);
            return;
        }
        try (Fault refusal = link.refuse()) {
            assertThat(refusal).isNotNull();
            link.breakAll(ending);
            pause(outageMillis);
        }
    }

    /** Values that the server queues from now on arrive. */
    private void awaitProgress(CounterFollower follower) {
        int logged = server.producers().queued().size();
        awaitThat(follower, () -> server.producers().queued().size() > logged);
        long wanted = server.producers().queued().get(logged).value();
        awaitThat(follower, () -> follower.last() >= wanted);
    }

    private void awaitThat(CounterFollower follower, BooleanSupplier condition) {
        try {
            await().atMost(LIMIT).until(() -> follower.failure() != null || condition.getAsBoolean());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(told(follower), e);
        }
        assertThat(follower.failure()).as(told(follower)).isNull();
    }

    private String told(CounterFollower follower) {
        return String.format(
                "seed %d: %s; read up to %d, queued up to %s; last refusals %s",
                SEED,
                history,
                follower.last(),
                server.producers().queued().stream()
                        .reduce((first, second) -> second)
                        .orElse(null),
                follower.lastRefusals());
    }

    /** Nothing is left on the server of what was gone on with, and the daemon lists it once. */
    private void assertOneSubscriptionIsThere(List<QueuedValue> queued) throws IOException {
        List<Long> following = new ArrayList<>();
        for (QueuedValue value : queued) {
            if (following.isEmpty() || following.get(following.size() - 1) != value.subscriptionId()) {
                following.add(value.subscriptionId());
            }
        }
        assertThat(following)
                .as("seed %d: the server's ids, none of which goes on beside the next", SEED)
                .doesNotHaveDuplicates();
        String list = new ProtocolPeer(daemon).ask("{\"command\":\"list\"}");
        assertThat(list.split("\"consumer\":\"mailbox\"", -1)).as(list).hasSize(2);
        assertThat(list).contains("\"state\":\"Live\",\"epoch\":" + SERVER_KILLS + ",\"items\":1,");
    }

    /** Returns how many values were not read. */
    private int judge(List<ReadMessage> read, List<QueuedValue> queued) {
        List<ReadMessage.GapTold> gaps = gapsOf(read);
        assertThat(read).as("seed %d", SEED).allMatch(message -> message.dropped() == 0);
        assertThat(read).extracting(ReadMessage::key).as("seed %d", SEED).isSorted();
        assertThat(read.stream().map(message -> message.key().subscriptionId()).distinct())
                .as("the id that the reader knows")
                .hasSize(1);
        List<QueuedValue> missing = new ArrayList<>(queued);
        int at = 0;
        for (ReadMessage message : read) {
            for (ReadMessage.Value value : message.values()) {
                int found = at;
                while (found < queued.size() && !isSame(value, queued.get(found))) {
                    found++;
                }
                assertThat(found)
                        .as(
                                "seed %d: %s of %s was queued after %s",
                                SEED, value, message.key(), queued.get(Math.max(0, at - 1)))
                        .isLessThan(queued.size());
                missing.set(found, null);
                at = found + 1;
            }
        }
        missing.removeIf(Objects::isNull);

        assertThat(missing)
                .as("seed %d: what was not read lies in %s", SEED, gaps)
                .allMatch(value -> gaps.stream().anyMatch(gap -> contains(gap, value.serverTime())));
        assertThat(kills)
                .as("seed %d: each has one of %s", SEED, gaps)
                .allMatch(kill -> gaps.stream().anyMatch(gap -> overlap(gap, kill)));
        assertThat(gaps)
                .as("seed %d: there are no others than of %s", SEED, kills)
                .hasSameSizeAs(kills);
        return missing.size();
    }

    private static List<ReadMessage.GapTold> gapsOf(List<ReadMessage> read) {
        return read.stream().map(ReadMessage::gap).filter(Objects::nonNull).toList();
    }

    private static boolean isSame(ReadMessage.Value read, QueuedValue queued) {
        return read.value() == queued.value() && read.serverTime().equals(queued.serverTime());
    }

    private static boolean contains(ReadMessage.GapTold gap, Instant time) {
        return !time.isBefore(gap.from().minus(SLACK)) && !time.isAfter(gap.to().plus(SLACK));
    }

    private static boolean overlap(ReadMessage.GapTold gap, Kill kill) {
        return !gap.from().isAfter(kill.back()) && !gap.to().isBefore(kill.gone());
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}

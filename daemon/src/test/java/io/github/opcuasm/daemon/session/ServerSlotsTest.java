package io.github.opcuasm.daemon.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.certificate.TrustSettings;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.SecurityProfile;
import io.github.opcuasm.daemon.opcua.SecuritySettings;
import io.github.opcuasm.daemon.opcua.SessionConnector;
import io.github.opcuasm.daemon.opcua.SessionSettings;
import io.github.opcuasm.daemon.opcua.TestSecurity;
import io.github.opcuasm.daemon.opcua.UserIdentity;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is counted, and when a server that was full is asked again. */
final class ServerSlotsTest {
    private final ManualTicker ticker = new ManualTicker();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
    private final SessionConnector connector = TestSecurity.connector(transport);

    @Test
    void orphanHoldsASlotUntilItIsOver() {
        ServerSlots slots = new ServerSlots("plc1:4840", 2, new Random(1));

        assertThat(slots.addOrphan()).isTrue();
        assertThat(slots.hasRoom(ticker.read())).isTrue();
        slots.addOrphan();
        assertThat(slots.hasRoom(ticker.read())).isFalse();

        slots.orphanIsOver(ticker.read());
        assertThat(slots.hasRoom(ticker.read())).isTrue();
    }

    @Test
    void orphansAreBounded() {
        ServerSlots slots = new ServerSlots("plc1:4840", null, new Random(1));

        while (slots.addOrphan()) {
            assertThat(slots.orphans()).isLessThanOrEqualTo(1000);
        }

        assertThat(slots.orphans()).isEqualTo(1000);
    }

    @Test
    void refusalIsABoundThatIsTriedAgainWithPausesFromOneToFiveSeconds() {
        ServerSlots slots = new ServerSlots("plc1:4840", null, new Random(1));
        PooledSession refused = session(slots);
        assertThat(slots.hasRoom(ticker.read())).isTrue();

        for (long shortest : new long[] {1, 2, 4, 5, 5}) {
            slots.take(refused);
            slots.refused(refused, ticker.read());
            assertThat(slots.learned()).isZero();
            long longest = (long) Math.min(5e9, shortest * 1.2e9);
            long pause = slots.untilTrial(ticker.read());
            assertThat(pause).isBetween(TimeUnit.SECONDS.toNanos(shortest), longest);
            ticker.advance(Duration.ofNanos(pause - 1));
            assertThat(slots.hasRoom(ticker.read())).isFalse();
            ticker.advance(Duration.ofNanos(1));
            assertThat(slots.hasRoom(ticker.read())).isTrue();
        }
    }

    @Test
    void onlyOneTriesAtATimeAndWhatItIsGrantedRaisesTheBound() {
        ServerSlots slots = new ServerSlots("plc1:4840", null, new Random(1));
        PooledSession first = session(slots);
        slots.take(first);
        slots.refused(first, ticker.read());
        ticker.advance(Duration.ofSeconds(5));

        slots.take(first);
        assertThat(slots.hasRoom(ticker.read())).isFalse();
        slots.granted(first, ticker.read());

        assertThat(slots.learned()).isEqualTo(1);
        assertThat(slots.hasRoom(ticker.read())).isTrue();
    }

    @Test
    void closeOfOursIsReasonEnoughToTry() {
        ServerSlots slots = new ServerSlots("plc1:4840", null, new Random(1));
        PooledSession held = session(slots);
        PooledSession refused = session(slots);
        slots.take(held);
        slots.granted(held, ticker.read());
        slots.take(refused);
        assertThat(slots.refused(refused, ticker.read())).isTrue();
        assertThat(slots.learned()).isEqualTo(1);
        assertThat(slots.hasRoom(ticker.read())).isFalse();

        slots.freed(held, ticker.read());

        assertThat(slots.hasRoom(ticker.read())).isTrue();
    }

    @Test
    void configuredBudgetIsNeverExceededByATrial() {
        ServerSlots slots = new ServerSlots("plc1:4840", 1, new Random(1));
        slots.take(session(slots));

        ticker.advance(Duration.ofHours(1));

        assertThat(slots.hasRoom(ticker.read())).isFalse();
        assertThat(slots.untilTrial(ticker.read())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nothingIsRememberedOfAServerThatNobodyUses() {
        ServerSlots slots = new ServerSlots("plc1:4840", null, new Random(1));
        assertThat(slots.isForgettable(ticker.read())).isTrue();

        PooledSession session = session(slots);
        slots.take(session);
        assertThat(slots.isForgettable(ticker.read())).isFalse();
        slots.refused(session, ticker.read());

        assertThat(slots.isForgettable(ticker.read())).isFalse();
        ticker.advance(Duration.ofSeconds(10));
        assertThat(slots.isForgettable(ticker.read())).isTrue();
    }

    // What an earlier process left is restored whatever the budget of today is, and nobody else comes in before it has
    // gone.
    @Test
    void whatIsTakenOverCountsBeyondTheBudgetToo() {
        ServerSlots slots = new ServerSlots("plc1:4840", 1, new Random(1));
        PooledSession first = session(slots);
        slots.takeOver(first);
        slots.takeOver(session(slots));

        assertThat(slots.used()).isEqualTo(2);
        slots.freed(first, ticker.read());

        assertThat(slots.hasRoom(ticker.read())).isFalse();
    }

    @Test
    void queueIsBounded() {
        ServerSlots slots = new ServerSlots("plc1:4840", 1, new Random(1));
        for (int i = 0; i < 1000; i++) {
            assertThat(slots.enqueue(new SlotWait(order(), i))).isTrue();
        }

        assertThat(slots.enqueue(new SlotWait(order(), 1000))).isFalse();
        assertThat(slots.dequeue(slots.waiting().get(0))).isTrue();
        assertThat(slots.enqueue(new SlotWait(order(), 1000))).isTrue();
    }

    /** One that is never opened. */
    private PooledSession session(ServerSlots slots) {
        SessionOrder order = order();
        return new PooledSession(
                order.identity(), false, new OpcUaSession(connector, order.settings(), Duration.ofSeconds(5)), slots);
    }

    private SessionOrder order() {
        SessionSettings settings = new SessionSettings(
                EndpointUrl.parse("opc.tcp://plc1:4840"),
                "name",
                "application",
                Duration.ofSeconds(120),
                Duration.ofSeconds(5),
                AddressFilter.ALL,
                new SecuritySettings(
                        SecurityProfile.NONE,
                        new UserIdentity.Anonymous(),
                        () -> CompletableFuture.failedFuture(new IllegalStateException("not needed")),
                        new TrustSettings(TrustPolicy.NONE, null, false, false, List.of()),
                        false));
        return new SessionOrder(
                new SessionIdentity("opc.tcp://plc1:4840", "who", ""),
                settings,
                new SessionOrigin("opc.tcp://plc1:4840", SessionConfig.parse(null), ""),
                new SessionOrder.Wanted("anyone", "0123456789abcdef0123456789abcdef", false, ticker.read()));
    }

    @AfterEach
    void close() {
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}

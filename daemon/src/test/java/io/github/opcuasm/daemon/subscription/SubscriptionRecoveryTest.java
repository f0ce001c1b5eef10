package io.github.opcuasm.daemon.subscription;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.Registries;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.QueuedValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A consumer of a counter that rises a hundred times a second, while servers, networks and sessions fail: what it gets equals
 * what the server had queued for it, in order, but for the gaps that it is told.
 */
final class SubscriptionRecoveryTest {
    /** A value is stamped a moment before it is queued: 50 ms, in ticks of 100 ns. */
    private static final long SLACK_TICKS = 500_000;

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final long CLIENT_HANDLE = 7;
    private static final int AT_LEAST = 20;

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1 << 24);
    private final HandleRegistry handles = Registries.of(
            DaemonConfig.builder()
                    .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                    .keepAliveInterval(LONG)
                    .build(),
            transport,
            Ticker.SYSTEM,
            InstantSource.system());
    private final SubscriptionRegistry registry = new SubscriptionRegistry(Ticker.SYSTEM, InstantSource.system());
    private OpcUaSession session;
    private SessionSubscriptions subscriptions;
    private Follower follower;
    private Production counting;

    @BeforeEach
    void open() throws Exception {
        simulator.start();
        session = session();
        subscriptions = registry.of(session);
        follower = new Follower(session, simulator);
        counting = () -> {};
    }

    @AfterEach
    void close() {
        simulator.faults().clear();
        handles.closeAll().orTimeout(30, TimeUnit.SECONDS).join();
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void cutThatTheSessionOutlivesLosesNothing() throws Exception {
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();

        for (int cut = 0; cut < 3; cut++) {
            simulator.faults().dropConnections();
            follower.awaitMore();
        }

        assertThat(subscription.epoch()).isZero();
        assertThat(follower.gaps()).isEmpty();
        assertThat(follower.states()).contains(SubscriptionState.INTERRUPTED, SubscriptionState.LIVE);
        assertThat(simulator.counters().served(Service.CREATE_SUBSCRIPTION)).isEqualTo(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void newSessionTakesTheSubscriptionOverAndLosesNothing() throws Exception {
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();

        simulator.faults().replaceSessions();
        await().atMost(LONG).until(() -> simulator.counters().served(Service.TRANSFER_SUBSCRIPTIONS) == 1);
        follower.awaitMore();

        assertThat(subscription.epoch()).isZero();
        assertThat(follower.gaps()).isEmpty();
        assertThat(simulator.counters().served(Service.CREATE_SUBSCRIPTION)).isEqualTo(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void refusedTransferIsACreationAnewWithAGap() throws Exception {
        simulator.faults().subscriptions().refuseTransfers();
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();

        simulator.faults().replaceSessions();
        follower.awaitEpoch(1);

        assertThat(subscription.epoch()).isEqualTo(1);
        assertThat(follower.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.reason())
                        .contains("the server does not give it to the new one", "Bad_UserAccessDenied"));
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void serverThatForgetsSessionAndSubscriptionsGetsThemAnewUnderTheSameIds() throws Exception {
        ManagedSubscription subscription = follow(slow());
        long id = subscription.id();
        long item = subscription.items().all().keySet().iterator().next();
        follower.awaitMore();

        simulator.faults().forgetSessions();
        follower.awaitEpoch(1);

        assertThat(subscription.id()).isEqualTo(id);
        assertThat(subscription.item(item)).isNotNull();
        assertThat(follower.gaps()).hasSize(1);
        assertThat(follower.states()).endsWith(SubscriptionState.HEALING, SubscriptionState.LIVE);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void serverThatForgetsItsSubscriptionsGetsThemAnewOnTheSameSession() throws Exception {
        follow(slow());
        follower.awaitMore();

        simulator.faults().dropSubscriptions();
        follower.awaitEpoch(1);

        assertThat(follower.gaps())
                .singleElement()
                .satisfies(gap ->
                        assertThat(gap.reason()).contains("the server has no subscription of this session any more"));
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void serverThatWasStartedAnewHasItsNodesElsewhereAndTheyAreFound() throws Exception {
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();

        simulator.stop();
        simulator.namespacesBefore("urn:opcuasm:test:before");
        simulator.start();
        follower.awaitEpoch(1);

        assertThat(simulator.namespaceIndex()).isNotEqualTo(Simulator.NAMESPACE_INDEX);
        assertThat(subscription.items().missing()).isEmpty();
        assertThat(simulator.counters().served(Service.TRANSFER_SUBSCRIPTIONS)).isZero();
        assertThat(simulator.counters().received(Service.CREATE_SUBSCRIPTION)).isEqualTo(2);
        assertThat(simulator.counters().received(Service.DELETE_SUBSCRIPTIONS)).isZero();
        assertThat(follower.gaps()).hasSize(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void creationThatIsRefusedIsTriedAgain() throws Exception {
        follow(slow());
        follower.awaitMore();
        Fault full = simulator.faults().fail(Service.CREATE_SUBSCRIPTION, StatusCodes.Bad_TooManySubscriptions);

        simulator.faults().dropSubscriptions();
        await().atMost(LONG).until(() -> simulator.counters().received(Service.CREATE_SUBSCRIPTION) >= 3);
        assertThat(follower.states()).endsWith(SubscriptionState.HEALING);
        full.close();
        follower.awaitEpoch(1);

        assertThat(follower.gaps()).hasSize(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void channelThatIsLostWhileASubscriptionIsCreatedAnewBeginsThatAgain() throws Exception {
        follow(slow());
        follower.awaitMore();
        Fault hanging = simulator.faults().hang(Service.CREATE_MONITORED_ITEMS);
        simulator.faults().dropSubscriptions();
        await().atMost(LONG).until(() -> hanging.held() == 1);

        simulator.faults().dropConnections();
        hanging.close();
        follower.awaitEpoch(1);

        assertThat(follower.gaps()).hasSize(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void itemThatTheServerDoesNotTakeStaysKnownAndIsTriedAgain() throws Exception {
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();
        Fault refusing = simulator.faults().fail(Service.CREATE_MONITORED_ITEMS, StatusCodes.Bad_NodeIdUnknown);

        simulator.faults().dropSubscriptions();
        await().atMost(LONG).until(() -> follower.gaps().size() == 1);
        assertThat(subscription.items().missing()).hasSize(1);
        refusing.close();
        follower.awaitEpoch(1);

        assertThat(subscription.items().missing()).isEmpty();
        assertThat(follower.gaps())
                .last()
                .satisfies(gap ->
                        assertThat(gap.reason()).isEqualTo("1 item could only now be created on the server again"));
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void lostMessagesAreAskedForAgain() throws Exception {
        follow(slow());
        follower.awaitMore();

        simulator.faults().subscriptions().loseMessages(3);
        await().atMost(LONG).until(() -> simulator.counters().served(Service.REPUBLISH) >= 3);
        follower.awaitMore();

        assertThat(follower.gaps()).isEmpty();
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void messagesThatCannotBeHadAreGaps() throws Exception {
        follow(slow());
        follower.awaitMore();

        simulator.faults().subscriptions().loseMessagesForGood(2);
        await().atMost(LONG).until(() -> !follower.gaps().isEmpty());
        follower.awaitMore();

        assertThat(follower.gaps()).allSatisfy(gap -> assertThat(gap.reason()).contains("missed"));
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void repeatedMessagesAreToldOnce() throws Exception {
        ManagedSubscription subscription = follow(slow());
        follower.awaitMore();

        simulator.faults().subscriptions().repeatMessages(3);
        await().atMost(LONG).until(() -> onLoop(() -> subscription.order().repeated()) >= 3);
        follower.awaitMore();

        assertThat(follower.gaps()).isEmpty();
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void serverThatNumbersAnewBeginsAnEpoch() throws Exception {
        follow(slow());
        follower.awaitMore();

        simulator.faults().subscriptions().numberFrom(1);
        follower.awaitEpoch(1);

        assertThat(follower.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.reason()).isEqualTo("the server began to number its messages anew"));
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void silenceThatAModificationEndsIsHealedWithoutAGap() throws Exception {
        follow(quick());
        follower.awaitMore();

        simulator.faults().subscriptions().silenceUntilModified();
        await().atMost(LONG).until(() -> follower.states().contains(SubscriptionState.HEALING));
        await().atMost(LONG).until(() -> follower.isAgain(SubscriptionState.LIVE));
        follower.awaitMore();

        assertThat(simulator.counters().served(Service.MODIFY_SUBSCRIPTION)).isPositive();
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void silenceThatNothingElseEndsIsHealedByACreationAnew() throws Exception {
        follow(quick());
        follower.awaitMore();

        simulator.faults().subscriptions().silence();
        follower.awaitEpoch(1);

        assertThat(follower.gaps()).isNotEmpty();
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void publishRequestsThatTheServerForgotAreReplaced() throws Exception {
        follow(quick());
        follower.awaitMore();

        await().atMost(LONG).until(() -> simulator.faults().subscriptions().losePublishRequests() >= 3);
        follower.awaitMore();

        assertThat(follower.gaps()).isEmpty();
        assertThat(simulator.counters().served(Service.CREATE_SUBSCRIPTION)).isEqualTo(1);
        follower.assertNothingIsMissingOutsideGaps();
    }

    @Test
    void quietSubscriptionWhoseValuesDoNotChangeIsOnlySilent() throws Exception {
        ManagedSubscription subscription = follow(quick());
        follower.awaitMore();
        counting.close();
        await().atMost(LONG)
                .until(() -> follower.last() == simulator.producers().counter());

        simulator.faults().subscriptions().silence();
        await().atMost(LONG).until(() -> follower.states().contains(SubscriptionState.SILENT));

        assertThat(subscription.epoch()).isZero();
        assertThat(follower.states()).doesNotContain(SubscriptionState.HEALING);
    }

    @Test
    void whatTheProcessBeforeHadIsTakenOverFromItsSession() throws Exception {
        ManagedSubscription before = follow(slow());
        follower.awaitMore();
        RememberedSubscription remembered = onLoop(before::remembered);
        OpcUaSession next = session();
        SessionSubscriptions there = new SubscriptionRegistry(Ticker.SYSTEM, InstantSource.system()).of(next);
        Follower taking = new Follower(next, simulator);

        ManagedSubscription restored = resultOf(CompletableFuture.supplyAsync(
                () -> {
                    ManagedSubscription subscription = there.restore(remembered, taking);
                    there.restored(true);
                    return subscription;
                },
                there.executor()));
        taking.awaitMore();

        assertThat(restored.id()).isEqualTo(before.id());
        assertThat(restored.epoch()).isZero();
        // The server tells the session that had it, which lives here, and that message takes a number too.
        taking.assertEachValueFollowsTheOneBefore();
        assertThat(simulator.counters().served(Service.CREATE_SUBSCRIPTION)).isEqualTo(1);
    }

    private OpcUaSession session() throws Exception {
        byte[] utf8 = "{}".getBytes(StandardCharsets.UTF_8);
        String id = resultOf(handles.open(
                        EndpointUrl.parse(simulator.endpointUrl()),
                        SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length)),
                        true,
                        Caller.anyone()))
                .sessionId();
        return handles.use(id, Caller.anyone()).session();
    }

    /** Its keep-alives come each 10 s: on a busy machine nothing is taken for silent. */
    private static SubscriptionParameters slow() {
        return new SubscriptionParameters(50, 10_000, 200, 0, true, 0);
    }

    /** It is taken for silent after less than 2 s. */
    private static SubscriptionParameters quick() {
        return new SubscriptionParameters(50, 10_000, 10, 0, true, 0);
    }

    private ManagedSubscription follow(SubscriptionParameters asked) throws Exception {
        Arrival arrival = subscriptions.arrival();
        subscriptions.executor().execute(arrival::begin);
        CreateSubscriptionResponse created = resultOf(subscriptions.requests().create(asked));
        ManagedSubscription subscription = onLoop(() -> {
            ManagedSubscription adopted = subscriptions.adopt(
                    created.getSubscriptionId().longValue(),
                    "joe",
                    asked,
                    new GrantedParameters(
                            created.getRevisedPublishingInterval(),
                            created.getRevisedLifetimeCount().longValue(),
                            created.getRevisedMaxKeepAliveCount().longValue()),
                    List.of(),
                    false,
                    follower);
            subscriptions.start(adopted);
            arrival.end();
            return adopted;
        });
        MonitoredItemDefinition counter = new MonitoredItemDefinition(
                new NodeId(Simulator.NAMESPACE_INDEX, "Produced/Counter"),
                Simulator.NAMESPACE_URI,
                13,
                2,
                new ItemParameters(CLIENT_HANDLE, 0, 10_000, true, null));
        CreateMonitoredItemsResponse items =
                resultOf(subscriptions.requests().createItems(subscription.serverId(), List.of(counter)));
        assertThat(items.getResults()[0].getStatusCode().isGood()).isTrue();
        long item = items.getResults()[0].getMonitoredItemId().longValue();
        onLoop(() -> subscription.addItem(item, counter));
        counting = simulator.producers().count(100);
        return subscription;
    }

    private <T> T onLoop(Supplier<T> action) throws Exception {
        return resultOf(CompletableFuture.supplyAsync(action, subscriptions.executor()));
    }

    /** What it was told, in order. Thread-safe. */
    private static final class Follower implements SubscriptionConsumer {
        private final OpcUaSession session;
        private final List<Long> values = new ArrayList<>();
        private final List<Gap> gaps = new ArrayList<>();
        private final List<SubscriptionState> states = new ArrayList<>();
        private final Set<List<Long>> numbers = new HashSet<>();
        private final List<Long> epochs = new ArrayList<>();
        private final List<String> defects = new ArrayList<>();
        private final Simulator simulator;

        Follower(OpcUaSession session, Simulator simulator) {
            this.session = session;
            this.simulator = simulator;
        }

        @Override
        public synchronized void message(ManagedSubscription subscription, Message message) {
            if (!numbers.add(List.of(message.epoch(), message.sequenceNumber()))) {
                defects.add("message " + message.sequenceNumber() + " of epoch " + message.epoch() + " came twice");
            }
            for (UaStructuredType data : NotificationData.decode(message.data(), session.encodingContext())) {
                for (MonitoredItemNotification change : ((DataChangeNotification) data).getMonitoredItems()) {
                    if (change.getClientHandle().longValue() != CLIENT_HANDLE) {
                        defects.add("client handle " + change.getClientHandle());
                    }
                    values.add((Long) change.getValue().getValue().getValue());
                    epochs.add(message.epoch());
                }
            }
        }

        @Override
        public synchronized void gap(ManagedSubscription subscription, Gap gap) {
            gaps.add(gap);
        }

        @Override
        public synchronized void state(ManagedSubscription subscription, SubscriptionState state, String reason) {
            states.add(state);
        }

        @Override
        public synchronized void ended(ManagedSubscription subscription, String why) {
            defects.add("ended: " + why);
        }

        @Override
        public void closed(ManagedSubscription subscription) {}

        synchronized List<Gap> gaps() {
            return List.copyOf(gaps);
        }

        synchronized List<SubscriptionState> states() {
            return List.copyOf(states);
        }

        boolean isAgain(SubscriptionState state) {
            List<SubscriptionState> all = states();
            return !all.isEmpty() && all.get(all.size() - 1) == state;
        }

        synchronized int size() {
            return values.size();
        }

        synchronized long last() {
            return values.get(values.size() - 1);
        }

        private synchronized int inEpoch(long epoch) {
            return (int) epochs.stream().filter(present -> present == epoch).count();
        }

        void awaitMore() {
            int before = size();
            await().atMost(LONG).until(() -> size() >= before + AT_LEAST);
        }

        void awaitEpoch(long epoch) {
            await().atMost(LONG).until(() -> inEpoch(epoch) >= AT_LEAST);
        }

        synchronized void assertEachValueFollowsTheOneBefore() {
            for (int i = 1; i < values.size(); i++) {
                assertThat(values.get(i)).isEqualTo(values.get(i - 1) + 1);
            }
        }

        synchronized void assertNothingIsMissingOutsideGaps() {
            assertThat(defects).isEmpty();
            assertThat(values).isSorted();
            Set<Long> got = new HashSet<>(values);
            long last = values.get(values.size() - 1);
            for (QueuedValue queued : simulator.producers().queued()) {
                DateTime time = DateTime.of(queued.serverTime());
                assertThat(queued.value() > last
                                || got.contains(queued.value())
                                || gaps.stream()
                                        .anyMatch(gap -> gap.from().ticks() - SLACK_TICKS <= time.ticks()
                                                && gap.to().ticks() + SLACK_TICKS >= time.ticks()))
                        .as("value %s of %s, gaps %s", queued.value(), time, gaps)
                        .isTrue();
            }
        }
    }
}

package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SubscriptionFaultsTest {
    private static final long HIGHEST = 0xFFFF_FFFFL;

    private final Simulator simulator = Simulator.builder().build();
    private final SubscriptionFaults faults = simulator.faults().subscriptions();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;
    private Production counter;

    @BeforeEach
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
        counter = simulator.producers().count(100);
    }

    @AfterEach
    void close() {
        counter.close();
        clients.close();
        simulator.close();
    }

    @Test
    void oneSubscriptionIsForgottenAndTheOtherGoesOn() throws Exception {
        RawSubscription forgotten = counting();
        RawSubscription other = counting();

        assertThat(faults.drop(forgotten.id().longValue())).isTrue();

        assertThat(faults.drop(forgotten.id().longValue())).isFalse();
        assertStatus(forgotten.republish(1), StatusCodes.Bad_SubscriptionIdInvalid);
        assertThat(other.publishNotifications().getSubscriptionId()).isEqualTo(other.id());
    }

    // Part 4, 5.14.5.3: Bad_NoSubscription
    @Test
    void afterAllAreForgottenPublishRequestsFail() throws Exception {
        RawSubscription subscription = new RawSubscription(client, 1_000, 1_000);
        subscription.publish();
        CompletableFuture<PublishResponse> waiting = subscription.request();
        await().until(() -> simulator.counters().served(Service.PUBLISH) == 2);

        faults.dropAll();

        assertStatus(waiting, StatusCodes.Bad_NoSubscription);
        assertStatus(subscription.request(), StatusCodes.Bad_NoSubscription);
    }

    @Test
    void aMessageComesTwiceUnderTheSameNumber() throws Exception {
        RawSubscription subscription = counting();
        Fault repeating = faults.repeatMessages(1);

        PublishResponse first = subscription.publishNotifications();
        PublishResponse second = subscription.publish();
        PublishResponse third = subscription.publishNotifications();

        assertThat(second.getNotificationMessage()).isEqualTo(first.getNotificationMessage());
        assertThat(RawSubscription.sequenceNumber(third)).isEqualTo(RawSubscription.sequenceNumber(first) + 1);
        repeating.close();
    }

    @Test
    void acknowledgementsCountWithARepeatedMessageToo() throws Exception {
        RawSubscription subscription = counting();
        Fault repeating = faults.repeatMessages(1);
        PublishResponse first = subscription.publishNotifications();
        long number = RawSubscription.sequenceNumber(first);

        PublishResponse second = subscription.publish(subscription.acknowledgement(number));

        assertThat(second.getResults()).containsExactly(StatusCode.GOOD);
        assertStatus(subscription.republish(number), StatusCodes.Bad_MessageNotAvailable);
        repeating.close();
    }

    @Test
    void aLostMessageIsThereForRepublish() throws Exception {
        RawSubscription subscription = counting();
        PublishResponse before = subscription.publishNotifications();
        Fault losing = faults.loseMessages(2);

        PublishResponse after = subscription.publishNotifications();

        long number = RawSubscription.sequenceNumber(before);
        assertThat(RawSubscription.sequenceNumber(after)).isEqualTo(number + 3);
        assertThat(after.getAvailableSequenceNumbers()).contains(UInteger.valueOf(number + 1));
        assertThat(RawSubscription.values(subscription
                        .republish(number + 1)
                        .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .getNotificationMessage()))
                .isNotEmpty();
        losing.close();
    }

    @Test
    void aMessageLostForGoodIsNot() throws Exception {
        RawSubscription subscription = counting();
        PublishResponse before = subscription.publishNotifications();
        Fault losing = faults.loseMessagesForGood(1);

        PublishResponse after = subscription.publishNotifications();

        long number = RawSubscription.sequenceNumber(before);
        assertThat(RawSubscription.sequenceNumber(after)).isEqualTo(number + 2);
        assertThat(after.getAvailableSequenceNumbers()).doesNotContain(UInteger.valueOf(number + 1));
        assertStatus(subscription.republish(number + 1), StatusCodes.Bad_MessageNotAvailable);
        losing.close();
    }

    @Test
    void losingKeepsTheResultsOfAcknowledgements() throws Exception {
        RawSubscription subscription = counting();
        long number = RawSubscription.sequenceNumber(subscription.publishNotifications());
        Fault losing = faults.loseMessages(1);

        PublishResponse after = subscription.publish(subscription.acknowledgement(number));

        assertThat(after.getResults()).containsExactly(StatusCode.GOOD);
        losing.close();
    }

    @Test
    void aSilentSubscriptionSaysNothingAndThenEverything() throws Exception {
        RawSubscription subscription = counting();
        long last = lastValue(subscription.publishNotifications());
        Fault silence = faults.silence();
        CompletableFuture<PublishResponse> request = subscription.request();
        long begin = simulator.producers().counter();
        await().until(() -> simulator.producers().counter() > begin + 50);

        assertThat(request).isNotDone();
        assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                .isTrue();
        modify(subscription);
        assertThat(request).isNotDone();
        silence.close();

        List<RawSubscription.Told> values =
                RawSubscription.values(RawSubscription.answer(request).getNotificationMessage());
        assertThat(values.get(0).value()).isEqualTo(last + 1);
        assertThat(values).hasSizeGreaterThanOrEqualTo(50);
    }

    @Test
    void aNewSubscriptionSpeaksBesideASilentOne() throws Exception {
        RawSubscription silent = counting();
        silent.publishNotifications();
        Fault silence = faults.silence();

        RawSubscription anew = counting();

        assertThat(anew.publishNotifications().getSubscriptionId()).isEqualTo(anew.id());
        silence.close();
    }

    @Test
    void modificationEndsASilenceThatLastsUntilThen() throws Exception {
        RawSubscription subscription = counting();
        subscription.publishNotifications();
        faults.silenceUntilModified();
        CompletableFuture<PublishResponse> request = subscription.request();
        long begin = simulator.producers().counter();
        await().until(() -> simulator.producers().counter() > begin + 20);
        assertThat(request).isNotDone();

        modify(subscription);

        assertThat(RawSubscription.isKeepAlive(RawSubscription.answer(request))).isFalse();
    }

    @Test
    void settingThePublishingModeEndsItToo() throws Exception {
        RawSubscription subscription = counting();
        subscription.publishNotifications();
        faults.silenceUntilModified();
        CompletableFuture<PublishResponse> request = subscription.request();

        client.setPublishingModeAsync(true, List.of(subscription.id()))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);

        assertThat(RawSubscription.isKeepAlive(RawSubscription.answer(request))).isFalse();
    }

    @Test
    void settingThePublishingModeDoesNotEndAnyOtherSilence() throws Exception {
        RawSubscription subscription = counting();
        subscription.publishNotifications();
        Fault silence = faults.silence();
        CompletableFuture<PublishResponse> request = subscription.request();

        client.setPublishingModeAsync(true, List.of(subscription.id()))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        long begin = simulator.producers().counter();
        await().until(() -> simulator.producers().counter() > begin + 20);

        assertThat(request).isNotDone();
        silence.close();
    }

    @Test
    void deafConnectionsHearNothingAndNewOnesEverything() throws Exception {
        RawSubscription subscription = new RawSubscription(client, 20, 1_000);
        subscription.publish();
        CompletableFuture<PublishResponse> before = subscription.request();
        await().until(() -> simulator.counters().served(Service.PUBLISH) == 2);
        faults.deafenConnections();
        CompletableFuture<PublishResponse> after = subscription.request();
        monitorCounter(subscription);

        RawSubscription elsewhere = subscription.of(clients.connect(simulator));

        assertThat(RawSubscription.values(elsewhere.publishNotifications().getNotificationMessage())
                        .get(0)
                        .value())
                .isEqualTo(simulator.producers().queued().get(0).value());
        assertThat(before).isNotDone();
        assertThat(after).isNotDone();
    }

    @Test
    void lostPublishRequestsAreNotAnsweredAndNewOnesAre() throws Exception {
        RawSubscription subscription = new RawSubscription(client, 20, 1_000);
        subscription.publish();
        CompletableFuture<PublishResponse> lost = subscription.request();
        await().until(() -> simulator.counters().served(Service.PUBLISH) == 2);

        await().until(() -> faults.losePublishRequests() == 1);

        monitorCounter(subscription);
        assertThat(RawSubscription.isKeepAlive(subscription.publish())).isFalse();
        assertThat(lost).isNotDone();
    }

    @Test
    void numbersBeginAnew() throws Exception {
        RawSubscription subscription = counting();
        subscription.publishNotifications();
        long old = RawSubscription.sequenceNumber(subscription.publishNotifications());

        faults.numberFrom(1);

        PublishResponse first = subscription.publishNotifications();
        PublishResponse second = subscription.publish(subscription.acknowledgement(1));
        assertThat(old).isGreaterThanOrEqualTo(2);
        assertThat(RawSubscription.sequenceNumber(first)).isEqualTo(1);
        assertThat(first.getAvailableSequenceNumbers()).containsExactly(UInteger.valueOf(1));
        assertThat(RawSubscription.sequenceNumber(second)).isEqualTo(2);
        assertThat(second.getResults()).containsExactly(StatusCode.GOOD);
        assertThat(subscription
                        .republish(2)
                        .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .getNotificationMessage())
                .isEqualTo(second.getNotificationMessage());
    }

    // Part 4, 7.8: the sequence number after the highest UInt32 is 1.
    @Test
    void numbersRollOverWithoutZero() throws Exception {
        RawSubscription subscription = counting();
        subscription.publishNotifications();

        faults.numberFrom(HIGHEST);

        assertThat(RawSubscription.sequenceNumber(subscription.publishNotifications()))
                .isEqualTo(HIGHEST);
        assertThat(RawSubscription.sequenceNumber(subscription.publishNotifications()))
                .isEqualTo(1);
        assertThat(subscription.publish(subscription.acknowledgement(HIGHEST)).getResults())
                .containsExactly(StatusCode.GOOD);
    }

    @Test
    void delayedAnswersAreAnsweredNoSooner() throws Exception {
        RawSubscription subscription = counting();
        Duration delay = Duration.ofMillis(300);
        long begin = System.nanoTime();
        try (Fault delayed = simulator.faults().delayAnswers(Service.PUBLISH, delay)) {
            subscription.publish();

            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(delay.toNanos());
            assertThat(delayed.held()).isZero();
        }
    }

    @Test
    void thePlaceForRepublishIsLimited() throws Exception {
        simulator.limits().retransmissionQueue(2);
        RawSubscription subscription = counting();
        long first = RawSubscription.sequenceNumber(subscription.publishNotifications());
        subscription.publishNotifications();

        PublishResponse third = subscription.publishNotifications();

        assertThat(third.getAvailableSequenceNumbers())
                .containsExactly(UInteger.valueOf(first + 1), UInteger.valueOf(first + 2));
        assertStatus(subscription.republish(first), StatusCodes.Bad_MessageNotAvailable);
    }

    @Test
    void theOldestOfTooManyPublishRequestsFails() throws Exception {
        simulator.limits().maxPublishRequests(2);
        RawSubscription subscription = new RawSubscription(client, 1_000, 1_000);
        subscription.publish();

        CompletableFuture<PublishResponse> first = subscription.request();
        await().until(() -> simulator.counters().served(Service.PUBLISH) == 2);
        CompletableFuture<PublishResponse> second = subscription.request();
        await().until(() -> simulator.counters().served(Service.PUBLISH) == 3);
        CompletableFuture<PublishResponse> third = subscription.request();

        assertStatus(first, StatusCodes.Bad_TooManyPublishRequests);
        assertThat(second).isNotDone();
        assertThat(third).isNotDone();
    }

    @Test
    void whatIsAskedForIsRevised() throws Exception {
        simulator.limits().publishingInterval(Duration.ofMillis(300), Duration.ofSeconds(5));
        simulator.limits().maxKeepAliveCount(4);
        simulator.limits().subscriptionLifetime(Duration.ofSeconds(1), Duration.ofSeconds(6));
        simulator.limits().monitoredItemQueue(5);
        simulator.limits().maxSubscriptionsPerSession(1);

        RawSubscription subscription = new RawSubscription(client, 10, 50);

        assertThat(subscription.created().getRevisedPublishingInterval()).isEqualTo(300);
        assertThat(subscription.created().getRevisedMaxKeepAliveCount()).isEqualTo(uint(4));
        assertThat(subscription.created().getRevisedLifetimeCount()).isEqualTo(uint(20));
        assertThat(subscription.monitor(Simulator.node("Scalars/Int32"), 100).getRevisedQueueSize())
                .isEqualTo(uint(5));
        assertStatus(
                client.createSubscriptionAsync(100.0, uint(100), uint(1), uint(0), true, ubyte(0)),
                StatusCodes.Bad_TooManySubscriptions);
    }

    @Test
    void impossibleFaultsAreRefused() {
        assertThatThrownBy(() -> faults.numberFrom(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> faults.loseMessages(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> simulator.limits().retransmissionQueue(1_025))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private RawSubscription counting() throws Exception {
        RawSubscription subscription = new RawSubscription(client, 20, 5);
        monitorCounter(subscription);
        return subscription;
    }

    private static void monitorCounter(RawSubscription subscription) throws Exception {
        assertThat(subscription
                        .monitor(Simulator.node("Produced/Counter"), 1_000)
                        .getStatusCode())
                .isEqualTo(StatusCode.GOOD);
    }

    private void modify(RawSubscription subscription) throws Exception {
        client.modifySubscriptionAsync(subscription.id(), 20.0, uint(1_000), uint(5), uint(0), ubyte(0))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static long lastValue(PublishResponse answer) {
        List<RawSubscription.Told> values = RawSubscription.values(answer.getNotificationMessage());
        return values.get(values.size() - 1).value();
    }

    private static void assertStatus(CompletableFuture<?> request, long status) {
        assertThat(request)
                .failsWithin(Duration.ofSeconds(TestClients.PATIENCE_SECONDS))
                .withThrowableThat()
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(status));
    }
}

package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;

final class ManagedSubscriptionTest {
    private final ManagedSubscription subscription = subscription(7, List.of());

    @Test
    void nextSequenceNumberFollowsMessagesAndIsToldByKeepAlives() {
        assertThat(subscription.nextSequenceNumber()).isEqualTo(1);

        subscription.told(4, false, List.of(4L), Instant.EPOCH);
        assertThat(subscription.nextSequenceNumber()).isEqualTo(5);

        subscription.told(5, true, List.of(4L), Instant.EPOCH);
        assertThat(subscription.nextSequenceNumber()).isEqualTo(5);
    }

    // Part 4, 7.9: 0 is never a sequence number.
    @Test
    void sequenceNumbersBeginAnewAfterTheLast() {
        subscription.told(0xFFFF_FFFFL, false, List.of(), Instant.EPOCH);

        assertThat(subscription.nextSequenceNumber()).isEqualTo(1);
    }

    @Test
    void whatWasTakenOverGoesOnBehindWhatIsAvailable() {
        ManagedSubscription taken = subscription(7, List.of(9L, 3L, 4L));

        assertThat(taken.nextSequenceNumber()).isEqualTo(10);
        assertThat(taken.available()).containsExactly(3L, 4L, 9L);
    }

    @Test
    void acknowledgedMessageIsNoLongerAvailableWhateverTheServerSaysMeanwhile() {
        subscription.told(2, false, List.of(1L, 2L), Instant.EPOCH);

        subscription.acknowledge(0, 1);
        assertThat(subscription.available()).containsExactly(2L);

        List<Long> carried = subscription.takeAcknowledgements(10);
        subscription.told(3, false, List.of(1L, 2L, 3L), Instant.EPOCH);
        assertThat(carried).containsExactly(1L);
        assertThat(subscription.available()).containsExactly(2L, 3L);
        assertThat(subscription.isAcknowledged(1)).isTrue();
        assertThat(subscription.hasAcknowledgements()).isFalse();
    }

    @Test
    void acknowledgementThatGotNoAnswerIsCarriedAgain() {
        subscription.acknowledge(0, 1);
        subscription.takeAcknowledgements(10);

        subscription.arrived(1, false);

        assertThat(subscription.takeAcknowledgements(10)).containsExactly(1L);
    }

    @Test
    void acknowledgementThatArrivedIsForgotten() {
        subscription.acknowledge(0, 1);
        subscription.takeAcknowledgements(10);

        subscription.arrived(1, true);

        assertThat(subscription.isAcknowledged(1)).isFalse();
        assertThat(subscription.takeAcknowledgements(10)).isEmpty();
    }

    @Test
    void acknowledgementsAreBounded() {
        int accepted = 0;
        for (long number = 1; number <= 10_000; number++) {
            accepted += subscription.acknowledge(0, number) ? 1 : 0;
        }

        assertThat(accepted).isEqualTo(4_096);
        assertThat(subscription.takeAcknowledgements(1_000)).hasSize(1_000).startsWith(1L, 2L, 3L);
    }

    @Test
    void availableNumbersAreBoundedAndTheNewestAreKept() {
        List<Long> many = LongStream.rangeClosed(1, 10_000).boxed().toList();

        subscription.told(10_000, false, many, Instant.EPOCH);

        assertThat(subscription.available()).hasSize(4_096).startsWith(5_905L).endsWith(10_000L);
    }

    @Test
    void idOfAnItemIsTheServersUnlessAnotherOneIsCalledSo() {
        MonitoredItemDefinition item =
                new MonitoredItemDefinition(NodeIds.Server, null, 13, 2, new ItemParameters(1, 250, 1, true, null));

        long first = subscription.addItem(4, item);
        long second = subscription.addItem(4, item);

        assertThat(first).isEqualTo(4);
        assertThat(second).isEqualTo(5);
        assertThat(subscription.serverItemId(first)).isEqualTo(4);
        assertThat(subscription.serverItemId(second)).isEqualTo(4);
        assertThat(subscription.serverItemId(99)).isEqualTo(99);
    }

    static ManagedSubscription subscription(long id) {
        return subscription(id, List.of());
    }

    private static ManagedSubscription subscription(long id, List<Long> available) {
        return new ManagedSubscription(
                id, "joe", id, null, GrantedParameters.UNKNOWN, available, new SubscriptionConsumer() {
                    @Override
                    public void message(ManagedSubscription subscription, Message message) {}

                    @Override
                    public void ended(ManagedSubscription subscription, String why) {}
                });
    }
}

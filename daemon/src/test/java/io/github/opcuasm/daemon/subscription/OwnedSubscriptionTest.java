package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class OwnedSubscriptionTest {
    private final OwnedSubscription subscription = new OwnedSubscription(7, Duration.ofMinutes(1), List.of());

    @Test
    void nextSequenceNumberFollowsMessagesAndIsToldByKeepAlives() {
        assertThat(subscription.nextSequenceNumber()).isEqualTo(1);

        subscription.told(4, false, List.of(4L));
        assertThat(subscription.nextSequenceNumber()).isEqualTo(5);

        subscription.told(5, true, List.of(4L));
        assertThat(subscription.nextSequenceNumber()).isEqualTo(5);
    }

    // Part 4, 7.9: 0 is never a sequence number.
    @Test
    void sequenceNumbersBeginAnewAfterTheLast() {
        subscription.told(0xFFFF_FFFFL, false, List.of());

        assertThat(subscription.nextSequenceNumber()).isEqualTo(1);
    }

    @Test
    void whatWasTakenOverGoesOnBehindWhatIsAvailable() {
        OwnedSubscription taken = new OwnedSubscription(7, Duration.ofMinutes(1), List.of(9L, 3L, 4L));

        assertThat(taken.nextSequenceNumber()).isEqualTo(10);
        assertThat(taken.available()).containsExactly(3L, 4L, 9L);
    }

    @Test
    void acknowledgedMessageIsNoLongerAvailableWhateverTheServerSaysMeanwhile() {
        subscription.told(2, false, List.of(1L, 2L));

        subscription.acknowledge(1);
        assertThat(subscription.available()).containsExactly(2L);

        List<Long> carried = subscription.takeAcknowledgements(10);
        subscription.told(3, false, List.of(1L, 2L, 3L));
        assertThat(carried).containsExactly(1L);
        assertThat(subscription.available()).containsExactly(2L, 3L);
        assertThat(subscription.isAcknowledged(1)).isTrue();
        assertThat(subscription.hasAcknowledgements()).isFalse();
    }

    @Test
    void acknowledgementThatGotNoAnswerIsCarriedAgain() {
        subscription.acknowledge(1);
        subscription.takeAcknowledgements(10);

        subscription.arrived(1, false);

        assertThat(subscription.takeAcknowledgements(10)).containsExactly(1L);
    }

    @Test
    void acknowledgementThatArrivedIsForgotten() {
        subscription.acknowledge(1);
        subscription.takeAcknowledgements(10);

        subscription.arrived(1, true);

        assertThat(subscription.isAcknowledged(1)).isFalse();
        assertThat(subscription.takeAcknowledgements(10)).isEmpty();
    }

    @Test
    void acknowledgementsAreBounded() {
        int accepted = 0;
        for (long number = 1; number <= 10_000; number++) {
            accepted += subscription.acknowledge(number) ? 1 : 0;
        }

        assertThat(accepted).isEqualTo(4_096);
        assertThat(subscription.takeAcknowledgements(1_000)).hasSize(1_000).startsWith(1L, 2L, 3L);
    }

    @Test
    void availableNumbersAreBoundedAndTheNewestAreKept() {
        List<Long> many = LongStream.rangeClosed(1, 10_000).boxed().toList();

        subscription.told(10_000, false, many);

        assertThat(subscription.available()).hasSize(4_096).startsWith(5_905L).endsWith(10_000L);
    }
}

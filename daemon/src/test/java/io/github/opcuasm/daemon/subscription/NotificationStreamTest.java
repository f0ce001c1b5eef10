package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a stream keeps for a reader that is slow. */
final class NotificationStreamTest {
    private static final long LIMIT = 60_000;
    private static final long HALF = LIMIT / 2;

    private final StreamBudget budget = new StreamBudget(LIMIT);
    private final NotificationStream stream = new NotificationStream(budget);

    @Test
    void eventsComeOutAsTheyWentIn() {
        stream.message(message(1), 100);
        stream.gap(new Gap(new DateTime(5), new DateTime(9), "why"));
        stream.state(SubscriptionState.INTERRUPTED, "");
        stream.message(message(2), 100);
        stream.end(null);
        stream.message(message(3), 100);

        assertThat(all())
                .containsExactly(
                        message(1),
                        new StreamEvent.Gap(new DateTime(5), new DateTime(9), "why"),
                        new StreamEvent.State("Interrupted", null),
                        message(2),
                        new StreamEvent.End(null));
        assertThat(budget.taken()).isZero();
    }

    @Test
    void oldestMessagesAreDroppedAndCountedExactly() {
        for (int i = 1; i <= NotificationStream.MAX_MESSAGES + 500; i++) {
            stream.message(message(i), 1);
        }

        List<StreamEvent> read = all();

        assertThat(read).hasSize(NotificationStream.MAX_MESSAGES + 1);
        assertThat(read.get(0)).isEqualTo(new StreamEvent.Overflow(500));
        assertThat(read.get(1)).isEqualTo(message(501));
        assertThat(read.get(NotificationStream.MAX_MESSAGES)).isEqualTo(message(NotificationStream.MAX_MESSAGES + 500));
    }

    @Test
    void theHeapThatMessagesTakeIsBoundedToo() {
        for (int i = 1; i <= 10; i++) {
            stream.message(message(i), HALF / 3);
        }

        assertThat(budget.taken()).isEqualTo(HALF);
        assertThat(all()).containsExactly(new StreamEvent.Overflow(7), message(8), message(9), message(10));
        assertThat(budget.taken()).isZero();
    }

    @Test
    void aMessageThatIsTooLargeByItselfComesAlone() {
        stream.message(message(1), 10);
        stream.message(message(2), LIMIT);

        assertThat(all()).containsExactly(new StreamEvent.Overflow(1), message(2));
    }

    @Test
    void oneReaderThatStallsLeavesRoomForAnother() {
        NotificationStream stalled = new NotificationStream(budget);
        for (int i = 1; i <= 100; i++) {
            stalled.message(message(i), HALF / 10);
        }

        for (int i = 1; i <= 10; i++) {
            stream.message(message(i), HALF / 10);
        }

        assertThat(all()).hasSize(10).doesNotContain(new StreamEvent.Overflow(1));
    }

    /** Many stalled readers together must not fill the heap, though none of them is above its own bound. */
    @Test
    void whenAllIsTakenEachKeepsItsEqualShareOnly() {
        List<NotificationStream> stalled = new ArrayList<>();
        for (int reader = 0; reader < 9; reader++) {
            stalled.add(new NotificationStream(budget));
        }
        for (int i = 1; i <= 60; i++) {
            for (NotificationStream each : stalled) {
                each.message(message(i), LIMIT / 60);
            }
        }

        stream.message(message(1), LIMIT / 60);
        stream.message(message(2), LIMIT / 60);

        assertThat(budget.taken()).isLessThanOrEqualTo(LIMIT + LIMIT / 10);
        assertThat(all()).containsExactly(message(1), message(2));
        stalled.forEach(NotificationStream::discard);
        stalled.forEach(NotificationStream::discard);
        assertThat(budget.taken()).isZero();
    }

    @Test
    void ofWhatWasDroppedGapsAreJoinedAndTheLastStateStays() {
        stream.message(message(1), 1);
        stream.gap(new Gap(new DateTime(10), new DateTime(20), "first"));
        stream.state(SubscriptionState.INTERRUPTED, "cut");
        stream.gap(new Gap(new DateTime(30), new DateTime(40), "second"));
        stream.state(SubscriptionState.LIVE, "");
        for (int i = 2; i <= NotificationStream.MAX_MESSAGES + 1; i++) {
            stream.message(message(i), 1);
        }

        assertThat(all().subList(0, 4))
                .containsExactly(
                        new StreamEvent.Overflow(1),
                        new StreamEvent.Gap(new DateTime(10), new DateTime(40), "first"),
                        new StreamEvent.State("Live", null),
                        message(2));
    }

    @Test
    void whatIsDroppedWhileTheReaderReadsIsToldInItsPlace() {
        for (int i = 1; i <= NotificationStream.MAX_MESSAGES + 2; i++) {
            stream.message(message(i), 1);
        }
        assertThat(stream.next()).isEqualTo(new StreamEvent.Overflow(2));
        assertThat(stream.next()).isEqualTo(message(3));

        stream.message(message(NotificationStream.MAX_MESSAGES + 3), 1);
        stream.message(message(NotificationStream.MAX_MESSAGES + 4), 1);

        assertThat(stream.next()).isEqualTo(new StreamEvent.Overflow(1));
        assertThat(stream.next()).isEqualTo(message(5));
    }

    @Test
    void aKeepAliveIsForWhoHasNothingElseToRead() {
        stream.keepAlive();
        stream.keepAlive();
        assertThat(all()).containsExactly(new StreamEvent.KeepAlive());

        stream.keepAlive();
        stream.message(message(1), 1);
        stream.keepAlive();
        assertThat(all()).containsExactly(message(1));
    }

    @Test
    void theReaderIsToldWheneverSomethingCame() {
        AtomicInteger told = new AtomicInteger();
        stream.message(message(1), 1);
        stream.readBy(told::incrementAndGet);
        assertThat(told).hasValue(1);

        stream.message(message(2), 1);
        stream.end(new StreamEvent.StreamError("ServiceException", "gone", new StatusCode(0x80280000L)));

        assertThat(told).hasValue(3);
    }

    @Test
    void nothingIsKeptForAReaderThatIsGone() {
        AtomicInteger told = new AtomicInteger();
        stream.readBy(told::incrementAndGet);
        stream.message(message(1), 100);

        stream.discard();
        stream.message(message(2), 100);

        assertThat(all()).isEmpty();
        assertThat(budget.taken()).isZero();
        assertThat(told).hasValue(1);
    }

    private List<StreamEvent> all() {
        List<StreamEvent> all = new ArrayList<>();
        for (StreamEvent next = stream.next(); next != null; next = stream.next()) {
            all.add(next);
        }
        return all;
    }

    private static StreamEvent.Notifications message(long number) {
        return new StreamEvent.Notifications(1, number, 0, null, List.of());
    }
}

package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.state.StateStore;
import io.github.opcuasm.protocol.type.DateTime;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MailboxTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int MOST = 10;
    private static final long MOST_BYTES = 100_000;
    private static final long KEPT = 7;
    private static final String HANDLE = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path directory;

    private final ManagedSubscription subscription = ManagedSubscriptionTest.subscription(1);
    private final Mailbox mailbox = mailbox(new MailboxBounds(MOST, MOST_BYTES, 1 << 30));
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
    private long arrivals;
    private long now = 1_000 * SECOND;

    @AfterEach
    void stop() {
        writer.shutdownNow();
    }

    @Test
    void messagesWaitInTheirOrderAndStayUntilTheyAreAcknowledged() {
        put(1, 2, 3);

        assertThat(read(null)).isEqualTo(1);
        assertThat(read(null)).isEqualTo(2);

        assertThat(mailbox.waiting()).isEqualTo(1);
        assertThat(mailbox.given()).isEqualTo(2);
        assertThat(mailbox.available()).containsExactly(1L, 2L);
        assertThat(acknowledge(1)).isTrue();
        assertThat(mailbox.available()).containsExactly(2L);
        assertThat(mailbox.find(1)).isNull();
        assertThat(mailbox.find(2)).isNotNull();
    }

    @Test
    void whatWasGivenMakesRoomBeforeWhatWaits() {
        put(1, 2);
        read(null);
        read(null);

        putRange(3, MOST + 2);

        assertThat(mailbox.dropped()).isZero();
        assertThat(mailbox.given()).isZero();
        assertThat(give(null).dropped()).isZero();
    }

    @Test
    void oldestThatWaitAreDroppedAndTheNextOneSaysHowMany() {
        putRange(1, MOST + 3);

        Delivery first = give(null);
        Delivery second = give(null);

        assertThat(first.sequenceNumber()).isEqualTo(4);
        assertThat(first.dropped()).isEqualTo(3);
        assertThat(second.dropped()).isZero();
        assertThat(mailbox.dropped()).isEqualTo(3);
    }

    @Test
    void boundOfBytesHoldsAndOneThatIsLargerByItselfIsKeptAlone() {
        int half = (int) MOST_BYTES / 2;
        mailbox.put(++arrivals, message(0, 1, half));
        mailbox.put(++arrivals, message(0, 2, half));
        assertThat(mailbox.waiting()).isEqualTo(1);

        mailbox.put(++arrivals, message(0, 3, 2 * (int) MOST_BYTES));

        assertThat(mailbox.waiting()).isEqualTo(1);
        Delivery large = give(null);
        assertThat(large.sequenceNumber()).isEqualTo(3);
        assertThat(large.dropped()).isEqualTo(2);
    }

    @Test
    void boundOfAllMailboxesHoldsAndLeavesEachItsShare() {
        MailboxBounds bounds = new MailboxBounds(1_000, MOST_BYTES, MOST_BYTES);
        Mailbox greedy = mailbox(bounds);
        Mailbox modest = mailbox(bounds);
        for (int number = 1; number <= 200; number++) {
            greedy.put(++arrivals, message(0, number, 1_000));
        }

        modest.put(++arrivals, message(0, 1, 1_000));

        assertThat(modest.waiting()).isEqualTo(1);
        assertThat(greedy.dropped()).isPositive();
        assertThat(bounds.held()).isBetween(MOST_BYTES / 2, 2 * MOST_BYTES);
        greedy.close();
        modest.close();
        assertThat(bounds.held()).isZero();
    }

    @Test
    void gapStandsBeforeTheNextMessageAndStaysWhenThatIsDropped() {
        mailbox.gap(new Gap(new DateTime(10), new DateTime(20), "one"));
        assertThat(mailbox.quiet().gap()).isNotNull();
        put(1);
        mailbox.gap(new Gap(new DateTime(30), new DateTime(40), "other"));
        putRange(2, MOST + 1);

        Delivery next = give(null);

        assertThat(next.sequenceNumber()).isEqualTo(2);
        assertThat(next.dropped()).isEqualTo(1);
        assertThat(next.gap()).isEqualTo(new Gap(new DateTime(10), new DateTime(40), "one; other"));
        assertThat(give(null).gap()).isNull();
        assertThat(mailbox.quiet().gap()).isNull();
    }

    @Test
    void whatWasGivenOnAKeptConnectionWaitsAgainInItsPlaceWhenThatEnds() {
        put(1, 2, 3, 4);
        read(KEPT);
        read(8L);
        read(KEPT);
        acknowledge(3);

        assertThat(mailbox.takeBackFrom(KEPT)).isTrue();

        assertThat(readAll()).containsExactly(1L, 4L);
        assertThat(mailbox.takeBackFrom(99)).isFalse();
    }

    @Test
    void readersThatNeverAcknowledgeAreNotGivenAnythingAgain() {
        put(1, 2);
        read(null);
        now += 60 * SECOND;

        mailbox.takeBackOverdue(now);

        assertThat(readAll()).containsExactly(2L);
    }

    @Test
    void whatNobodyAcknowledgedForLongIsGivenAgainIfAnythingEverWas() {
        put(1, 2, 3, 4);
        read(null);
        acknowledge(1);
        read(null);
        read(KEPT);

        now += 9 * SECOND;
        mailbox.takeBackOverdue(now);
        assertThat(mailbox.waiting()).isEqualTo(1);
        now += 2 * SECOND;
        mailbox.takeBackOverdue(now);

        assertThat(readAll()).containsExactly(2L, 4L);
    }

    @Test
    void acknowledgementsOfNonsenseAreRefused() {
        put(1, 2);
        read(null);

        assertThat(acknowledge(2)).as("never given").isFalse();
        assertThat(acknowledge(77)).as("never there").isFalse();
        assertThat(mailbox.acknowledge(new Acknowledgement(1, 1, 5L)))
                .as("other epoch")
                .isFalse();
        assertThat(acknowledge(1)).isTrue();
        assertThat(acknowledge(1)).as("twice").isFalse();
    }

    @Test
    void withoutAnEpochTheOldestGivenMessageOfThatNumberIsAcknowledged() {
        mailbox.put(++arrivals, message(0, 1, 0));
        subscription.order().createdAnew(new DateTime(5), "anew");
        mailbox.put(++arrivals, message(1, 1, 0));
        read(null);
        read(null);

        acknowledge(1);

        assertThat(mailbox.acknowledge(new Acknowledgement(1, 1, 0L))).isFalse();
        assertThat(mailbox.acknowledge(new Acknowledgement(1, 1, 1L))).isTrue();
    }

    @Test
    void answerThatNobodyGotIsTakenBackOnlyOnce() {
        put(1);
        Delivery first = give(null);
        Delivery.Receipt receipt = Objects.requireNonNull(first.receipt());

        assertThat(mailbox.takeBack(receipt)).isTrue();
        assertThat(give(null).sequenceNumber()).isEqualTo(1);
        assertThat(mailbox.takeBack(receipt)).isFalse();
    }

    @Test
    void journalBringsBackWhatNobodyAcknowledged() throws Exception {
        StateStore store = new StateStore(directory, writer, InstantSource.system());
        store.open(() -> true);
        Mailbox kept = new SubscriptionMemory(store)
                .mailbox(HANDLE, subscription, new MailboxBounds(3, MOST_BYTES, 1 << 30), Runnable::run);
        kept.rewriteJournal();
        for (int number = 1; number <= 3; number++) {
            kept.put(++arrivals, message(0, number, 10));
        }
        kept.give(Objects.requireNonNull(kept.firstWaiting()), null, now, false);
        kept.acknowledge(new Acknowledgement(1, 1));
        kept.put(++arrivals, message(0, 4, 10));
        kept.put(++arrivals, message(0, 5, 10));
        kept.gap(new Gap(new DateTime(1), new DateTime(2), "why"));

        store.flush().get(30, TimeUnit.SECONDS);
        MailboxJournal.Held held = MailboxJournal.replay(store.journals().read(SubscriptionRecord.name(HANDLE, 1)));

        assertThat(held.entries())
                .extracting(entry -> entry.message().sequenceNumber())
                .containsExactly(3L, 4L, 5L);
        assertThat(held.entries().get(0).droppedBefore()).isEqualTo(1);
        assertThat(held.entries().get(0).message()).isEqualTo(message(0, 3, 10));
        assertThat(held.state())
                .isEqualTo(new MailboxState(0, 6L, true, 1, 0, new Gap(new DateTime(1), new DateTime(2), "why")));
    }

    private Mailbox mailbox(MailboxBounds bounds) {
        return new Mailbox(subscription, bounds, new MailboxJournal(null));
    }

    private void put(long... numbers) {
        for (long number : numbers) {
            mailbox.put(++arrivals, message(0, number, 0));
        }
    }

    private void putRange(long first, long last) {
        for (long number = first; number <= last; number++) {
            put(number);
        }
    }

    private Delivery give(@Nullable Long connection) {
        return mailbox.give(Objects.requireNonNull(mailbox.firstWaiting()), connection, now, false);
    }

    private long read(@Nullable Long connection) {
        return give(connection).sequenceNumber();
    }

    private List<Long> readAll() {
        List<Long> numbers = new ArrayList<>();
        while (mailbox.firstWaiting() != null) {
            numbers.add(read(null));
        }
        return numbers;
    }

    private boolean acknowledge(long number) {
        return mailbox.acknowledge(new Acknowledgement(1, number));
    }

    private static Message message(long epoch, long number, int bytes) {
        ExtensionObject data = ExtensionObject.of(
                ByteString.of(new byte[bytes]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new Message(epoch, number, new DateTime(number * 100), false, List.of(data));
    }
}

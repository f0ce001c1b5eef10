package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.DateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageOrderTest {
    private static final long LAST = 0xFFFF_FFFFL;

    private final Recorded told = new Recorded();
    private final MessageOrder order = new MessageOrder(1L, 0, told);

    @Test
    void messagesInOrderGoOutAtOnce() {
        come(1, 2, 3);

        assertThat(told.numbers()).containsExactly(1L, 2L, 3L);
        assertThat(order.expected()).isEqualTo(4);
        assertThat(order.missing()).isNull();
        assertThat(order.upTo()).isEqualTo(time(3));
    }

    // Part 4, 7.9: after the last number comes 1.
    @Test
    void numbersBeginAnewAfterTheLastWithoutAHole() {
        MessageOrder late = new MessageOrder(LAST - 1, 0, told);

        late.message(message(LAST - 1, 1), true);
        late.message(message(1, 3), true);
        assertThat(late.missing()).isEqualTo(LAST);
        late.message(message(LAST, 2), true);

        assertThat(told.numbers()).containsExactly(LAST - 1, LAST, 1L);
        assertThat(told.gaps).isEmpty();
        assertThat(late.epoch()).isZero();
    }

    @Test
    void messageThatComesAgainIsDroppedAndCounted() {
        come(1, 2, 2, 1);

        assertThat(told.numbers()).containsExactly(1L, 2L);
        assertThat(order.repeated()).isEqualTo(2);
        assertThat(order.epoch()).isZero();
    }

    @Test
    void messageBehindAHoleWaitsForWhatIsMissing() {
        come(1, 4, 3);
        assertThat(told.numbers()).containsExactly(1L);
        assertThat(order.missing()).isEqualTo(2);

        come(2);

        assertThat(told.numbers()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(told.gaps).isEmpty();
    }

    @Test
    void keepAliveThatNamesAHigherNumberShowsAHole() {
        come(1);

        order.keepAlive(4, time(9));
        assertThat(order.missing()).isEqualTo(2);
        come(2);
        assertThat(order.missing()).isEqualTo(3);
        order.unavailable();

        assertThat(order.missing()).isNull();
        assertThat(order.expected()).isEqualTo(4);
        assertThat(told.gaps)
                .containsExactly(
                        new Gap(time(2), time(9), "1 message was missed, and the server does not have it any more"));
    }

    // There are servers that repeat the number of the last message.
    @Test
    void keepAliveThatNamesAnEarlierNumberChangesNothing() {
        come(1, 2);

        order.keepAlive(2, time(3));
        come(3);

        assertThat(told.numbers()).containsExactly(1L, 2L, 3L);
        assertThat(order.epoch()).isZero();
        assertThat(told.gaps).isEmpty();
    }

    @Test
    void whatCannotBeHadIsOneGapBeforeTheNextMessage() {
        come(1, 5);

        order.unavailable();

        assertThat(told.numbers()).containsExactly(1L, 5L);
        assertThat(told.gaps)
                .containsExactly(new Gap(
                        time(1), time(5), "3 messages were missed, and the server does not have them any more"));
        assertThat(told.order).containsExactly("message 1", "gap", "message 5");
    }

    @Test
    void whatTheServerStillHasOfAHoleIsAskedFor() {
        come(1, 6);
        order.available(List.of(4L, 6L));

        order.unavailable();
        assertThat(order.missing()).isEqualTo(4);
        come(4);
        order.unavailable();

        assertThat(told.numbers()).containsExactly(1L, 4L, 6L);
        assertThat(told.order).containsExactly("message 1", "gap", "message 4", "gap", "message 6");
    }

    @Test
    void gapBeginsWhereTheServerHadNothingMoreToSay() {
        order.message(message(1, 1), true);
        order.message(message(2, 2), false);
        order.message(message(4, 4), true);

        order.unavailable();

        assertThat(told.gaps)
                .singleElement()
                .satisfies(gap -> assertThat(gap.from()).isEqualTo(time(1)));
    }

    @Test
    void numbersThatBeginAnewAreANewEpochAfterAGap() {
        come(1, 2, 3);

        order.message(message(1, 10), true);
        order.message(message(2, 11), true);

        assertThat(told.gaps)
                .containsExactly(new Gap(time(3), time(10), "the server began to number its messages anew"));
        assertThat(told.messages.stream().map(Message::epoch)).containsExactly(0L, 0L, 0L, 1L, 1L);
        assertThat(told.epochs).isEqualTo(1);
    }

    @Test
    void creationAnewIsANewEpochAfterAGapAndGivesUpWhatIsMissing() {
        come(1, 3);

        order.createdAnew(time(20), "the server was started anew");
        order.message(message(1, 21), true);

        assertThat(told.order).containsExactly("message 1", "gap", "message 3", "gap", "message 1");
        assertThat(told.gaps.get(1)).isEqualTo(new Gap(time(3), time(20), "the server was started anew"));
        assertThat(order.epoch()).isEqualTo(1);
    }

    @Test
    void anyNumberIsTheFirstOfWhatWasTakenOver() {
        MessageOrder taken = new MessageOrder(null, 0, told);

        taken.message(message(17, 1), true);
        taken.message(message(18, 2), true);

        assertThat(told.numbers()).containsExactly(17L, 18L);
        assertThat(told.gaps).isEmpty();
    }

    @Test
    void whatAServerPromisesIsMissing() {
        come(1);

        order.promised(List.of(1L, 2L, 3L));
        assertThat(order.missing()).isEqualTo(2);
        come(2, 3);

        assertThat(order.missing()).isNull();
        assertThat(told.numbers()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void serverThatAlwaysSkipsMakesNothingGrow() {
        for (long number = 2; number <= 20_000; number += 2) {
            order.message(message(number, number), true);
        }

        assertThat(told.messages).hasSizeGreaterThanOrEqualTo(10_000 - MessageOrder.MAX_HELD);
        assertThat(told.gaps).isNotEmpty();
    }

    @Test
    void messagesThatAreLargeAreNotHeldBackForLong() {
        int half = (int) MessageOrder.MAX_HELD_BYTES / 2;
        order.message(message(2, 2, half), true);
        assertThat(told.messages).isEmpty();

        order.message(message(4, 4, half), true);

        assertThat(told.numbers()).containsExactly(2L);
        assertThat(order.missing()).isEqualTo(3);
    }

    // Nothing is asked for one by one that is billions of messages away.
    @Test
    void farJumpIsOneGap() {
        come(1);
        order.message(message(2_000_000_000L, 5), true);

        order.unavailable();

        assertThat(told.numbers()).containsExactly(1L, 2_000_000_000L);
        assertThat(told.gaps).hasSize(1);
    }

    /** Messages are lost, repeated and out of order at random, and the server gives some of them again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyMessageIsToldOnceInOrderOrLiesInAGap(long seed) {
        Random random = new Random(seed);
        long first = random.nextBoolean() ? 1 : LAST - 100;
        MessageOrder shuffled = new MessageOrder(first, 0, told);
        shuffled.toldAllUntil(time(1));
        List<Integer> indexes = new ArrayList<>();
        Set<Integer> kept = new HashSet<>();
        for (int index = 0; index < 1_000; index++) {
            if (random.nextInt(10) < 8) {
                indexes.add(index);
            }
            if (random.nextInt(10) < 6) {
                kept.add(index);
            }
            if (random.nextInt(10) == 0) {
                indexes.add(index);
            }
        }
        for (int from = 0; from + 5 < indexes.size(); from += 5) {
            Collections.shuffle(indexes.subList(from, from + 5), random);
        }

        for (int index : indexes) {
            shuffled.message(message(number(first, index), 2 + index), true);
            if (random.nextInt(4) == 0) {
                answer(shuffled, first, kept);
            }
        }
        answer(shuffled, first, kept);

        List<Integer> toldIndexes = told.messages.stream()
                .map(message -> (int) (message.publishTime().ticks() - 2))
                .toList();
        assertThat(toldIndexes).isSorted().doesNotHaveDuplicates();
        assertThat(shuffled.epoch()).isZero();
        int last = toldIndexes.get(toldIndexes.size() - 1);
        for (int index = 0; index <= last; index++) {
            DateTime time = time(2 + index);
            assertThat(toldIndexes.contains(index)
                            || told.gaps.stream()
                                    .anyMatch(gap -> gap.from().compareTo(time) <= 0
                                            && gap.to().compareTo(time) >= 0))
                    .as("message %s", index)
                    .isTrue();
        }
    }

    private static void answer(MessageOrder asking, long first, Set<Integer> kept) {
        int asked = 0;
        for (Long missing = asking.missing(); missing != null; missing = asking.missing()) {
            assertThat(asked++).isLessThan(2_000);
            int index = (int) Math.floorMod(missing - first, LAST);
            if (kept.contains(index)) {
                asking.message(message(missing, 2 + index), false);
            } else {
                asking.unavailable();
            }
        }
    }

    private static long number(long first, long index) {
        return Math.floorMod(first - 1 + index, LAST) + 1;
    }

    private void come(long... numbers) {
        for (long number : numbers) {
            order.message(message(number, number), true);
        }
    }

    private static DateTime time(long ticks) {
        return new DateTime(ticks);
    }

    private static Message message(long number, long publishTime) {
        return message(number, publishTime, 4);
    }

    private static Message message(long number, long publishTime, int bytes) {
        ExtensionObject data = ExtensionObject.of(
                ByteString.of(new byte[bytes]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new Message(0, number, time(publishTime), false, List.of(data));
    }

    /** What went out. */
    private static final class Recorded implements MessageOrder.Output {
        private final List<Message> messages = new ArrayList<>();
        private final List<Gap> gaps = new ArrayList<>();
        private final List<String> order = new ArrayList<>();
        private int epochs;

        List<Long> numbers() {
            return messages.stream().map(Message::sequenceNumber).toList();
        }

        @Override
        public void message(Message message) {
            messages.add(message);
            order.add("message " + message.sequenceNumber());
        }

        @Override
        public void gap(Gap gap) {
            gaps.add(gap);
            order.add("gap");
        }

        @Override
        public void epochBegan() {
            epochs++;
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HandshakeSlotsTest {
    private final HandshakeSlots slots = new HandshakeSlots(2);

    @Test
    void turnsComeInTheOrderOfAsking() {
        List<HandshakeSlots.Turn> turns =
                IntStream.range(0, 5).mapToObj(i -> slots.enter("plc:4840")).toList();
        assertThat(turns.stream().map(turn -> turn.came().isDone())).containsExactly(true, true, false, false, false);

        turns.get(1).release();
        assertThat(turns.stream().map(turn -> turn.came().isDone())).containsExactly(true, true, true, false, false);

        turns.get(0).release();
        assertThat(turns.stream().map(turn -> turn.came().isDone())).containsExactly(true, true, true, true, false);
    }

    @Test
    void serversDoNotWaitForEachOther() {
        slots.enter("plc:4840");
        slots.enter("plc:4840");

        assertThat(slots.enter("plc:4840").came()).isNotDone();
        assertThat(slots.enter("other:4840").came()).isCompleted();
    }

    @Test
    void slotThatIsGivenBackTwiceIsGivenOnOnce() {
        HandshakeSlots.Turn first = slots.enter("plc:4840");
        slots.enter("plc:4840");
        HandshakeSlots.Turn third = slots.enter("plc:4840");
        HandshakeSlots.Turn fourth = slots.enter("plc:4840");

        first.release();
        first.release();

        assertThat(third.came()).isCompleted();
        assertThat(fourth.came()).isNotDone();
    }

    @Test
    void whoStopsWaitingLosesItsPlaceAndNobodyElseDoes() {
        HandshakeSlots.Turn first = slots.enter("plc:4840");
        slots.enter("plc:4840");
        HandshakeSlots.Turn impatient = slots.enter("plc:4840");
        HandshakeSlots.Turn patient = slots.enter("plc:4840");

        impatient.stopWaiting();
        first.release();

        assertThat(impatient.came())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(CommandException.class)
                .withMessageContaining("plc:4840");
        assertThat(patient.came()).isCompleted();
    }

    @Test
    void slotThatCameIsKeptByWhoWaitsNoLonger() {
        HandshakeSlots.Turn first = slots.enter("plc:4840");
        slots.enter("plc:4840");
        HandshakeSlots.Turn third = slots.enter("plc:4840");

        first.stopWaiting();

        assertThat(third.came()).isNotDone();
    }
}

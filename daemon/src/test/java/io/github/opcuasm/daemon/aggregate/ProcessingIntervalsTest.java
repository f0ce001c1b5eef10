package io.github.opcuasm.daemon.aggregate;

import static io.github.opcuasm.daemon.aggregate.Values.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a time range is cut into. */
final class ProcessingIntervalsTest {
    private static final long SECOND = 10_000_000;

    @ParameterizedTest
    @CsvSource({"0, 1", "100000, 1", "1e300, 1", "99999, 2", "50000, 2", "16000, 7", "0.1, 1000000"})
    void rangeIsCutIntoWholeIntervalsAndWhatIsLeft(double interval, int count) {
        ProcessingIntervals forwards = ProcessingIntervals.of(at(0), at(100), interval);
        ProcessingIntervals backwards = ProcessingIntervals.of(at(100), at(0), interval);

        assertThat(forwards.count()).isEqualTo(count);
        assertThat(forwards.edge(0)).isEqualTo(at(0).ticks());
        assertThat(forwards.edge(count)).isEqualTo(at(100).ticks());
        assertThat(backwards.count()).isEqualTo(count);
        assertThat(backwards.edge(0)).isEqualTo(at(100).ticks());
        assertThat(backwards.edge(count)).isEqualTo(at(0).ticks());
    }

    /** Each edge is rounded on its own: the error of the last is that of the first. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 33.333333333333336, 0.00015, 16.666666666666668, 1.1, 7.77777})
    void fractionsOfMillisecondsDoNotDrift(double interval) {
        double seconds = interval * 10_000.5 / 1_000;
        ProcessingIntervals intervals = ProcessingIntervals.of(at(0), at(seconds), interval);

        assertThat(intervals.count()).isBetween(10_000, 10_001);
        for (int k = 1; k < intervals.count(); k++) {
            BigDecimal exact = BigDecimal.valueOf(interval).multiply(BigDecimal.valueOf(10_000L * k));
            assertThat(intervals.edge(k) - at(0).ticks())
                    .isEqualTo(exact.setScale(0, RoundingMode.HALF_UP).longValueExact());
            assertThat(intervals.edge(k)).isBetween(intervals.edge(k - 1) + 1, intervals.edge(k + 1) - 1);
        }
    }

    /** 100 ms in three: the last of them ends where the range does, and nothing is left of it. */
    @Test
    void whatIsLeftIsNotNothing() {
        ProcessingIntervals thirds = ProcessingIntervals.of(at(0), at(0.1), 33.33333333333333);

        assertThat(thirds.count()).isEqualTo(3);
        assertThat(thirds.edge(2) - at(0).ticks()).isEqualTo(666_667);
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-1", "0.00009", "0.0999"})
    void intervalsThatAreNoneOrTooManyAreRefused(double interval) {
        assertThatThrownBy(() -> ProcessingIntervals.of(at(0), at(100), interval))
                .isInstanceOfSatisfying(CommandException.class, e -> {
                    assertThat(e.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
                    assertThat(e).hasMessageStartingWith("processingInterval: got " + interval);
                });
    }

    @Test
    void tooManySaysWhatWouldDo() {
        assertThatThrownBy(() -> ProcessingIntervals.of(at(0), at(3_600), 1))
                .hasMessage("processingInterval: got 1.0, expected at most 1000000 intervals, which is at least 3.6 ms"
                        + " from startTime to endTime");
        assertThat(ProcessingIntervals.of(at(0), at(3_600), 3.6).count()).isEqualTo(1_000_000);
    }

    @Test
    void timesThatAreNoneOrTheSameAreRefused() {
        assertThatThrownBy(() -> ProcessingIntervals.of(at(1), at(1), 0)).hasMessageStartingWith("endTime: got ");
        assertThatThrownBy(() -> ProcessingIntervals.of(DateTime.NULL, at(1), 0))
                .hasMessageStartingWith("startTime: got no time");
        assertThatThrownBy(() -> ProcessingIntervals.of(at(1), DateTime.NULL, 0))
                .hasMessageStartingWith("endTime: got no time");
    }

    @Test
    void wholeSecondsAreWholeSeconds() {
        ProcessingIntervals intervals = ProcessingIntervals.of(at(10), at(0), 3_000);

        assertThat(intervals.count()).isEqualTo(4);
        assertThat(intervals.edge(3)).isEqualTo(at(10).ticks() - 9 * SECOND);
    }
}

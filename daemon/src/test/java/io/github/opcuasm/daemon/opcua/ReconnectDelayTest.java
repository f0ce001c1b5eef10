package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReconnectDelayTest {
    @ParameterizedTest
    @CsvSource({"0, 250", "1, 500", "2, 1000", "3, 2000", "4, 2000", "63, 2000", "64, 2000", "2147483647, 2000"})
    void spreadsOverABoundThatDoublesUpToTwoSeconds(int failedAttempts, long boundMs) {
        Random random = new Random(42);

        LongSummaryStatistics delays = LongStream.range(0, 4_000)
                .map(i -> ReconnectDelay.before(failedAttempts, random).toMillis())
                .summaryStatistics();

        // Full jitter: anything from nothing to the bound, evenly.
        assertThat(delays.getMin()).isBetween(0L, boundMs / 50);
        assertThat(delays.getMax()).isBetween(boundMs - boundMs / 50, boundMs);
        assertThat(delays.getAverage()).isBetween(boundMs * 0.45, boundMs * 0.55);
    }

    @ParameterizedTest
    @CsvSource({"0", "5"})
    void comesFromTheGivenRandomness(int failedAttempts) {
        Duration one = ReconnectDelay.before(failedAttempts, new Random(7));
        Duration other = ReconnectDelay.before(failedAttempts, new Random(7));

        assertThat(one).isEqualTo(other);
    }

    /** A server locks out whoever comes with a wrong password too often. */
    @ParameterizedTest
    @CsvSource({"1, 2000", "2, 4000", "5, 32000", "6, 60000", "64, 60000", "2147483647, 60000"})
    void growsToAMinuteAfterRefusalsAndIsNeverShort(int failedAttempts, long boundMs) {
        Random random = new Random(42);

        LongSummaryStatistics delays = LongStream.range(0, 4_000)
                .map(i -> ReconnectDelay.afterRefusal(failedAttempts, random).toMillis())
                .summaryStatistics();

        assertThat(delays.getMin()).isBetween(boundMs / 2, boundMs / 2 + boundMs / 50);
        assertThat(delays.getMax()).isBetween(boundMs - boundMs / 50, boundMs);
    }
}

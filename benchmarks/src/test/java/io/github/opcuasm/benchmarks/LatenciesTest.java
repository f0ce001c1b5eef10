package io.github.opcuasm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

final class LatenciesTest {
    @Test
    void aQuantileIsTheSmallestDurationThatCoversItsShare() {
        Latencies latencies = new Latencies();
        for (long nanos = 1; nanos <= 100; nanos++) {
            latencies.record(nanos);
        }

        assertThat(latencies.quantile(0.5)).isEqualTo(50);
        assertThat(latencies.quantile(0.99)).isEqualTo(99);
        assertThat(latencies.quantile(1)).isEqualTo(100);
        assertThat(latencies.quantile(1e-9)).isEqualTo(1);
    }

    @Test
    void longDurationsComeBackAtMostOnePercentTooHigh() {
        for (long nanos = 1; nanos < 1L << 39; nanos += 1 + nanos / 7) {
            Latencies latencies = new Latencies();

            latencies.record(nanos);

            assertThat(latencies.quantile(1)).isBetween(nanos, nanos + nanos / 100);
        }
    }

    @Test
    void durationsOutsideTheRangeCountAsItsEnds() {
        Latencies latencies = new Latencies();

        latencies.record(-5);
        latencies.record(Long.MAX_VALUE);

        assertThat(latencies.count()).isEqualTo(2);
        assertThat(latencies.quantile(0.5)).isZero();
        assertThat(latencies.quantile(1)).isBetween(1L << 40, (1L << 40) + (1L << 34));
    }

    @Test
    void whatTwoThreadsRecordedIsAddedUp() {
        Latencies one = new Latencies();
        one.record(10);
        Latencies other = new Latencies();
        other.record(20);

        one.add(other);

        assertThat(one.count()).isEqualTo(2);
        assertThat(one.quantile(1)).isEqualTo(20);
    }

    @Test
    void nothingRecordedHasNoQuantile() {
        Latencies latencies = new Latencies();

        assertThatIllegalStateException().isThrownBy(() -> latencies.quantile(0.5));
    }
}

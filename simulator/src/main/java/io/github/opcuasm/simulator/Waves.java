package io.github.opcuasm.simulator;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/**
 * The values of the Dynamic folder, each a pure function of the time since the simulator was built. A tick is the
 * step of the counter and of the random numbers; the waves move with every nanosecond.
 */
final class Waves {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private final LongSupplier ticker;
    private final long start;
    private final long tick;
    private final long period;
    private final long seed;

    /** Takes the present as time 0. */
    Waves(LongSupplier ticker, Duration tick, Duration period, long seed) {
        this.ticker = ticker;
        this.start = ticker.getAsLong();
        this.tick = tick.toNanos();
        this.period = period.toNanos();
        this.seed = seed;
    }

    /** Full ticks since the start, modulo 2^32. */
    UInteger counter() {
        return UInteger.valueOf(ticks() & UInteger.MAX_VALUE);
    }

    /** From -1 to 1, rising through 0 at the start of each period. */
    double sine() {
        return Math.sin(2 * Math.PI * phase());
    }

    /** Rises from 0 towards 1 in each period. */
    double sawtooth() {
        return phase();
    }

    /** A number of [0, 1) for each tick: SplitMix64 of the seed at the tick's place. */
    double random() {
        long z = seed + (ticks() + 1) * GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 11) * UNIT;
    }

    private double phase() {
        return (double) Math.floorMod(elapsed(), period) / period;
    }

    private long ticks() {
        return Math.floorDiv(elapsed(), tick);
    }

    private long elapsed() {
        return ticker.getAsLong() - start;
    }
}

package io.github.opcuasm.daemon.ipc;

import static java.util.Objects.requireNonNull;

import io.github.opcuasm.daemon.LatencyHistogram;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the listeners did since they started. Counted on the event loops, read from anywhere. */
public final class IpcCounters {
    final LongAdder open = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder frames = new LongAdder();
    final LongAdder answers = new LongAdder();
    final LongAdder events = new LongAdder();
    final LongAdder discarded = new LongAdder();
    final LongAdder overloaded = new LongAdder();
    final LongAdder streams = new LongAdder();

    /** One for each type, made beforehand. */
    private final Map<ErrorType, LongAdder> errors = Arrays.stream(ErrorType.values())
            .collect(Collectors.toMap(
                    Function.identity(), type -> new LongAdder(), (a, b) -> a, () -> new EnumMap<>(ErrorType.class)));

    private final LatencyHistogram latency = new LatencyHistogram();
    private final Ticker ticker;
    private volatile long startedAt;

    /** Of listeners that start now, until they {@link #started}. */
    public IpcCounters(Ticker ticker) {
        this.ticker = ticker;
        this.startedAt = ticker.read();
    }

    void started() {
        startedAt = ticker.read();
    }

    /** One more request has its answer, so long after its frame was complete. */
    void answered(long nanos) {
        latency.record(nanos);
    }

    /** One more answer of this type. */
    void failed(ErrorType type) {
        requireNonNull(errors.get(type)).increment();
        if (type == ErrorType.OVERLOADED) {
            overloaded.increment();
        }
    }

    /**
     * The numbers at one moment (each by itself exact, together not a consistent cut).
     *
     * @param open connections now, those that only wait for their end included
     * @param accepted connections since the start, whatever became of them
     * @param refused answered with {@code too_many_connections}
     * @param timedOut no first frame, idle, or a peer that did not read
     * @param dropped silent connections given up for a newcomer
     * @param frames complete frames, malformed ones included
     * @param answers encoded to their end
     * @param events of streams, encoded to their end
     * @param discarded answers whose peer was gone
     * @param overloaded answers of type {@code overloaded}
     * @param streams that run now
     */
    public record Snapshot(
            long open,
            long accepted,
            long refused,
            long timedOut,
            long dropped,
            long frames,
            long answers,
            long events,
            long discarded,
            long overloaded,
            long streams) {}

    public Snapshot snapshot() {
        return new Snapshot(
                open.sum(),
                accepted.sum(),
                refused.sum(),
                timedOut.sum(),
                dropped.sum(),
                frames.sum(),
                answers.sum(),
                events.sum(),
                discarded.sum(),
                overloaded.sum(),
                streams.sum());
    }

    /** How many answers there were of each type of error; none of a type that did not occur. */
    public Map<ErrorType, Long> errors() {
        Map<ErrorType, Long> counts = new EnumMap<>(ErrorType.class);
        errors.forEach((type, adder) -> {
            long count = adder.sum();
            if (count > 0) {
                counts.put(type, count);
            }
        });
        return counts;
    }

    /** From the moment when a request's frame was complete until its answer was there to be written. */
    public LatencyHistogram.Snapshot latency() {
        return latency.snapshot();
    }

    /** Since the listeners started. */
    public Duration uptime() {
        return Duration.ofNanos(ticker.read() - startedAt);
    }
}

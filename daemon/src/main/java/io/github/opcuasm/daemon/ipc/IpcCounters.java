package io.github.opcuasm.daemon.ipc;

import java.util.concurrent.atomic.LongAdder;

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

    IpcCounters() {}

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
            long overloaded) {}

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
                overloaded.sum());
    }
}

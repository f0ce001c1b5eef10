package io.github.opcuasm.daemon.ipc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much heap and buffer the answers keep that peers have not read yet, over all connections. Connections report in
 * steps, so small answers that go out at once never touch it; what is missing is at most a step for each connection.
 */
final class UndeliveredAnswers {
    private final AtomicLong bytes = new AtomicLong();
    private final long limit;

    UndeliveredAnswers(long limit) {
        this.limit = limit;
    }

    void add(long delta) {
        bytes.addAndGet(delta);
    }

    long bytes() {
        return bytes.get();
    }

    /**
     * Whether one more answer may wait. A large one that the limit could never hold may, while next to nothing else
     * waits: else it could not be had at all.
     *
     * @param weight bytes that it keeps
     */
    boolean hasRoomFor(long weight) {
        long waiting = bytes.get();
        return waiting + weight <= limit || waiting <= limit / 8;
    }

    boolean isAboveLimit() {
        return bytes.get() > limit;
    }
}

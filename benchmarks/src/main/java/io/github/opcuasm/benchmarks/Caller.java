package io.github.opcuasm.benchmarks;

import java.io.IOException;

/** One client of a workload: makes a call, waits for its answer, makes the next. Used by one thread. */
interface Caller extends AutoCloseable {
    /** One call, from its start to its whole answer; throws if the answer is not the one expected. */
    void call() throws Exception;

    @Override
    void close() throws IOException;
}

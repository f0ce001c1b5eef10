package io.github.opcuasm.clients;

/**
 * Somebody who reads the simulator's {@code Produced} variables from a stream and counts what is missing: each of them
 * rises by one, and the reader ends when all have reached a round that is set when it starts. Its client handles are the
 * numbers of the variables.
 */
interface StreamReader extends AutoCloseable {
    /**
     * What was read.
     *
     * @param lost values that are missing between others
     * @param interruptions events that told of values that were dropped or may be missing
     */
    record Tally(long changes, long lost, long interruptions) {}

    /** Returns when every variable is monitored; within a minute. */
    void awaitReady() throws Exception;

    /** Returns when every variable has reached the round; within a time that the reader sets. */
    Tally await() throws Exception;

    /** Ends it if it still reads. */
    @Override
    void close();
}

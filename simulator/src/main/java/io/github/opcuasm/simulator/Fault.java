package io.github.opcuasm.simulator;

/**
 * A fault that is in force from the moment it is returned until it is closed. Closing undoes it at once, lets
 * everything go on that it held, and may be repeated.
 */
public interface Fault extends AutoCloseable {
    /** Requests or answers that this fault holds now; 0 for faults that hold nothing. */
    default int held() {
        return 0;
    }

    @Override
    void close();
}

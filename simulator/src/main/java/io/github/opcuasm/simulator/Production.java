package io.github.opcuasm.simulator;

/** Values that are produced from the moment it is returned until it is closed. */
public interface Production extends AutoCloseable {
    /** Ends it and returns when the last value is queued. May be repeated. */
    @Override
    void close();
}

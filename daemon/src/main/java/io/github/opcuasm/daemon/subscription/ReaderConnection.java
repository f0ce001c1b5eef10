package io.github.opcuasm.daemon.subscription;

/** A connection that is kept and reads on: what was given on it is given again when it ends. Safe from any thread. */
public interface ReaderConnection {
    /** Names it, over the daemon's life. */
    long id();

    /** Runs {@code action} once when it ends; at once if it has. */
    void onEnd(Runnable action);
}

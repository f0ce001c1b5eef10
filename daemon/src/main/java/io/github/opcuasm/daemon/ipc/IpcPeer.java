package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.json.JsonStyle;
import java.time.Duration;

/** One IPC connection, as the commands see it. The setters are called on its event loop only. */
public interface IpcPeer {
    /** Counts up from 1 over the daemon's life; names the connection in the log and orders queues fairly. */
    long connectionId();

    /**
     * Runs {@code action} after {@code delay} on the event loop that the connection lives on.
     *
     * @return cancels it
     */
    Runnable schedule(Runnable action, Duration delay);

    /** Whether a token was accepted by {@code hello} on this connection. */
    boolean isAuthenticated();

    void setAuthenticated();

    /** How values are written to this peer from the next response on; protocol 2 only. */
    void setStyle(JsonStyle style);

    /** Whether undelivered answers of all connections together exceed the daemon's bound: work is then refused. */
    boolean isDaemonOverloaded();
}

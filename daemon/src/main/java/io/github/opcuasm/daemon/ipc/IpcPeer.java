package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.json.JsonStyle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One IPC connection, as the commands see it. The setters are called on its event loop only. */
public interface IpcPeer {
    /** Counts up from 1 over the daemon's life; names the connection in the log and orders queues fairly. */
    long connectionId();

    /**
     * Runs {@code action} after {@code delay} on the event loop that the connection lives on; what has no delay, in the
     * order in which it was handed over, from whatever thread.
     *
     * @return cancels it
     */
    Runnable schedule(Runnable action, Duration delay);

    /** The user of the process at the other end of a Unix socket; null over TCP and where the system does not tell. */
    @Nullable
    String user();

    /** The primary group of that process; null as {@link #user}. */
    @Nullable
    String group();

    /**
     * Whether the system should have told whose process it is, and has not in time: {@link #user} and {@link #group} are null
     * then. It may still tell, between two requests.
     */
    boolean isUnidentified();

    /** What {@link #setRecognised} was given; only who gave it looks inside. */
    @Nullable
    Object recognised();

    /** Keeps what was found out about the peer, for as long as the connection lasts. */
    void setRecognised(Object found);

    /** Whether it came on the socket whose peers may only read. */
    boolean isReadOnly();

    /** What {@link #setCredential} was given; only who gave it looks inside. */
    @Nullable
    Object credential();

    /** Keeps what was shown by {@code hello}, for as long as the connection lasts. */
    void setCredential(Object credential);

    /** Takes no further frame: what is answered yet is all that will be. */
    void takeNoMore();

    /** How values are written to this peer from the next response on; protocol 2 only. */
    void setStyle(JsonStyle style);

    /**
     * Ends the stream that the request of this id began, with an {@code End} event; on the connection's event loop.
     *
     * @param error that the event tells; null if the peer wanted the end
     * @return false if there is none
     */
    boolean endStream(RequestId id, @Nullable CommandException error);

    /** Whether a stream of this id runs on the connection; on the connection's event loop. */
    boolean hasStream(RequestId id);

    /**
     * Cancels the request of this id that is under way on the connection: it is answered with {@code cancelled}, and what has
     * not left the daemon is not sent any more. On the connection's event loop.
     *
     * @return whether it was; false if none is under way, or its answer was already on its way. Completes after that answer
     *     was given, on any thread, never exceptionally
     */
    CompletableFuture<Boolean> cancel(RequestId id);

    /** Whether undelivered answers of all connections together exceed the daemon's bound: work is then refused. */
    boolean isDaemonOverloaded();

    /** Runs {@code action} once, on the connection's event loop, when it ends; at once if it has. From any thread. */
    void onEnd(Runnable action);
}

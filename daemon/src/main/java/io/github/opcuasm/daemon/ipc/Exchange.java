package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Response;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** One request under way and the way back to its peer. Safe to use from any thread. */
public interface Exchange {
    /** The connection that the request came on. */
    IpcPeer peer();

    /** When the frame was complete, in the daemon's ticker's nanoseconds: deadlines count from here. */
    long receivedAt();

    /**
     * Answers. The first call counts, later ones are ignored; an answer for a peer that is gone is dropped. Errors
     * whose type says so end the connection after they were written.
     *
     * @return whether this is the answer; false if it was dropped
     */
    boolean respond(Response response);

    /**
     * Says that a stream shall follow the answer. While it runs, the exchange is not under way any more, but its id is
     * still taken, and the connection is not idle. To be called on the connection's event loop, before anything is created
     * for the stream.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code invalid_argument} in protocol 1, whose connections end with
     *     their answer; {@code overloaded} if the connection has too many streams
     */
    void willStream();

    /**
     * Answers, as {@link #respond} does, and goes on with the events of {@code source}, which is told at once if the answer
     * is not wanted any more. Only after {@link #willStream}.
     */
    EventStream stream(Response.Success first, EventSource source);

    /** Says that carrying out the request may change the plant: should the daemon have to end first, its peer is told. */
    void changesPlant();

    /** Says that the answer cannot be had again: it must not be dropped for want of room. */
    void answeredOnlyOnce();

    /** Whether an answer is no longer wanted: it was given, the request was cancelled, or the peer is gone. */
    boolean isDone();

    /**
     * Runs {@code action} once, on the connection's event loop, if the peer goes away or cancels the request before it was
     * answered; at once if that already happened.
     */
    void onAbandoned(Runnable action);

    /**
     * How a request that {@link #changesPlant} is withdrawn when its peer cancels it: {@code action} sees to it that nothing
     * more is sent, and tells whether something may have been. Without this, it counts as not sent. Called on the
     * connection's event loop; what it returns never fails.
     */
    void withdrawnBy(Supplier<CompletableFuture<Outcome>> action);
}

package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.Response;

/** One request under way and the way back to its peer. Safe to use from any thread. */
public interface Exchange {
    /** The connection that the request came on. */
    IpcPeer peer();

    /** When the frame was complete, in the daemon's ticker's nanoseconds: deadlines count from here. */
    long receivedAt();

    /**
     * Answers. The first call counts, later ones are ignored; an answer for a peer that is gone is dropped. Errors
     * whose type says so end the connection after they were written.
     */
    void respond(Response response);

    /** Says that carrying out the request may change the plant: should the daemon have to end first, its peer is told. */
    void changesPlant();

    /** Says that the answer cannot be had again: it must not be dropped for want of room. */
    void answeredOnlyOnce();

    /** Whether an answer is no longer wanted: it was given, or the peer is gone. */
    boolean isDone();

    /**
     * Runs {@code action} once, on the connection's event loop, if the peer goes away before it was answered; at once
     * if that already happened.
     */
    void onAbandoned(Runnable action);
}

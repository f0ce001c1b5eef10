package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import org.jspecify.annotations.Nullable;

/**
 * One request between its frame and its answer. Pending, then either answered or abandoned, once; the monitor of this
 * object guards the change, nothing foreign runs under it.
 */
final class PendingExchange implements Exchange {
    private enum State {
        PENDING,
        ANSWERED,
        ABANDONED
    }

    private final IpcConnection connection;
    private final @Nullable RequestId id;
    private final long receivedAt;
    private State state = State.PENDING;
    private volatile boolean changesPlant;
    private volatile boolean onlyOnce;
    private boolean streaming;
    private @Nullable Runnable onAbandoned;

    PendingExchange(IpcConnection connection, @Nullable RequestId id, long receivedAt) {
        this.connection = connection;
        this.id = id;
        this.receivedAt = receivedAt;
    }

    /** Null for protocol 1. */
    @Nullable
    RequestId id() {
        return id;
    }

    @Override
    public IpcPeer peer() {
        return connection;
    }

    @Override
    public long receivedAt() {
        return receivedAt;
    }

    @Override
    public void respond(Response response) {
        if (answer()) {
            connection.execute(() -> connection.answered(this, response, null));
        }
    }

    @Override
    public void willStream() {
        if (id == null) {
            throw CommandException.invalidArgument(
                    "id", "nothing", "an id: events need a connection that is kept, which is protocol 2");
        }
        if (!streaming) {
            connection.reserveStream();
            streaming = true;
        }
    }

    /** Whether a place for a stream is reserved; on the event loop. */
    boolean willBeStream() {
        return streaming;
    }

    @Override
    public EventStream stream(Response.Success first, EventSource source) {
        RequestId own = id;
        if (own == null || !streaming) {
            throw new IllegalStateException("willStream was not called");
        }
        OutboundStream stream = new OutboundStream(connection, own, source);
        if (answer()) {
            connection.execute(() -> connection.answered(this, first, stream));
        } else {
            connection.execute(stream::end);
        }
        return stream;
    }

    private synchronized boolean answer() {
        if (state != State.PENDING) {
            return false;
        }
        state = State.ANSWERED;
        onAbandoned = null;
        return true;
    }

    @Override
    public void changesPlant() {
        changesPlant = true;
    }

    @Override
    public void answeredOnlyOnce() {
        onlyOnce = true;
    }

    boolean mustBeTold() {
        return changesPlant || onlyOnce;
    }

    /** The daemon ends before there is an answer. */
    void refuse() {
        respond(new Response.Failure(shuttingDown(changesPlant ? Outcome.UNKNOWN : null)));
    }

    static CommandException shuttingDown(@Nullable Outcome outcome) {
        return new CommandException(ErrorType.SHUTTING_DOWN, "The daemon is shutting down", null, outcome, null);
    }

    @Override
    public synchronized boolean isDone() {
        return state != State.PENDING;
    }

    @Override
    public void onAbandoned(Runnable action) {
        synchronized (this) {
            if (state == State.ANSWERED) {
                return;
            }
            if (state == State.PENDING) {
                Runnable earlier = onAbandoned;
                onAbandoned = earlier == null
                        ? action
                        : () -> {
                            earlier.run();
                            action.run();
                        };
                return;
            }
        }
        connection.execute(() -> connection.runForeign(action));
    }

    /** The peer is gone; on its event loop. */
    void abandon() {
        Runnable action;
        synchronized (this) {
            if (state != State.PENDING) {
                return;
            }
            state = State.ABANDONED;
            action = onAbandoned;
            onAbandoned = null;
        }
        if (action != null) {
            connection.runForeign(action);
        }
    }
}

package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request between its frame and its answer. Pending, then answered, cancelled (which is an answer too) or abandoned,
 * once; the monitor of this object guards the change, nothing foreign runs under it.
 *
 * <p>A cancellation has to find out first whether a change of the plant has left the daemon. What comes meanwhile from the
 * plant wins; what only says that the request was dropped does not, since the cancellation knows more.
 */
final class PendingExchange implements Exchange {
    private enum State {
        PENDING,
        ANSWERED,
        CANCELLED,
        ABANDONED
    }

    private final IpcConnection connection;
    private final @Nullable RequestId id;
    private final long receivedAt;
    private State state = State.PENDING;
    private volatile boolean changesPlant;
    private volatile boolean onlyOnce;
    private boolean streaming;
    private boolean cancelling;
    private @Nullable Runnable onAbandoned;
    private @Nullable Supplier<CompletableFuture<Outcome>> withdrawal;

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
    public boolean respond(Response response) {
        boolean taken = answer(response);
        if (taken) {
            connection.execute(() -> connection.answered(this, response, null));
        }
        return taken;
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
        if (answer(first)) {
            connection.execute(() -> connection.answered(this, first, stream));
        } else {
            connection.execute(stream::end);
        }
        return stream;
    }

    private synchronized boolean answer(Response response) {
        boolean tellsOfCancelling = cancelling
                && response instanceof Response.Failure failure
                && failure.error().type() == ErrorType.CANCELLED;
        if (state != State.PENDING || tellsOfCancelling) {
            return false;
        }
        state = State.ANSWERED;
        onAbandoned = null;
        withdrawal = null;
        return true;
    }

    /**
     * Answers with {@code cancelled}, and drops what was not sent yet; on the event loop.
     *
     * @return whether it did: false if another answer came first. Completes after the exchange is answered
     */
    CompletableFuture<Boolean> cancel() {
        Supplier<CompletableFuture<Outcome>> withdraw;
        synchronized (this) {
            if (state != State.PENDING) {
                return CompletableFuture.completedFuture(false);
            }
            cancelling = true;
            withdraw = withdrawal;
        }
        if (!changesPlant) {
            return CompletableFuture.completedFuture(cancelled(null));
        }
        return withdraw == null
                ? CompletableFuture.completedFuture(cancelled(Outcome.NOT_SENT))
                : withdraw.get().thenApply(this::cancelled);
    }

    private boolean cancelled(@Nullable Outcome outcome) {
        Runnable action;
        synchronized (this) {
            if (state != State.PENDING) {
                return false;
            }
            state = State.CANCELLED;
            action = onAbandoned;
            onAbandoned = null;
            withdrawal = null;
        }
        String effect = outcome == null
                ? ""
                : outcome == Outcome.NOT_SENT ? ": nothing of it was sent" : ": it may have been carried out";
        Response answer = new Response.Failure(
                new CommandException(ErrorType.CANCELLED, "Cancelled by its peer" + effect, null, outcome, null));
        connection.execute(() -> {
            connection.answered(this, answer, null);
            if (action != null) {
                connection.runForeign(action);
            }
        });
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
    public synchronized void withdrawnBy(Supplier<CompletableFuture<Outcome>> action) {
        if (state == State.PENDING) {
            withdrawal = action;
        }
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
            withdrawal = null;
        }
        if (action != null) {
            connection.runForeign(action);
        }
    }
}

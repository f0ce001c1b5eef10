package io.github.opcuasm.daemon.opcua;

import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.jspecify.annotations.Nullable;

/** A {@link ServiceCall} on its way through a session. Confined to the session's event loop, but for its future. */
final class PendingRequest<T extends UaResponseMessageType> {
    private final ServiceCall<T> call;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private int retriesLeft;
    private @Nullable Future<?> deadlineTimer;

    /** The channel and the request id on it while it is under way; null and 0 while it waits. */
    private @Nullable UascChannel channel;

    private long requestId;

    PendingRequest(ServiceCall<T> call) {
        this.call = call;
        this.retriesLeft = call.changesPlant() ? 0 : call.retries();
    }

    ServiceCall<T> call() {
        return call;
    }

    CompletableFuture<T> future() {
        return future;
    }

    void sentOn(UascChannel to, long id) {
        channel = to;
        requestId = id;
    }

    /** Nobody waits for its answer any more; a channel on which its bytes are stuck is closed. */
    void forsake() {
        UascChannel sentOn = channel;
        if (sentOn != null) {
            sentOn.forget(requestId);
            if (sentOn.isStuck(requestId)) {
                sentOn.abort(
                        new UaException(StatusCodes.Bad_Timeout, "a request's deadline passed before it had left"));
            }
        }
    }

    /** Back to waiting, if it may be repeated. */
    boolean takeRetry() {
        channel = null;
        requestId = 0;
        if (retriesLeft == 0) {
            return false;
        }
        retriesLeft--;
        return true;
    }

    void armDeadline(Future<?> timer) {
        deadlineTimer = timer;
    }

    void complete(UaResponseMessageType response) {
        disarm();
        if (call.responseType().isInstance(response)) {
            future.complete(call.responseType().cast(response));
        } else {
            future.completeExceptionally(OpcUaErrors.unexpectedResponse(call, response));
        }
    }

    void fail(Throwable cause) {
        disarm();
        future.completeExceptionally(cause);
    }

    private void disarm() {
        Future<?> timer = deadlineTimer;
        if (timer != null) {
            timer.cancel(false);
            deadlineTimer = null;
        }
    }
}

package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Lets the operations on one open file go on one after the other, in the order of their arrival. They share its position:
 * a long read or write takes several calls, and a text read may set the position back, so that others in between would get
 * or overwrite bytes that are not theirs.
 *
 * <p>At most {@value #MAX_WAITING} wait, each until its own deadline. Its monitor guards it; nothing foreign runs under it.
 */
final class FileTurns {
    static final int MAX_WAITING = 100;

    private final Deque<Turn<?>> waiting = new ArrayDeque<>(1);
    private boolean busy;

    /**
     * Runs {@code operation} when its turn comes: at once if nobody is before it.
     *
     * @throws CommandException {@code overloaded} if too many wait
     */
    <T extends @Nullable Object> CompletableFuture<T> take(
            CallContext context, FileOperation operation, Supplier<CompletableFuture<T>> action) {
        Turn<T> turn = new Turn<>(action);
        synchronized (this) {
            if (!busy) {
                busy = true;
            } else if (waiting.size() < MAX_WAITING) {
                waiting.addLast(turn);
                turn.waits = true;
            } else {
                throw new CommandException(
                        ErrorType.OVERLOADED,
                        operation.text() + ": not sent, " + MAX_WAITING
                                + " others wait for this open file; try again later");
            }
        }
        if (turn.waits) {
            turn.endBy(context, operation);
        } else {
            turn.run();
        }
        return turn.result;
    }

    private void next() {
        Turn<?> turn;
        synchronized (this) {
            turn = waiting.pollFirst();
            busy = turn != null;
        }
        if (turn != null) {
            turn.run();
        }
    }

    private final class Turn<T extends @Nullable Object> {
        private final Supplier<CompletableFuture<T>> action;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private boolean waits;

        Turn(Supplier<CompletableFuture<T>> action) {
            this.action = action;
        }

        void endBy(CallContext context, FileOperation operation) {
            Runnable cancelTimer = context.session()
                    .schedule(
                            () -> result.completeExceptionally(new CommandException(
                                    ErrorType.CONNECTION,
                                    operation.text() + ": timed out before it was sent, others used this open file",
                                    StatusCodes.Bad_Timeout,
                                    null,
                                    null)),
                            context.left());
            result.whenComplete((done, failure) -> cancelTimer.run());
        }

        void run() {
            if (result.isDone()) {
                next();
                return;
            }
            CompletableFuture<T> running;
            try {
                running = action.get();
            } catch (RuntimeException e) {
                running = CompletableFuture.failedFuture(e);
            }
            running.whenComplete((done, failure) -> {
                if (failure == null) {
                    result.complete(done);
                } else {
                    result.completeExceptionally(OpcUaErrors.unwrap(failure));
                }
                next();
            });
        }
    }
}

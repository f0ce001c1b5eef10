package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
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
 * <p>At most {@value #MAX_WAITING} wait, each until its own deadline, or until nobody wants it any more. What waits was not
 * sent. A turn leaves the queue once, under the monitor: to run, and from then on only its own calls decide how it ends, or
 * to fail. The monitor guards the queue; nothing foreign runs under it.
 */
final class FileTurns {
    static final int MAX_WAITING = 100;

    private final Deque<Turn<?>> waiting = new ArrayDeque<>(1);
    private boolean busy;

    /**
     * Runs {@code action} when its turn comes: at once if nobody is before it.
     *
     * @param unsent the outcome of what fails while it waits; null for what has none
     * @throws CommandException {@code overloaded} if too many wait
     */
    <T extends @Nullable Object> CompletableFuture<T> take(
            CallContext context,
            FileOperation operation,
            @Nullable Outcome unsent,
            Supplier<CompletableFuture<T>> action) {
        Turn<T> turn;
        boolean waits;
        synchronized (this) {
            waits = busy;
            if (waits && waiting.size() == MAX_WAITING) {
                throw new CommandException(
                        ErrorType.OVERLOADED,
                        operation.text() + ": not sent, " + MAX_WAITING
                                + " others wait for this open file; try again later");
            }
            busy = true;
            turn = new Turn<>(waits ? after(context, action) : action);
            if (waits) {
                waiting.addLast(turn);
            }
        }
        if (waits) {
            turn.endBy(context, operation, unsent);
        } else {
            turn.run();
        }
        return turn.result;
    }

    /** Who had to wait has the server's time from now on. */
    private static <T> Supplier<T> after(CallContext context, Supplier<T> action) {
        return () -> {
            context.waitedForOthers();
            return action.get();
        };
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

    private synchronized boolean leave(Turn<?> turn) {
        return waiting.remove(turn);
    }

    private final class Turn<T extends @Nullable Object> {
        private final Supplier<CompletableFuture<T>> action;
        private final CompletableFuture<T> result = new CompletableFuture<>();

        Turn(Supplier<CompletableFuture<T>> action) {
            this.action = action;
        }

        /** It may have begun already, and ended. */
        void endBy(CallContext context, FileOperation operation, @Nullable Outcome unsent) {
            Runnable cancelTimer = context.session()
                    .schedule(
                            () -> fail(new CommandException(
                                    ErrorType.CONNECTION,
                                    operation.text() + ": timed out before it was sent, others used this open file",
                                    StatusCodes.Bad_Timeout,
                                    unsent,
                                    null)),
                            context.left());
            result.whenComplete((done, failure) -> cancelTimer.run());
            context.onAbandoned(() -> fail(
                    new CommandException(ErrorType.CANCELLED, "Cancelled before it was sent", null, unsent, null)));
        }

        private void fail(CommandException failure) {
            if (leave(this)) {
                result.completeExceptionally(failure);
            }
        }

        void run() {
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

package io.github.opcuasm.simulator;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;

/**
 * The one thread on which calls of file methods touch the disk, in the order in which they came: neither the network
 * nor other services wait for a slow disk, and what the calls share needs no locks. {@link #MAX_WAITING} calls may
 * wait; more are answered with Bad_ResourceUnavailable.
 */
final class FileThread implements AutoCloseable {
    static final int MAX_WAITING = 1_000;

    private static final int PATIENCE_SECONDS = 5;

    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("simulator-files", true));

    /** Something that touches the disk. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws UaException;
    }

    <T> CompletableFuture<T> call(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (executor.getQueue().size() >= MAX_WAITING) {
            result.completeExceptionally(new UaException(StatusCodes.Bad_ResourceUnavailable));
            return result;
        }
        try {
            executor.execute(() -> {
                try {
                    result.complete(task.run());
                } catch (UaException | RuntimeException e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new UaException(StatusCodes.Bad_Shutdown, e));
        }
        return result;
    }

    /** Does something later, however many calls wait; of what is done for sessions there is as much as sessions. */
    void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The server ends, and all files with it.
            return;
        }
    }

    /** Ends the thread when what waits is done, or in a few seconds if that takes longer. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

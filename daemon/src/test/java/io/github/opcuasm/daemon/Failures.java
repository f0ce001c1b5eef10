package io.github.opcuasm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.opcuasm.protocol.CommandException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for futures, with a bound that only a defect reaches. */
public final class Failures {
    private static final int PATIENCE_SECONDS = 30;

    private Failures() {}

    /** What the future completes with. */
    public static <T> T resultOf(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The error that the future completes with. */
    public static CommandException failureOf(CompletableFuture<?> future) {
        Throwable thrown = catchThrowable(() -> resultOf(future));
        assertThat(thrown).isNotNull().isNotInstanceOf(TimeoutException.class);
        Throwable cause = thrown;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        assertThat(cause).isInstanceOf(CommandException.class);
        return (CommandException) cause;
    }
}

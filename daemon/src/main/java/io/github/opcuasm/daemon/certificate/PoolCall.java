package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A piece of file or RSA work done on the pool, with an answer in every case: whatever goes wrong arrives as a
 * {@link CommandException} whose message tells neither paths nor secrets.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
interface PoolCall<T extends @Nullable Object> {
    @Nullable
    T call() throws IOException, GeneralSecurityException;

    /**
     * Does it on the pool.
     *
     * @param what is being done, to begin a message with
     */
    static <T extends @Nullable Object> CompletableFuture<T> on(Executor pool, String what, PoolCall<T> call) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            pool.execute(() -> {
                try {
                    done.complete(call.call());
                } catch (CommandException e) {
                    done.completeExceptionally(e);
                } catch (IOException | GeneralSecurityException e) {
                    done.completeExceptionally(failed(what, e));
                } catch (RuntimeException | Error e) {
                    Defects.LOG.error("{} failed unexpectedly", what, e);
                    done.completeExceptionally(failed(what, e));
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new CommandException(ErrorType.OVERLOADED, "Too many file operations wait; try again later"));
        }
        return done;
    }

    /** What a future failed with, unwrapped. */
    static CommandException asCommandException(String what, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof CommandException known ? known : failed(what, cause);
    }

    private static CommandException failed(String what, Throwable cause) {
        // An exception of a file carries its path in the message; its kind says enough.
        return new CommandException(
                ErrorType.SECURITY, what + " failed (" + cause.getClass().getSimpleName() + ")");
    }

    /** Holds the log: an interface's own would be public. */
    final class Defects {
        private static final Logger LOG = LoggerFactory.getLogger(PoolCall.class);

        private Defects() {}
    }
}

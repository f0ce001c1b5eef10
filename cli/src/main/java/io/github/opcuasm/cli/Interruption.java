package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.daemon.lifecycle.Signals;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C, SIGTERM or SIGHUP while something is under way that wants an orderly end, such as a file that is open on a server.
 * Whoever waits for an answer by {@link #await} then waits {@value #PATIENCE_SECONDS} s longer at most; the request is given
 * up after that. A second signal ends the process at once.
 */
final class Interruption implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 2;

    private final CompletableFuture<Void> requested = new CompletableFuture<>();
    private final Signals signals;

    private Interruption() {
        Runnable request = () -> requested.complete(null);
        signals = Signals.install(
                request, () -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code()), request, unhandled -> {});
    }

    /** Takes the signals until it is closed. */
    static Interruption install() {
        return new Interruption();
    }

    /** Whether it came. */
    boolean isRequested() {
        return requested.isDone();
    }

    /**
     * Waits for an answer; the client bounds how long that takes.
     *
     * @return null if it was given up for the interruption
     * @throws ClientException if there is none
     */
    @Nullable
    JsonValue await(CompletableFuture<JsonValue> answer) {
        try {
            Object unused = CompletableFuture.anyOf(answer, requested).get();
            return answer.isDone() ? answer.get() : answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | CancellationException e) {
            answer.cancel(false);
            return null;
        } catch (InterruptedException e) {
            requested.complete(null);
            answer.cancel(false);
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClientException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        }
    }

    @Override
    public void close() {
        signals.close();
    }
}

package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server again for its namespaces when a URI is not among those that it told: it may have added some since the
 * session was created. One question at a time, whose answer is for all who ask meanwhile, and then none for
 * {@value #PAUSE_SECONDS} s: who names what does not exist shall not keep the server busy. Confined to the session's event
 * loop.
 */
final class NamespaceRefresh {
    private static final int PAUSE_SECONDS = 5;
    private static final long PAUSE_NANOS = Duration.ofSeconds(PAUSE_SECONDS).toNanos();

    private final Ticker ticker;
    private final Supplier<CompletableFuture<Boolean>> question;
    private @Nullable CompletableFuture<Boolean> underWay;
    private @Nullable Long answeredAt;

    /** @param question asks the server; completes on the event loop with whether a namespace was added */
    NamespaceRefresh(Ticker ticker, Supplier<CompletableFuture<Boolean>> question) {
        this.ticker = ticker;
        this.question = question;
    }

    /**
     * Completes, never with a failure, with whether it is worth to look again: false if the server answered that there is
     * nothing new. Without an answer the session may be another by then.
     *
     * @return null if the server was asked a moment ago
     */
    @Nullable
    CompletableFuture<Boolean> ask() {
        CompletableFuture<Boolean> asked = underWay;
        if (asked != null) {
            return asked;
        }
        if (answeredAt != null && ticker.read() - answeredAt < PAUSE_NANOS) {
            return null;
        }
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        underWay = answer;
        question.get().whenComplete((added, failure) -> {
            underWay = null;
            answeredAt = ticker.read();
            answer.complete(failure != null || added);
        });
        return answer;
    }
}

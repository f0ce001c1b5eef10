package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much heap the pages take that were fetched for answers which are not complete yet, over all requests of the daemon:
 * a tree of references, a long history. What does not fit ends its own request as {@code overloaded}.
 */
public final class GatheredPages {
    private final AtomicLong bytes = new AtomicLong();
    private final long limit;

    /** @param limit bytes in all */
    public GatheredPages(long limit) {
        this.limit = limit;
    }

    /** The pages of one request. */
    Share begin() {
        return new Share();
    }

    /** What one request has gathered. Used by one thread at a time. */
    final class Share {
        private long held;

        private Share() {}

        /** @throws CommandException {@code overloaded}; what was added before still counts until {@link #endWith} */
        void add(long weight) {
            held += weight;
            if (bytes.addAndGet(weight) > limit) {
                throw new CommandException(
                        ErrorType.OVERLOADED,
                        "The answer takes more memory than the daemon has for long answers now; ask for less at a time,"
                                + " or try again later");
            }
        }

        /** Gives back what is held when the request ends, however it ends. */
        <T> CompletableFuture<T> endWith(CompletableFuture<T> result) {
            return result.whenComplete((value, failure) -> {
                bytes.addAndGet(-held);
                held = 0;
            });
        }
    }
}

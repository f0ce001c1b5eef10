package io.github.opcuasm.daemon.certificate;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server's certificate may be used. What is to be remembered of it, because it is the first one or a changed one that is
 * accepted, is not remembered yet: anybody can show any certificate, so {@link #keep} is to be called when the server has
 * proved that it has the key, and not before.
 */
public final class TrustDecision {
    private static final TrustDecision NOTHING_NEW = new TrustDecision(null);

    private final @Nullable Supplier<CompletableFuture<@Nullable Void>> keeping;

    private TrustDecision(@Nullable Supplier<CompletableFuture<@Nullable Void>> keeping) {
        this.keeping = keeping;
    }

    /** For what was trusted before, or needs no trust. */
    public static TrustDecision nothingNew() {
        return NOTHING_NEW;
    }

    static TrustDecision toKeep(Supplier<CompletableFuture<@Nullable Void>> keeping) {
        return new TrustDecision(keeping);
    }

    /** Whether {@link #keep} would remember anything. */
    public boolean hasNews() {
        return keeping != null;
    }

    /**
     * Remembers what is new; costs nothing if nothing is. May be called again.
     *
     * @return on any thread. Fails, and then the session must not go on, if the certificate would be refused by now:
     *     another session with the same server was faster with another first certificate; or if it cannot be remembered
     *     at all, since the next contact would be a first one again. The daemon's own store falls back on memory and so
     *     does not fail for a disk
     */
    public CompletableFuture<@Nullable Void> keep() {
        return keeping == null ? CompletableFuture.completedFuture(null) : keeping.get();
    }
}

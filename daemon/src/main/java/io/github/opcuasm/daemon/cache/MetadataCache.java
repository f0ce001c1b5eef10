package io.github.opcuasm.daemon.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers answers about a server's address space: references, paths, endpoints, attributes other than the value.
 *
 * <p>Answers are kept in memory, bounded by weight and age, and with a {@link CacheFiles} in files too. A look-up goes
 * memory, files, server; what the server says is put into both. Failures are never remembered. Simultaneous look-ups of one
 * key may each ask the server: each has its own deadline and its own peer that may go away.
 */
public final class MetadataCache {
    private static final long MAX_WEIGHT = 16L * 1024 * 1024;
    private static final int ENTRY_WEIGHT = 256;

    private final boolean enabled;
    private final Cache<CacheKey, Entry> memory;
    private final @Nullable CacheFiles files;

    private record Entry(Object value, long weight) {}

    private MetadataCache(boolean enabled, Ticker ticker, Duration timeToLive, @Nullable CacheFiles files) {
        this.enabled = enabled;
        this.files = files;
        this.memory = Caffeine.newBuilder()
                .maximumWeight(Math.min(MAX_WEIGHT, Runtime.getRuntime().maxMemory() / 16))
                .weigher((CacheKey key, Entry entry) -> (int) Math.min(Integer.MAX_VALUE, entry.weight()))
                .expireAfterWrite(timeToLive)
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    /** Remembers nothing. */
    public static MetadataCache none() {
        return new MetadataCache(false, Ticker.SYSTEM, Duration.ofSeconds(1), null);
    }

    /** Remembers until the daemon ends. */
    public static MetadataCache inMemory(Ticker ticker, Duration timeToLive) {
        return new MetadataCache(true, ticker, timeToLive, null);
    }

    /** Remembers over restarts. */
    public static MetadataCache inFiles(Ticker ticker, Duration timeToLive, CacheFiles files) {
        return new MetadataCache(true, ticker, timeToLive, files);
    }

    /**
     * The remembered answer, or what {@code ask} gives.
     *
     * @param useCache false to ask in any case; the answer is remembered all the same
     */
    public <T> CompletableFuture<T> get(
            CacheKey key, CachedKind<T> kind, boolean useCache, Supplier<CompletableFuture<T>> ask) {
        if (!enabled) {
            return ask.get();
        }
        if (!useCache) {
            return ask(key, kind, ask);
        }
        Entry known = memory.getIfPresent(key);
        if (known != null) {
            // Whoever asks under a key asks for the kind that was kept under it: the question names the method.
            @SuppressWarnings("unchecked")
            T value = (T) known.value();
            return CompletableFuture.completedFuture(value);
        }
        CacheFiles store = files;
        if (store == null) {
            return ask(key, kind, ask);
        }
        return store.find(key, kind).thenCompose(found -> {
            if (found == null) {
                return ask(key, kind, ask);
            }
            remember(key, kind, found);
            return CompletableFuture.completedFuture(found);
        });
    }

    /** Forgets what is known about one node. */
    public void forget(String scope, String node) {
        memory.asMap()
                .keySet()
                .removeIf(key -> key.scope().equals(scope) && key.node().equals(node));
        if (files != null) {
            files.forget(scope, node);
        }
    }

    /** Forgets all that is known within a scope. */
    public void forget(String scope) {
        memory.asMap().keySet().removeIf(key -> key.scope().equals(scope));
        if (files != null) {
            files.forget(scope);
        }
    }

    private <T> CompletableFuture<T> ask(CacheKey key, CachedKind<T> kind, Supplier<CompletableFuture<T>> ask) {
        return ask.get().thenApply(value -> {
            if (kind.isKept().test(value)) {
                remember(key, kind, value);
                if (files != null) {
                    files.keep(key, kind, value);
                }
            }
            return value;
        });
    }

    private <T> void remember(CacheKey key, CachedKind<T> kind, T value) {
        if (value != null) {
            memory.put(
                    key,
                    new Entry(
                            value,
                            ENTRY_WEIGHT
                                    + 2L * key.question().length()
                                    + kind.weight().applyAsLong(value)));
        }
    }
}

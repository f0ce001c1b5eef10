package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Rates;
import io.github.opcuasm.protocol.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often each principal may ask. The rates of every rule and token that applies to a principal hold for all its
 * requests, whatever lets them pass: the strictest of them counts.
 *
 * <p>Each limit of each principal is a bucket, kept as one number (the generic cell rate algorithm): the time at which it
 * will be full again. A request takes one from each of its buckets, or, if one is empty, from none. Bounded: of too many
 * buckets the one that was used longest ago is forgotten, and thereby full. Thread-safe.
 */
final class RateLimits {
    private static final int MAX_BUCKETS = 4096;

    private final Ticker ticker;
    private final Map<Key, Long> fullAt = new LinkedHashMap<>(16, 0.75f, true);

    RateLimits(Ticker ticker) {
        this.ticker = ticker;
    }

    /** The limit is part of it: another one after a reload begins with a full bucket. */
    private record Key(String principal, String source, String kind, RateLimit limit) {}

    /** @throws CommandException {@code rate_limited}, with the time until it would pass */
    void charge(Principal principal, boolean changes, boolean opens) {
        List<Key> keys = keys(principal, changes, opens);
        if (keys.isEmpty()) {
            return;
        }
        synchronized (this) {
            long now = ticker.read();
            for (Key key : keys) {
                long wait = fullAt(key, now) - now - burst(key.limit());
                if (wait > 0) {
                    throw refusal(key, wait);
                }
            }
            for (Key key : keys) {
                fullAt.put(key, fullAt(key, now) + interval(key.limit()));
            }
            while (fullAt.size() > MAX_BUCKETS) {
                fullAt.remove(fullAt.keySet().iterator().next());
            }
        }
    }

    private static List<Key> keys(Principal principal, boolean changes, boolean opens) {
        List<Key> keys = List.of();
        for (AppliedGrant applied : principal.grants()) {
            Rates rates = applied.grant().rates();
            if (rates.equals(Rates.UNLIMITED)) {
                continue;
            }
            if (keys.isEmpty()) {
                keys = new ArrayList<>(2);
            }
            add(keys, principal, applied.source(), "requests", rates.requests());
            add(keys, principal, applied.source(), "writes", changes ? rates.writes() : null);
            add(keys, principal, applied.source(), "opens", opens ? rates.opens() : null);
        }
        return keys;
    }

    private static void add(
            List<Key> keys, Principal principal, String source, String kind, @Nullable RateLimit limit) {
        if (limit != null) {
            keys.add(new Key(principal.name(), source, kind, limit));
        }
    }

    private long fullAt(Key key, long now) {
        Long known = fullAt.get(key);
        return known == null || known - now < 0 ? now : known;
    }

    /** Between two requests in the long run, nanoseconds. */
    private static long interval(RateLimit limit) {
        return limit.period().toNanos() / limit.count();
    }

    /** How much later than at this rate the bucket may be full, and one still be in it. */
    private static long burst(RateLimit limit) {
        return interval(limit) * (limit.count() - 1L);
    }

    private static CommandException refusal(Key key, long waitNanos) {
        long millis = (waitNanos + 999_999) / 1_000_000;
        return CommandException.rateLimited(
                key.principal() + " has used up " + key.kind() + " " + key.limit() + " of " + key.source()
                        + "; nothing was done. Try again in " + millis + " ms",
                millis);
    }
}

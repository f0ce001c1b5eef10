package io.github.opcuasm.daemon.policy;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often somebody may ask; null = without limit.
 *
 * @param requests of every kind but {@code ping} and {@code hello}
 * @param writes requests that may change the plant: writes, calls, changes of nodes and of history
 * @param opens requests that may connect to a server: opening sessions, asking for endpoints, one-shot queries
 */
public record Rates(
        @Nullable RateLimit requests,
        @Nullable RateLimit writes,
        @Nullable RateLimit opens) {
    /** Without any limit. */
    public static final Rates UNLIMITED = new Rates(null, null, null);

    /**
     * Reads {@code requests}, {@code writes} and {@code opens}, each of which may be absent.
     *
     * @throws IllegalArgumentException for another name, and for a limit that is none
     */
    public static Rates of(Map<String, String> limits) {
        for (String name : limits.keySet()) {
            if (!name.equals("requests") && !name.equals("writes") && !name.equals("opens")) {
                throw Wrong.value("rate", name, "requests, writes or opens");
            }
        }
        return new Rates(limit(limits, "requests"), limit(limits, "writes"), limit(limits, "opens"));
    }

    private static @Nullable RateLimit limit(Map<String, String> limits, String name) {
        String text = limits.get(name);
        return text == null ? null : RateLimit.parse("rate." + name, text);
    }
}

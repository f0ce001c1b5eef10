package io.github.opcuasm.daemon;

import java.time.Duration;

/** Runs things later. Injected, as the {@link Ticker}, so that tests decide when later is. */
@FunctionalInterface
public interface Scheduler {
    /**
     * Runs {@code action} once after {@code delay}, on a thread that must not be blocked.
     *
     * @return takes it back, if it has not run yet
     */
    Runnable schedule(Runnable action, Duration delay);
}

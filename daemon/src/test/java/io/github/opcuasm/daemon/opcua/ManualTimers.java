package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Timers that run when a test says so. */
final class ManualTimers implements ServerGates.Timers {
    private final List<Runnable> actions = new ArrayList<>();
    final List<Duration> delays = new ArrayList<>();

    @Override
    public void schedule(Runnable action, Duration delay) {
        actions.add(action);
        delays.add(delay);
    }

    /** All that have been scheduled so far. */
    void run() {
        List<Runnable> due = List.copyOf(actions);
        actions.clear();
        due.forEach(Runnable::run);
    }
}

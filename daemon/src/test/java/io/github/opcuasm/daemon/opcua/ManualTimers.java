package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Timers that run when a test says so. */
final class ManualTimers implements ServerGates.Timers {
    private record Timer(Runnable action, Duration delay) {}

    private final List<Timer> timers = new ArrayList<>();
    final List<Duration> delays = new ArrayList<>();

    @Override
    public void schedule(Runnable action, Duration delay) {
        timers.add(new Timer(action, delay));
        delays.add(delay);
    }

    /** All that have been scheduled so far. */
    void run() {
        run(Duration.ofDays(1));
    }

    /** All with no longer delay. */
    void run(Duration longest) {
        List<Timer> due = timers.stream()
                .filter(timer -> timer.delay().compareTo(longest) <= 0)
                .toList();
        timers.removeAll(due);
        due.forEach(timer -> timer.action().run());
    }
}

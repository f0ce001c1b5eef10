package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs what is due when a test moves its clock, each at its own moment, in the order of these. */
final class ManualScheduler implements Scheduler {
    private final ManualTicker ticker;
    private final List<Task> tasks = new ArrayList<>();

    private record Task(long due, Runnable action) {}

    ManualScheduler(ManualTicker ticker) {
        this.ticker = ticker;
    }

    @Override
    public synchronized Runnable schedule(Runnable action, Duration delay) {
        Task task = new Task(ticker.read() + delay.toNanos(), action);
        tasks.add(task);
        return () -> remove(task);
    }

    void advance(Duration duration) {
        long end = ticker.read() + duration.toNanos();
        for (Task task = next(end); task != null; task = next(end)) {
            ticker.advance(Duration.ofNanos(Math.max(0, task.due - ticker.read())));
            task.action.run();
        }
        ticker.advance(Duration.ofNanos(end - ticker.read()));
    }

    synchronized boolean isEmpty() {
        return tasks.isEmpty();
    }

    synchronized int tasks() {
        return tasks.size();
    }

    private synchronized @Nullable Task next(long end) {
        Task next = tasks.stream()
                .filter(task -> task.due - end <= 0)
                .min(Comparator.comparingLong(task -> task.due - end))
                .orElse(null);
        tasks.remove(next);
        return next;
    }

    private synchronized void remove(Task task) {
        tasks.remove(task);
    }
}

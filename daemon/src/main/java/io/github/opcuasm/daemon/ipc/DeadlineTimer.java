package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.daemon.Ticker;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One timer for several deadlines: fires at the nearest one that was asked for, then says so, once; who owns it looks
 * which deadline it was and arms it again. A deadline that moved out needs no call: the timer fires early, finds
 * nothing due and is armed again.
 */
final class DeadlineTimer {
    private static final long SHORTEST_DELAY = TimeUnit.MILLISECONDS.toNanos(1);

    private final EventLoop loop;
    private final Ticker ticker;
    private final Runnable onTimer;
    private @Nullable Future<?> scheduled;
    private long scheduledFor;

    DeadlineTimer(EventLoop loop, Ticker ticker, Runnable onTimer) {
        this.loop = loop;
        this.ticker = ticker;
        this.onTimer = onTimer;
    }

    /** Fires at {@code deadline}, in the ticker's nanoseconds, or earlier if an earlier one was asked for. */
    void arm(long deadline) {
        if (scheduled != null && scheduledFor - deadline <= 0) {
            return;
        }
        cancel();
        scheduledFor = deadline;
        scheduled = loop.schedule(this::fire, Math.max(deadline - ticker.read(), SHORTEST_DELAY), TimeUnit.NANOSECONDS);
    }

    void cancel() {
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }

    private void fire() {
        scheduled = null;
        onTimer.run();
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.lifecycle.Signals;
import java.util.concurrent.CountDownLatch;

/** Waits for Ctrl-C or SIGTERM, for the rest of the process's life; a second one ends it at once with 130. */
final class StopSignal {
    private static final int INTERRUPTED = 130;

    private final CountDownLatch received = new CountDownLatch(1);

    private StopSignal() {}

    static StopSignal install() {
        var stop = new StopSignal();
        AutoCloseable unused = Signals.install(
                stop.received::countDown, () -> Runtime.getRuntime().halt(INTERRUPTED), () -> {}, unhandled -> {});
        return stop;
    }

    void await() throws InterruptedException {
        received.await();
    }
}

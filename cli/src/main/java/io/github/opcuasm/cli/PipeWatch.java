package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Notices that nobody reads the pipe any more that standard output is, while there is nothing to write: the JDK cannot poll
 * it. Linux lets a pipe be opened once more through {@code /proc}, and to open one for writing waits until somebody reads it.
 * So a thread opens and closes it every second, another one tells if that takes a second. Elsewhere nothing is watched, and
 * the next line that is written shows it.
 */
final class PipeWatch implements AutoCloseable {
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final long PERIOD_SECONDS = 1;

    private final CountDownLatch closed = new CountDownLatch(1);

    private PipeWatch() {}

    /** Calls this once, on a thread of its own, when the reader is gone; never if standard output is no pipe. */
    static PipeWatch ofStandardOutput(Runnable gone) {
        return of(STANDARD_OUTPUT, gone);
    }

    static PipeWatch of(Path pipe, Runnable gone) {
        var watch = new PipeWatch();
        if (isPipe(pipe)) {
            Thread thread = new Thread(() -> watch.run(pipe, gone), "pipe-watch");
            thread.setDaemon(true);
            thread.start();
        }
        return watch;
    }

    private static boolean isPipe(Path path) {
        try {
            return Files.readSymbolicLink(path).toString().startsWith("pipe:");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private void run(Path pipe, Runnable gone) {
        try {
            while (!closed.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
                if (!isRead(pipe)) {
                    gone.run();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isRead(Path pipe) throws InterruptedException {
        var opened = new CountDownLatch(1);
        // It may stay in open(2) for ever: it is a daemon thread, and there is one at most.
        Thread thread = new Thread(
                () -> {
                    try {
                        FileChannel.open(pipe, StandardOpenOption.WRITE).close();
                    } catch (IOException e) {
                        // Not ours to open: nothing is known.
                    }
                    opened.countDown();
                },
                "pipe-probe");
        thread.setDaemon(true);
        thread.start();
        return opened.await(PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        closed.countDown();
    }
}

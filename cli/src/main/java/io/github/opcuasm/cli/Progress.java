package io.github.opcuasm.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what takes long, and how long it has, while it does: on standard error, if that is a terminal, from the first second
 * on and once a second, on one line that is gone when it is over. What is quick shows nothing.
 */
final class Progress implements AutoCloseable {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    private static final String ERASE = "\r\u001B[K";

    private final PrintWriter err;
    private final LongFunction<String> line;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;

    private Progress(PrintWriter err, LongFunction<String> line, long everyMillis) {
        this.err = err;
        this.line = line;
        thread = new Thread(() -> tell(everyMillis), "progress");
        thread.setDaemon(true);
    }

    /** Does the work, and shows on a terminal that it goes on; elsewhere nothing. */
    static <T> T during(Console console, String what, Supplier<T> work) {
        if (!isTerminal()) {
            return work.get();
        }
        Progress progress = shown(console.err(), what, 1_000);
        try {
            return work.get();
        } finally {
            progress.close();
        }
    }

    /** One that is shown, whatever standard error is. */
    static Progress shown(PrintWriter err, String what, long everyMillis) {
        return shown(err, (long millis) -> what + " … " + millis / 1_000 + " s, Ctrl-C ends", everyMillis);
    }

    /**
     * One whose line is asked for each time; null where there is no terminal.
     *
     * @param line by the milliseconds since the beginning, asked on a thread of its own
     */
    static @Nullable Progress onTerminal(Console console, LongFunction<String> line, long everyMillis) {
        return isTerminal() ? shown(console.err(), line, everyMillis) : null;
    }

    private static Progress shown(PrintWriter err, LongFunction<String> line, long everyMillis) {
        Progress progress = new Progress(err, line, everyMillis);
        progress.thread.start();
        return progress;
    }

    /** Standard output may be a pipe then: {@code browse … > nodes.txt} is when it is wanted most. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return Console.isOnTerminal(); // no such files on this system
        }
    }

    private void tell(long everyMillis) {
        boolean isShown = false;
        try {
            for (long times = 1; !over.await(everyMillis, TimeUnit.MILLISECONDS); times++) {
                err.print(ERASE + line.apply(times * everyMillis));
                err.flush();
                isShown = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isShown) {
            err.print(ERASE);
            err.flush();
        }
    }

    /** Erases what was shown. */
    @Override
    public void close() {
        over.countDown();
        boolean interrupted = false;
        boolean joined = !thread.isAlive();
        while (!joined) {
            try {
                thread.join();
                joined = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

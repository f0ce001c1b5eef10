package io.github.opcuasm.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of a file that is copied, and shows on a terminal how many there are and how fast they go. */
final class TransferMeter implements AutoCloseable {
    private static final long EVERY_MILLIS = 250;
    private static final double MEGA = 1e6;

    private final long start = System.nanoTime();
    private final long total;
    private final @Nullable Progress progress;
    private volatile long before;
    private volatile long copied;

    /** @param total how many bytes there are to be at the end; -1 = nobody knows */
    TransferMeter(Console console, long total) {
        this.total = total;
        this.progress = Progress.onTerminal(console, this::line, EVERY_MILLIS);
    }

    /** These are there from an earlier time. */
    void beginAt(long bytes) {
        before = bytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread counts, another one looks
    void add(int bytes) {
        copied += bytes;
    }

    /** All that are there, with those of an earlier time. */
    long bytes() {
        return before + copied;
    }

    /** Those of this time. */
    long copied() {
        return copied;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Short enough for a line of 40 columns. */
    String line(long millis) {
        long bytes = bytes();
        String of = total < bytes ? "" : String.format(Locale.ROOT, " of %.1f", total / MEGA);
        String share = total <= 0 || total < bytes ? "" : bytes * 100 / total + "% ";
        double seconds = Math.max(millis, 1) / 1e3;
        return String.format(Locale.ROOT, "%s%.1f%s MB, %.1f MB/s", share, bytes / MEGA, of, copied / MEGA / seconds);
    }

    /** {@code 1024 bytes}, and how fast they went if that took long enough to tell. */
    String summary() {
        double seconds = seconds();
        String rate = seconds < 1
                ? ""
                : String.format(Locale.ROOT, " in %.1f s, %.1f MB/s", seconds, copied / MEGA / seconds);
        return copied + " bytes" + rate;
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}

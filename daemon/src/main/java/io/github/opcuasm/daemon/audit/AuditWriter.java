package io.github.opcuasm.daemon.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines on their way to the file. They wait in one queue, in order, and one task at a time, on the executor, writes
 * what has gathered, many lines at once. The file belongs to that task.
 *
 * <p>Invariant: while lines wait, {@code draining} is set, and a task that will look at the queue again is on the executor
 * or was refused by it, and then the lines have failed. Futures complete outside the monitor, in the order of the lines.
 */
final class AuditWriter {
    static final int MAX_WAITING = 1024;
    static final long MAX_WAITING_BYTES = 8L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AuditWriter.class);
    private static final int BATCH_BYTES = 256 * 1024;
    private static final Duration END_BOUND = Duration.ofSeconds(1);

    private final AuditFile file;
    private final String name;
    private final Executor executor;
    private final Deque<Line> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean draining;
    private boolean reopening;
    private boolean failing;
    private boolean closed;

    /** Which part of the bounds a line may use. */
    enum Room {
        /** What changes nothing: half of it, so that it keeps no attempt out. */
        NOTES(1),
        /** What may be turned away: the bounds as they are. */
        ATTEMPTS(2),
        /** What tells of something that has happened already: as much again. */
        RESULTS(4);

        private final int halves;

        Room(int halves) {
            this.halves = halves;
        }

        long of(long bound) {
            return bound * halves / 2;
        }
    }

    /** A line, with its line break. */
    private static final class Line {
        private final byte[] bytes;
        private final CompletableFuture<@Nullable Void> written = new CompletableFuture<>();

        Line(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /** @param name of the file, for the log */
    AuditWriter(AuditFile file, String name, Executor executor) {
        this.file = file;
        this.name = name;
        this.executor = executor;
    }

    /**
     * Takes a line in.
     *
     * @return completes when the kernel has it; fails if that cannot be, at once if there is no room
     */
    CompletableFuture<@Nullable Void> write(byte[] bytes, Room room) {
        Line line = new Line(bytes);
        boolean taken;
        boolean start;
        boolean over;
        synchronized (this) {
            over = closed;
            taken = !over
                    && waiting.size() < room.of(MAX_WAITING)
                    && waitingBytes + bytes.length <= room.of(MAX_WAITING_BYTES);
            start = taken && !draining;
            if (taken) {
                waiting.add(line);
                waitingBytes += bytes.length;
                draining = true;
            }
        }
        if (!taken) {
            IOException full = new IOException("no more entries may wait");
            if (!over) {
                judge(full);
            }
            return CompletableFuture.failedFuture(full);
        }
        if (start) {
            try {
                executor.execute(this::drain);
            } catch (RejectedExecutionException e) {
                failWaiting(new IOException("nobody writes", e));
            }
        }
        return line.written;
    }

    /** Before the next line is written, the file is opened anew. */
    synchronized void reopen() {
        reopening = true;
    }

    /** Writes what waits, within a second, and closes the file. May run twice. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        CountDownLatch ended = new CountDownLatch(1);
        boolean complete = false;
        try {
            executor.execute(() -> {
                drain();
                file.close();
                ended.countDown();
            });
            complete = ended.await(END_BOUND.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            failWaiting(new IOException("nobody writes", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!complete) {
            LOG.error("The audit log {} was not written to its end", name);
        }
    }

    private void failWaiting(IOException reason) {
        List<Line> all;
        synchronized (this) {
            draining = false;
            all = new ArrayList<>(waiting);
            waiting.clear();
            waitingBytes = 0;
        }
        all.forEach(line -> line.written.completeExceptionally(reason));
    }

    private void drain() {
        for (List<Line> batch = next(); !batch.isEmpty(); batch = next()) {
            write(batch);
        }
    }

    private synchronized List<Line> next() {
        List<Line> batch = new ArrayList<>();
        long bytes = 0;
        for (Line line = waiting.peek(); line != null; line = waiting.peek()) {
            if (!batch.isEmpty() && bytes + line.bytes.length > BATCH_BYTES) {
                break;
            }
            waiting.remove();
            bytes += line.bytes.length;
            batch.add(line);
        }
        waitingBytes -= bytes;
        draining = !batch.isEmpty();
        return batch;
    }

    private void write(List<Line> batch) {
        AuditFile.Appended appended;
        try {
            if (takeReopening()) {
                file.close();
            }
            appended = file.append(batch.stream().map(line -> line.bytes).toList());
        } catch (RuntimeException | Error defect) {
            LOG.error("Writing the audit log {} failed", name, defect);
            appended = new AuditFile.Appended(0, new IOException(defect));
        }
        IOException failure = appended.failure();
        judge(failure);
        for (int i = 0; i < batch.size(); i++) {
            if (failure == null || i < appended.lines()) {
                batch.get(i).written.complete(null);
            } else {
                batch.get(i).written.completeExceptionally(failure);
            }
        }
    }

    /** One line in the daemon's log when it begins to fail, and one when that is over. */
    private void judge(@Nullable IOException failure) {
        boolean before;
        synchronized (this) {
            before = failing;
            failing = failure != null;
        }
        if (failure != null && !before) {
            LOG.error(
                    "The audit log {} cannot be written: {}. Until it can, everything that changes something is refused",
                    name,
                    reason(failure));
        } else if (failure == null && before) {
            LOG.warn("The audit log {} can be written again", name);
        }
    }

    private synchronized boolean takeReopening() {
        boolean asked = reopening;
        reopening = false;
        return asked;
    }

    /** What is wrong with the file, in a few words. */
    static String reason(IOException e) {
        return e.getClass() == IOException.class
                ? String.valueOf(e.getMessage())
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}

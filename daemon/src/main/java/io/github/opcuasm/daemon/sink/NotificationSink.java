package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import io.github.opcuasm.daemon.sink.DeliveryQueue.Delivery;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what subscriptions bring to a file or a named pipe, a line each ({@link EventLine}), by a thread of its own. What
 * cannot be written now waits in a bounded queue and is tried again with pauses; of what does not fit the oldest is dropped,
 * and an {@code Overflow} line stands in its place when there is room again.
 *
 * <p>An event is written when the kernel has its whole line; only then its future completes with true, so that whoever
 * acknowledges by it acknowledges what will be found in the file. It is not forced to the disk.
 *
 * <p>A batch that was taken from the queue belongs to the thread until the last of its lines is written: each attempt begins
 * with the first line that the kernel does not have in full.
 */
public final class NotificationSink implements AutoCloseable {
    static final int MAX_WAITING = 10_000;
    static final long MAX_WAITING_WEIGHT = 32L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(NotificationSink.class);
    private static final long BATCH_WEIGHT = 256 * 1024;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(5);
    /** For writing what waits when it is closed, and again for giving up. */
    private static final Duration END_BOUND = Duration.ofSeconds(1);

    private final String name;
    private final LineTarget target;
    private final DeliveryQueue queue;
    private final Object pausing = new Object();
    private @Nullable Thread thread;
    private @Nullable String failing;
    private boolean overflowing;
    private boolean reopening;
    private boolean closing;
    private volatile boolean closed;

    public NotificationSink(SinkConfig config) {
        this(config.path().toString(), target(config), new DeliveryQueue(MAX_WAITING, MAX_WAITING_WEIGHT));
    }

    /** @param name for the log */
    NotificationSink(String name, LineTarget target, DeliveryQueue queue) {
        this.name = name;
        this.target = target;
        this.queue = queue;
    }

    private static LineTarget target(SinkConfig config) {
        return config instanceof SinkConfig.File file ? new RotatingFile(file) : new NamedPipe(config.path());
    }

    /**
     * Whether a sink could be opened, as far as this can be told without making anything. Blocks.
     *
     * @throws IllegalArgumentException that says what is wrong: {@code got …, expected …}
     */
    public static void check(SinkConfig config) {
        Path path = config.path();
        if (config instanceof SinkConfig.Pipe) {
            try {
                NamedPipe.check(path);
            } catch (NoSuchFileException e) {
                throw new IllegalArgumentException(
                        "got " + path + ", which does not exist, expected a named pipe, as mkfifo makes it");
            } catch (IOException e) {
                throw new IllegalArgumentException("got " + path + ", which " + reason(e) + ", expected a named pipe");
            }
            return;
        }
        Path directory = path.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "got " + path + ", expected a file in a directory that exists: make " + directory);
        }
        boolean there = Files.exists(path);
        if (there && !Files.isRegularFile(path)) {
            throw new IllegalArgumentException("got " + path + ", expected a regular file or none");
        }
        // Also of a file that is there: it will be renamed.
        if (!Files.isWritable(directory) || (there && !Files.isWritable(path))) {
            throw new IllegalArgumentException(
                    "got " + path + ", expected what this user may write: the directory, and the file if there is one");
        }
        try {
            PrivateFiles.checkAppendable(path);
        } catch (IOException e) {
            throw new IllegalArgumentException("got " + path + ", which " + reason(e)
                    + ", expected a file of this user's with one name, that nobody else may write, or none");
        }
    }

    /**
     * Opens it and starts writing. Blocks.
     *
     * @throws DaemonStartException if it cannot be written to, or should not be
     */
    public void open() throws DaemonStartException {
        try {
            target.open();
        } catch (IOException e) {
            throw new DaemonStartException(
                    "Cannot use " + name + " for a sink: " + reason(e)
                            + ". Name a file of this user's that nobody else may write, in a directory that exists, or a"
                            + " named pipe",
                    e);
        }
        Thread writer = new Thread(this::run, "opcua-sink");
        writer.setDaemon(true);
        thread = writer;
        writer.start();
    }

    /**
     * Takes in what is to be written; never waits.
     *
     * @return completes on any thread: true when its line is written; false if it was dropped, or the sink was closed before
     */
    public CompletableFuture<Boolean> offer(PublishedEvent event) {
        long before = queue.dropped();
        CompletableFuture<Boolean> written = queue.offer(event);
        if (queue.dropped() != before) {
            judgeOverflow(true);
        }
        return written;
    }

    /** Opens it anew, in the background, and tries at once if it could not be written. */
    public void reopen() {
        synchronized (pausing) {
            reopening = true;
            pausing.notifyAll();
        }
        target.refresh();
    }

    /** Writes what waits, within a second, and closes it; what was not written is not acknowledged. May run twice. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.close();
        synchronized (pausing) {
            closing = true;
            pausing.notifyAll();
        }
        Thread writer = thread;
        if (writer == null) {
            return;
        }
        try {
            writer.join(END_BOUND.toMillis());
            if (writer.isAlive()) {
                target.unblock();
                writer.join(END_BOUND.toMillis());
            }
            if (writer.isAlive()) {
                LOG.warn("Sink {} hangs and was not written to its end", name);
                queue.abandon();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Events that were dropped so far. */
    public long dropped() {
        return queue.dropped();
    }

    private void run() {
        try {
            for (List<Delivery> batch = queue.take(BATCH_WEIGHT); batch != null; batch = queue.take(BATCH_WEIGHT)) {
                write(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error defect) {
            LOG.error("Sink {} ended by a defect; it is not written any more", name, defect);
        } finally {
            queue.abandon();
            target.close();
        }
    }

    private void write(List<Delivery> batch) throws InterruptedException {
        List<Delivery> left = new ArrayList<>(batch.size());
        List<byte[]> lines = new ArrayList<>(batch.size());
        for (Delivery delivery : batch) {
            try {
                lines.add(EventLine.of(delivery.event()));
                left.add(delivery);
            } catch (RuntimeException e) {
                LOG.error("A message for sink {} could not be encoded and is left out", name, e);
                boolean unused = delivery.done().complete(false);
            }
        }
        Duration pause = FIRST_PAUSE;
        int done = 0;
        while (done < lines.size()) {
            beginAttempt();
            LineTarget.Written written = target.write(lines.subList(done, lines.size()));
            for (Delivery delivery : left.subList(done, done + written.lines())) {
                boolean unused = delivery.done().complete(true);
            }
            done += written.lines();
            pause = written.lines() > 0 ? FIRST_PAUSE : pause;
            IOException failure = written.failure();
            if (failure != null && !isReopening()) {
                if (isClosing()) {
                    giveUp(left.subList(done, left.size()));
                    return;
                }
                judge(failure);
                pause(pause);
                pause = longer(pause);
            }
        }
        judge(null);
        if (queue.size() == 0) {
            judgeOverflow(false);
        }
    }

    private void giveUp(List<Delivery> left) {
        LOG.warn("Sink {} was not written to its end: {} messages are left", name, left.size() + queue.size());
        left.forEach(delivery -> delivery.done().complete(false));
        queue.abandon();
    }

    private void pause(Duration length) throws InterruptedException {
        long end = System.nanoTime() + length.toNanos();
        synchronized (pausing) {
            for (long left = length.toNanos(); left > 0 && !closing && !reopening; left = end - System.nanoTime()) {
                pausing.wait(Math.max(1, Duration.ofNanos(left).toMillis()));
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LAST_PAUSE) < 0 ? twice : LAST_PAUSE;
    }

    private void beginAttempt() {
        synchronized (pausing) {
            reopening = false;
        }
    }

    private boolean isReopening() {
        synchronized (pausing) {
            return reopening;
        }
    }

    private boolean isClosing() {
        synchronized (pausing) {
            return closing;
        }
    }

    /** One line in the daemon's log when it begins to fail, one when the reason changes, one when that is over. */
    private void judge(@Nullable IOException failure) {
        String now = failure == null ? null : reason(failure);
        String before = failing;
        failing = now;
        if (now != null && !now.equals(before)) {
            LOG.error(
                    "Sink {} cannot be written: {}. Up to {} messages wait until it can, then the oldest are dropped",
                    name,
                    now,
                    MAX_WAITING);
        } else if (now == null && before != null) {
            LOG.warn("Sink {} can be written again", name);
        }
    }

    private void judgeOverflow(boolean now) {
        boolean before;
        synchronized (pausing) {
            before = overflowing;
            overflowing = now;
        }
        if (now && !before) {
            LOG.warn("Sink {} takes less than comes: the oldest messages are dropped", name);
        } else if (!now && before) {
            LOG.info("Sink {} keeps up again; {} messages were dropped so far", name, queue.dropped());
        }
    }

    /** What is wrong, in a few words. */
    static String reason(IOException e) {
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e.getClass() == IOException.class
                        || e instanceof PrivateFiles.UnfitFileException
                        || e.getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}

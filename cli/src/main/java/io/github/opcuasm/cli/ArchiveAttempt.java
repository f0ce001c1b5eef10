package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one attempt at an archive at a time, and when the next may be. Both is a file beside the archive: its lock ends with
 * the process, however that ends, and its text is the time, in milliseconds since 1970, until which nobody need try again.
 * The time lies in the future as long as an attempt lasts, so one that is killed counts as failed.
 */
final class ArchiveAttempt implements AutoCloseable {
    private static final Duration AFTER_SUCCESS = Duration.ofHours(1);
    private static final Duration AFTER_FAILURE = Duration.ofDays(1);

    private final FileChannel channel;

    private ArchiveAttempt(FileChannel channel) {
        this.channel = channel;
    }

    static Path file(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".lock");
    }

    /** Begins one, unless another process is at it or it is not due. */
    static @Nullable ArchiveAttempt begin(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null || !isDue(file)) {
            channel.close();
            return null;
        }
        var attempt = new ArchiveAttempt(channel);
        attempt.postpone(AFTER_FAILURE);
        return attempt;
    }

    /** A time that is further away than any we write comes from a clock that was wrong, and counts as past. */
    static boolean isDue(Path file) throws IOException {
        String text = Files.exists(file) ? Files.readString(file, StandardCharsets.US_ASCII) : "";
        if (!text.matches("[0-9]{1,18}")) {
            return true;
        }
        long left = Long.parseLong(text) - System.currentTimeMillis();
        return left <= 0 || left > AFTER_FAILURE.toMillis();
    }

    void succeeded() throws IOException {
        postpone(AFTER_SUCCESS);
    }

    /** Somebody ended it: the next start may try. */
    void interrupted() throws IOException {
        postpone(Duration.ZERO);
    }

    private void postpone(Duration pause) throws IOException {
        long next = System.currentTimeMillis() + pause.toMillis();
        channel.truncate(0);
        int unused = channel.write(ByteBuffer.wrap(Long.toString(next).getBytes(StandardCharsets.US_ASCII)), 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is renamed before a line would make it too large: {@code PATH} to {@code PATH.1}, {@code PATH.1} to {@code
 * PATH.2} and so on, the last one is replaced. The renames go from the last to the first, so that a crash in between loses
 * nothing but that last one. If renaming fails, the file grows on, and it is tried again a tenth of its size later.
 *
 * <p>Invariant: what the file holds when a write returns ends with a line break. Of a write that failed the file is cut back
 * to its last whole line; if that fails too, or if a process died in the middle of a line, the next time that the file is
 * opened the torn line is ended, so that it spoils none but itself.
 *
 * <p>Before each write the path is looked at: if it no longer names the open file, which was moved away or deleted, the file
 * at the path is opened, or made. So no line goes where nobody would find it.
 */
final class RotatingFile implements LineTarget {
    private static final Logger LOG = LoggerFactory.getLogger(RotatingFile.class);
    private static final int CHUNK_BYTES = 256 * 1024;

    private final SinkConfig.File config;
    private final Opening opening;
    private @Nullable SeekableByteChannel channel;
    private @Nullable Object key;
    private long rotateAt;
    private volatile boolean stale;

    /** Opens the file for appending; makes it if need be. */
    @FunctionalInterface
    interface Opening {
        SeekableByteChannel open(Path path) throws IOException;
    }

    RotatingFile(SinkConfig.File config) {
        this(config, PrivateFiles::append);
    }

    /** @param opening so that tests can fill the disk */
    RotatingFile(SinkConfig.File config, Opening opening) {
        this.config = config;
        this.opening = opening;
        this.rotateAt = config.maxBytes();
    }

    @Override
    public void open() throws IOException {
        SeekableByteChannel unused = current();
    }

    @Override
    public Written write(List<byte[]> lines) {
        int complete = 0;
        try {
            while (complete < lines.size()) {
                SeekableByteChannel open = current();
                long size = open.size();
                int count = fitting(lines, complete, size);
                if (count == 0) {
                    rotate(size, lines.get(complete).length);
                    continue;
                }
                IOException failure = append(open, lines.subList(complete, complete + count));
                if (failure != null) {
                    return new Written(complete + cutBack(open, size, lines, complete), failure);
                }
                complete += count;
            }
            return new Written(complete, null);
        } catch (IOException e) {
            close();
            return new Written(complete, e);
        }
    }

    @Override
    public void refresh() {
        stale = true;
    }

    /** Files do not take for ever, or nothing can be done about it. */
    @Override
    public void unblock() {}

    @Override
    public void close() {
        SeekableByteChannel open = channel;
        channel = null;
        key = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("Closing sink {}", config.path(), e);
            }
        }
    }

    /** How many of the lines go to the file in one write: none if it has to be renamed first. */
    private int fitting(List<byte[]> lines, int from, long size) {
        long end = size;
        int count = 0;
        while (from + count < lines.size() && end - size < CHUNK_BYTES) {
            end += lines.get(from + count).length;
            // The first line of a file is as long as it is.
            if (end > rotateAt && (size > 0 || count > 0)) {
                break;
            }
            count++;
        }
        return count;
    }

    private static @Nullable IOException append(SeekableByteChannel open, List<byte[]> lines) {
        int length = 0;
        for (byte[] line : lines) {
            length += line.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        lines.forEach(bytes::put);
        bytes.flip();
        try {
            while (bytes.hasRemaining()) {
                int unused = open.write(bytes);
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** After a write that failed: how many of its lines are there in full. The rest is taken back. */
    private int cutBack(SeekableByteChannel open, long size, List<byte[]> lines, int from) {
        int complete = 0;
        try {
            long now = open.size();
            long end = size;
            while (from + complete < lines.size() && end + lines.get(from + complete).length <= now) {
                end += lines.get(from + complete).length;
                complete++;
            }
            if (end < now) {
                SeekableByteChannel unused = open.truncate(end);
            }
        } catch (IOException e) {
            LOG.debug("The torn line of sink {} stays until it is opened again", config.path(), e);
        }
        close();
        return complete;
    }

    private void rotate(long size, int next) {
        close();
        try {
            for (int i = config.keep() - 1; i >= 1; i--) {
                move(numbered(i), numbered(i + 1));
            }
            move(config.path(), numbered(1));
            rotateAt = config.maxBytes();
        } catch (IOException e) {
            rotateAt = size + Math.max(next, config.maxBytes() / 10);
            LOG.warn("Sink {} cannot be rotated and grows on: {}", config.path(), NotificationSink.reason(e));
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // There were fewer so far, or somebody took it away.
        }
    }

    private Path numbered(int number) {
        return Path.of(config.path() + "." + number);
    }

    private SeekableByteChannel current() throws IOException {
        SeekableByteChannel open = channel;
        if (open != null) {
            if (!stale && key != null && key.equals(PrivateFiles.keyOf(config.path()))) {
                return open;
            }
            close();
        }
        stale = false;
        SeekableByteChannel opened = opening.open(config.path());
        boolean keep = false;
        try {
            key = PrivateFiles.keyOf(config.path());
            if (endsWithinLine()) {
                int unused = opened.write(ByteBuffer.wrap(new byte[] {'\n'}));
            }
            if (opened.size() == 0) {
                rotateAt = config.maxBytes();
            }
            channel = opened;
            keep = true;
            return opened;
        } finally {
            if (!keep) {
                opened.close();
            }
        }
    }

    private boolean endsWithinLine() throws IOException {
        Set<OpenOption> reading = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel file = Files.newByteChannel(config.path(), reading)) {
            long size = file.size();
            ByteBuffer last = ByteBuffer.allocate(1);
            return size > 0 && file.position(size - 1).read(last) == 1 && last.get(0) != '\n';
        }
    }
}

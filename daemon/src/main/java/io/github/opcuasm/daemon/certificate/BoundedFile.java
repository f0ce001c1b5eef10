package io.github.opcuasm.daemon.certificate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a regular file of bounded size, read so that a file that is swapped meanwhile is noticed.
 *
 * <p>The path must be a real one. It is looked at without following a link (a pipe or a device would never end, so it is
 * not even opened), opened without following a link, read up to the bound, and looked at again: if the path has come to
 * lead elsewhere, or names another file, what was read does not count.
 */
final class BoundedFile {
    /** Enough for any chain; keeps a wrong path from filling the heap. */
    static final int MAX_BYTES = 1 << 20;

    /** A change within the tick of a file's clock leaves no trace; no file system's tick is coarser. */
    private static final Duration COARSEST_TICK = Duration.ofSeconds(2);

    private final Stamp stamp;
    private final byte[] content;

    private BoundedFile(Stamp stamp, byte[] content) {
        this.stamp = stamp;
        this.content = content;
    }

    /** Of the file as it was read. */
    Stamp stamp() {
        return stamp;
    }

    /** All of it; not a copy. */
    byte[] content() {
        return content;
    }

    /**
     * What changes when a file's contents do.
     *
     * @param key device and inode; the path where the system tells neither
     */
    record Stamp(Object key, FileTime modified, long size) {
        /** Whether nothing lies there, or no regular file: null. Links are not followed. */
        static @Nullable Stamp of(Path path) throws IOException {
            try {
                BasicFileAttributes found =
                        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                Object key = found.fileKey();
                return found.isRegularFile()
                        ? new Stamp(key == null ? path : key, found.lastModifiedTime(), found.size())
                        : null;
            } catch (NoSuchFileException e) {
                return null;
            }
        }

        /** Whether an equal stamp later means equal contents: the file was not being changed around now. */
        boolean isSettledAt(Instant now) {
            return modified.toInstant().plus(COARSEST_TICK).isBefore(now);
        }
    }

    /**
     * Reads a file.
     *
     * @param real a real path
     * @throws IOException if it is no regular file, is larger, cannot be read, or was swapped meanwhile
     */
    static BoundedFile read(Path real, int maxBytes) throws IOException {
        Stamp before = Stamp.of(real);
        if (before == null) {
            throw new FileSystemException("no regular file");
        }
        if (before.size() > maxBytes) {
            throw new TooLargeException();
        }
        byte[] content;
        try (SeekableByteChannel channel =
                Files.newByteChannel(real, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            content = readAll(channel, maxBytes);
        }
        if (!before.equals(Stamp.of(real)) || !real.toRealPath().equals(real)) {
            throw new FileSystemException("changed while it was read");
        }
        return new BoundedFile(before, content);
    }

    /** Reads a file that is no link itself; the directory that it is in may be reached through links. */
    static BoundedFile readIn(Path directory, Path name, int maxBytes) throws IOException {
        return read(directory.toRealPath().resolve(name), maxBytes);
    }

    private static byte[] readAll(SeekableByteChannel channel, int maxBytes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(16 * 1024);
        while (channel.read(part) >= 0) {
            content.write(part.array(), 0, part.position());
            part.clear();
            if (content.size() > maxBytes) {
                throw new TooLargeException();
            }
        }
        return content.toByteArray();
    }

    /** The file holds more than it may. */
    static final class TooLargeException extends FileSystemException {
        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("too large");
        }
    }
}

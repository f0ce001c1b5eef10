package io.github.opcuasm.daemon.audit;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file behind the log: created with mode 0600, opened for appending only and without following a link, and only if it
 * is a regular file of ours with one name, which nobody else may write.
 *
 * <p>Before each append the path is looked at: if it no longer names the open file (it was moved, or deleted), the file at
 * the path is opened, or made. So no entry goes where nobody would find it. An append that fails closes the file; the next
 * one opens it again, which is how a full disk that has room again is noticed. Whoever dies in the middle of a line leaves
 * half of it: a file that does not end with a line break is first given one.
 *
 * <p>Blocks. For one thread.
 */
final class AuditFile implements AutoCloseable {
    private static final int OTHERS_MAY_WRITE = 022;
    private static final String MODE = "rw-------";

    private final Path path;
    private final Opening opening;
    private @Nullable WritableByteChannel channel;
    private @Nullable Object key;
    private boolean torn;

    /** Opens the file for appending; makes it if need be. */
    @FunctionalInterface
    interface Opening {
        WritableByteChannel open(Path path) throws IOException;
    }

    /**
     * What came of an append.
     *
     * @param lines how many, from the first, the kernel has taken in full
     * @param failure why not all; null if all
     */
    record Appended(int lines, @Nullable IOException failure) {}

    AuditFile(Path path) {
        this(path, AuditFile::append);
    }

    /** @param opening so that tests can fill the disk */
    AuditFile(Path path, Opening opening) {
        this.path = path;
        this.opening = opening;
    }

    /** Opens the file, if it is not open. */
    void open() throws IOException {
        if (channel != null) {
            return;
        }
        Object before = requireOurs();
        WritableByteChannel opened = opening.open(path);
        boolean keep = false;
        try {
            Object after = requireOurs();
            if (before != null && !before.equals(after)) {
                throw new IOException("the file changed while it was opened");
            }
            torn = endsWithinLine();
            key = after;
            channel = opened;
            keep = true;
        } finally {
            if (!keep) {
                opened.close();
            }
        }
    }

    /** Hands lines, each with its line break, to the kernel. */
    Appended append(List<byte[]> lines) {
        long written = 0;
        int repair = 0;
        try {
            WritableByteChannel open = current();
            repair = torn ? 1 : 0;
            ByteBuffer bytes = joined(lines, torn);
            while (bytes.hasRemaining()) {
                written += open.write(bytes);
            }
            torn = false;
            return new Appended(lines.size(), null);
        } catch (IOException e) {
            close();
            int complete = 0;
            long end = repair;
            while (complete < lines.size() && end + lines.get(complete).length <= written) {
                end += lines.get(complete).length;
                complete++;
            }
            return new Appended(complete, e);
        }
    }

    /** Closes the file, which the next append opens again. */
    @Override
    public void close() {
        WritableByteChannel open = channel;
        channel = null;
        key = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // What the kernel has taken, it has; what it has not, append() told.
            }
        }
    }

    private static ByteBuffer joined(List<byte[]> lines, boolean afterLineBreak) {
        int size = afterLineBreak ? 1 : 0;
        for (byte[] line : lines) {
            size += line.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        if (afterLineBreak) {
            bytes.put((byte) '\n');
        }
        lines.forEach(bytes::put);
        return bytes.flip();
    }

    private WritableByteChannel current() throws IOException {
        if (channel != null && key != null && !key.equals(keyOf(path))) {
            close();
        }
        open();
        WritableByteChannel open = channel;
        if (open == null) {
            throw new IOException("not open");
        }
        return open;
    }

    private static WritableByteChannel append(Path path) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
        FileAttribute<?>[] mode = hasUnixAttributes()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MODE))}
                : new FileAttribute<?>[0];
        return FileChannel.open(path, options, mode);
    }

    private boolean endsWithinLine() throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel reading = Files.newByteChannel(path, options)) {
            long size = reading.size();
            ByteBuffer last = ByteBuffer.allocate(1);
            return size > 0 && reading.position(size - 1).read(last) == 1 && last.get(0) != '\n';
        }
    }

    /**
     * Which file the path names; null if none, or if the system does not tell.
     *
     * @throws IOException if it is none to write to
     */
    private @Nullable Object requireOurs() throws IOException {
        BasicFileAttributes basic = attributes(path);
        if (basic == null) {
            return null;
        }
        if (!basic.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        if (hasUnixAttributes()) {
            Map<String, Object> unix = Files.readAttributes(path, "unix:mode,nlink,uid", LinkOption.NOFOLLOW_LINKS);
            if (!Integer.valueOf(1).equals(unix.get("nlink"))) {
                throw new IOException("it has other names (hard links)");
            }
            if (!(unix.get("uid") instanceof Integer uid) || uid != new UnixSystem().getUid()) {
                throw new IOException("it belongs to someone else");
            }
            if (!(unix.get("mode") instanceof Integer mode) || (mode & OTHERS_MAY_WRITE) != 0) {
                throw new IOException("others may write to it");
            }
        }
        return basic.fileKey();
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        BasicFileAttributes found = attributes(path);
        return found == null ? null : found.fileKey();
    }

    private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static boolean hasUnixAttributes() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
    }
}

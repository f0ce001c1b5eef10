package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named pipe. It is opened for reading too, though nothing is read: so opening never waits for a reader, and a reader
 * that goes away leaves what it has not read to the next one, instead of failing the writer.
 *
 * <p>A full pipe blocks the writer until somebody reads; {@link #unblock} closes the channel beneath it. Lines are written
 * {@value #ATOMIC_BYTES} bytes at a time at most, unless one alone is longer: so much a pipe takes whole or not at all
 * (POSIX, PIPE_BUF), so that a writer that gives up leaves no half line.
 */
final class NamedPipe implements LineTarget {
    static final int ATOMIC_BYTES = 4096;
    private static final int TYPE_MASK = 0170000;
    private static final int PIPE_TYPE = 0010000;

    private final Path path;
    private volatile @Nullable FileChannel channel;
    private volatile @Nullable Object key;

    NamedPipe(Path path) {
        this.path = path;
    }

    /**
     * Whether there is a pipe.
     *
     * @throws IOException that says what is there instead
     */
    static void check(Path path) throws IOException {
        boolean unix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
        if (!unix) {
            throw new IOException("this system has no named pipes in its file system");
        }
        boolean pipe = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
                && (mode & TYPE_MASK) == PIPE_TYPE;
        if (!pipe) {
            throw new IOException("is no named pipe; make one with mkfifo");
        }
    }

    @Override
    public void open() throws IOException {
        FileChannel unused = current();
    }

    @Override
    public Written write(List<byte[]> lines) {
        int complete = 0;
        try {
            while (complete < lines.size()) {
                int count = chunk(lines, complete);
                write(current(), lines.subList(complete, complete + count));
                complete += count;
            }
            return new Written(complete, null);
        } catch (IOException e) {
            close();
            return new Written(complete, e);
        }
    }

    /** Closing it would throw away what it holds for a reader, unless that is a pipe which nobody will find again. */
    @Override
    public void refresh() {
        try {
            Object open = key;
            if (open != null && !open.equals(PrivateFiles.keyOf(path))) {
                close();
            }
        } catch (IOException e) {
            close();
        }
    }

    @Override
    public void unblock() {
        close();
    }

    @Override
    public void close() {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // What the pipe has taken, it has.
            }
        }
    }

    private static int chunk(List<byte[]> lines, int from) {
        int count = 1;
        int bytes = lines.get(from).length;
        while (from + count < lines.size() && bytes + lines.get(from + count).length <= ATOMIC_BYTES) {
            bytes += lines.get(from + count).length;
            count++;
        }
        return count;
    }

    private static void write(FileChannel open, List<byte[]> lines) throws IOException {
        int length = 0;
        for (byte[] line : lines) {
            length += line.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        lines.forEach(bytes::put);
        bytes.flip();
        while (bytes.hasRemaining()) {
            int unused = open.write(bytes);
        }
    }

    private FileChannel current() throws IOException {
        FileChannel open = channel;
        Object known = key;
        if (open != null && open.isOpen() && known != null && known.equals(PrivateFiles.keyOf(path))) {
            return open;
        }
        close();
        try {
            check(path);
        } catch (NoSuchFileException e) {
            throw new IOException("there is none; make one with mkfifo", e);
        }
        key = PrivateFiles.keyOf(path);
        // The channel closes the file.
        FileChannel opened = new RandomAccessFile(path.toFile(), "rw").getChannel();
        channel = opened;
        return opened;
    }
}

package io.github.opcuasm.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.jspecify.annotations.Nullable;

/**
 * The file handles of one server (Part 20, 4.2.2). A handle is of one session and one file; it has its own position.
 * Any number of handles read a file, or one handle writes it. Only the counts may be asked for from any thread,
 * everything else belongs to the thread of the files.
 *
 * <p>A file that was deleted or replaced on the disk under an open handle answers Bad_NotFound; the handle can only be
 * closed then.
 */
final class OpenFiles {
    /** Handles that one session may have. */
    static final int MAX_PER_SESSION = 100;

    /** Handles of all sessions together. */
    static final int MAX_HANDLES = 1_000;

    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int ERASE_EXISTING = 4;
    private static final int APPEND = 8;
    private static final int KNOWN = READ | WRITE | ERASE_EXISTING | APPEND;

    private final DiskFiles disk;
    private final Map<Long, Open> handles = new ConcurrentHashMap<>();
    private long last;

    OpenFiles(DiskFiles disk) {
        this.disk = disk;
    }

    /** One handle; {@code key} tells its file from another one that came in its place, if the disk has such keys. */
    private record Open(
            NodeId sessionId,
            String path,
            int mode,
            FileChannel channel,
            @Nullable Object key) {
        boolean has(int bit) {
            return (mode & bit) != 0;
        }
    }

    /** Whether Open takes this mode: read or write, to erase only what is written, and no other bit. */
    static boolean isMode(int mode) {
        return (mode & ~KNOWN) == 0
                && (mode & (READ | WRITE)) != 0
                && ((mode & ERASE_EXISTING) == 0 || (mode & WRITE) != 0);
    }

    /**
     * Opens a file.
     *
     * @param mode one that {@link #isMode}
     * @throws UaException Bad_NotFound, Bad_NotWritable (read-only, or open already), Bad_NotReadable (open for
     *     writing), Bad_ResourceUnavailable (too many handles)
     */
    long open(NodeId sessionId, String path, int mode) throws UaException {
        BasicFileAttributes attributes = disk.attributesOfFile(path);
        boolean writes = (mode & WRITE) != 0;
        if (writes && (!disk.isWritable(path) || count(path) > 0)) {
            throw new UaException(StatusCodes.Bad_NotWritable);
        }
        if (any(open -> open.path().equals(path) && open.has(WRITE))) {
            throw new UaException(StatusCodes.Bad_NotReadable);
        }
        long held = handles.values().stream()
                .filter(open -> open.sessionId().equals(sessionId))
                .count();
        if (held >= MAX_PER_SESSION || handles.size() >= MAX_HANDLES) {
            throw new UaException(StatusCodes.Bad_ResourceUnavailable);
        }
        try {
            FileChannel channel = FileChannel.open(disk.locate(path), options(mode));
            if ((mode & APPEND) != 0) {
                channel.position(channel.size());
            }
            last = last % UInteger.MAX_VALUE + 1;
            handles.put(last, new Open(sessionId, path, mode, channel, attributes.fileKey()));
            return last;
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    private static Set<OpenOption> options(int mode) {
        Set<OpenOption> options = new HashSet<>(Set.of(LinkOption.NOFOLLOW_LINKS));
        if ((mode & READ) != 0) {
            options.add(StandardOpenOption.READ);
        }
        if ((mode & WRITE) != 0) {
            options.add(StandardOpenOption.WRITE);
        }
        if ((mode & ERASE_EXISTING) != 0) {
            options.add(StandardOpenOption.TRUNCATE_EXISTING);
        }
        return options;
    }

    /** @throws UaException Bad_InvalidArgument if the session has no such handle of this file */
    void close(NodeId sessionId, String path, long handle) throws UaException {
        Open open = held(sessionId, path, handle);
        handles.remove(handle);
        try {
            open.channel().close();
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    /**
     * The bytes from the handle's position on, at most so many as were asked for; none at the end of the file.
     *
     * @throws UaException Bad_InvalidArgument (no such handle), Bad_InvalidState (not open for reading), Bad_NotFound
     */
    byte[] read(NodeId sessionId, String path, long handle, int length) throws UaException {
        Open open = present(sessionId, path, handle, READ);
        try {
            long left = Math.max(0, open.channel().size() - open.channel().position());
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(length, left));
            while (buffer.hasRemaining()) {
                if (open.channel().read(buffer) < 0) {
                    break;
                }
            }
            byte[] bytes = new byte[buffer.position()];
            buffer.flip().get(bytes);
            return bytes;
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    /**
     * Writes at the handle's position.
     *
     * @throws UaException Bad_InvalidArgument (no such handle), Bad_InvalidState (not open for writing), Bad_NotFound
     */
    void write(NodeId sessionId, String path, long handle, byte[] bytes) throws UaException {
        Open open = present(sessionId, path, handle, WRITE);
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                open.channel().write(buffer);
            }
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    /** @throws UaException Bad_InvalidArgument (no such handle), Bad_NotFound */
    long position(NodeId sessionId, String path, long handle) throws UaException {
        Open open = present(sessionId, path, handle, 0);
        try {
            return open.channel().position();
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    /**
     * Moves the handle's position; beyond the end is the end (Part 20, 4.2.7).
     *
     * @param position negative for what is beyond a long
     * @throws UaException Bad_InvalidArgument (no such handle), Bad_NotFound
     */
    void position(NodeId sessionId, String path, long handle, long position) throws UaException {
        Open open = present(sessionId, path, handle, 0);
        try {
            long size = open.channel().size();
            open.channel().position(position < 0 || position > size ? size : position);
        } catch (IOException e) {
            throw DiskFiles.refused(e);
        }
    }

    private Open held(NodeId sessionId, String path, long handle) throws UaException {
        Open open = handles.get(handle);
        if (open == null || !open.sessionId().equals(sessionId) || !open.path().equals(path)) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        return open;
    }

    private Open present(NodeId sessionId, String path, long handle, int mode) throws UaException {
        Open open = held(sessionId, path, handle);
        if (mode != 0 && !open.has(mode)) {
            throw new UaException(StatusCodes.Bad_InvalidState);
        }
        if (!Objects.equals(disk.attributesOfFile(path).fileKey(), open.key())) {
            throw new UaException(StatusCodes.Bad_NotFound);
        }
        return open;
    }

    /** How many handles a file has. From any thread. */
    int count(String path) {
        return (int) handles.values().stream()
                .filter(open -> open.path().equals(path))
                .count();
    }

    /** Whether this file, or a file below this directory, has a handle. From any thread. */
    boolean isOpen(String path) {
        return any(open -> isAtOrBelow(open.path(), path));
    }

    /** As {@link #isOpen}, for writing. */
    boolean isWritten(String path) {
        return any(open -> open.has(WRITE) && isAtOrBelow(open.path(), path));
    }

    private static boolean isAtOrBelow(String path, String top) {
        return path.equals(top) || path.startsWith(top + "/");
    }

    private boolean any(Predicate<Open> condition) {
        return handles.values().stream().anyMatch(condition);
    }

    /** Closes the handles of a session. */
    void closeAll(NodeId sessionId) {
        closeIf(open -> open.sessionId().equals(sessionId));
    }

    void closeAll() {
        closeIf(open -> true);
    }

    private void closeIf(Predicate<Open> condition) {
        handles.values().removeIf(open -> {
            if (!condition.test(open)) {
                return false;
            }
            try {
                open.channel().close();
            } catch (IOException e) {
                // Nothing is buffered here, so that nothing is lost; the handle is gone either way.
                return true;
            }
            return true;
        });
    }
}

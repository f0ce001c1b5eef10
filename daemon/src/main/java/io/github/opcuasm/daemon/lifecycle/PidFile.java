package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock that keeps a second daemon off an endpoint: a file that holds the PID and nothing else, locked for as long
 * as the daemon lives. The lock dies with the process, so what a killed daemon left behind blocks nobody, and neither
 * does a PID that the system gave to another program since.
 *
 * <p>How it is taken: look at the path without opening it (a regular file of ours with one link, or nothing), open it
 * without following links, lock it, look again. Only if the path still names the same file is the lock worth anything:
 * a daemon that ends unlinks its file, and one that opened it just before would lock a file that nobody else can find.
 * After the PID was written, the size at the path must be the one written: that tells a new file that was given the old
 * one's inode number from the old one. If anything moved, all of it is done again.
 *
 * <p>A POSIX lock belongs to the process, and closing <em>any</em> descriptor of the file drops it. So the file is
 * opened through one channel only, which reads and writes the PID too, and a second daemon in the same JVM must be
 * refused before it opens the file. What they share is the JVM's table of system properties, which, unlike a static
 * field, is one for all class loaders: the entry {@value #HELD_PREFIX}PATH stands there while the lock is held.
 */
public final class PidFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);
    private static final String HELD_PREFIX = "io.github.opcuasm.pidfile.";
    private static final int ATTEMPTS = 16;

    private final Path path;
    private final FileChannel channel;
    private final FileIdentity identity;
    private final String heldKey;

    private PidFile(Path path, FileChannel channel, FileIdentity identity, String heldKey) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
        this.heldKey = heldKey;
    }

    /**
     * Takes the lock of an endpoint and records this process. Connects to the endpoint before anything is changed.
     *
     * @param endpoint not a port 0, which nobody else can ask for
     * @throws DaemonStartException if another daemon holds it, somebody else listens on the endpoint, or what lies at
     *     the path is not ours to use
     */
    public static PidFile acquire(IpcEndpoint endpoint) throws DaemonStartException {
        return acquire(endpoint, PidFilePath.of(endpoint));
    }

    static PidFile acquire(IpcEndpoint endpoint, Path path) throws DaemonStartException {
        try {
            Path parent = path.toAbsolutePath().getParent();
            if (parent == null || !Files.isDirectory(parent)) {
                throw new DaemonStartException("Cannot create the PID file " + path + ": its directory does not exist");
            }
            String heldKey = HELD_PREFIX + parent.toRealPath().resolve(path.getFileName());
            if (System.getProperties().putIfAbsent(heldKey, "held") != null) {
                throw alreadyRunning(Long.toString(ProcessHandle.current().pid()), path);
            }
            boolean acquired = false;
            try {
                PidFile pidFile = lock(endpoint, path, heldKey);
                acquired = true;
                return pidFile;
            } finally {
                if (!acquired) {
                    System.getProperties().remove(heldKey);
                }
            }
        } catch (IOException e) {
            throw new DaemonStartException(
                    "Cannot use the PID file " + path + ": " + e.getClass().getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    public Path path() {
        return path;
    }

    /** Removes the file if it is still ours, then gives up the lock. May run twice. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            if (identity.isSameFileAs(FileIdentity.of(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.warn("Removing the PID file {} failed: {}", path, e.getMessage());
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("Closing the PID file {} failed: {}", path, e.getMessage());
        }
        System.getProperties().remove(heldKey);
    }

    private static PidFile lock(IpcEndpoint endpoint, Path path, String heldKey)
            throws IOException, DaemonStartException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileIdentity before = FileIdentity.of(path);
            if (before != null) {
                requireOurs(before, path);
            }
            FileChannel channel = open(path, before != null);
            if (channel == null) {
                continue;
            }
            boolean keep = false;
            try {
                FileIdentity locked = tryLock(channel, path, before);
                if (locked != null && record(channel, path, endpoint, locked, before == null)) {
                    keep = true;
                    return new PidFile(path, channel, locked, heldKey);
                }
            } finally {
                if (!keep) {
                    channel.close();
                }
            }
        }
        throw new DaemonStartException("The PID file " + path + " keeps changing hands: other daemons are starting");
    }

    /** Null if the path changed meanwhile. */
    private static @Nullable FileChannel open(Path path, boolean exists) throws IOException {
        try {
            if (exists) {
                Set<OpenOption> options =
                        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                return FileChannel.open(path, options);
            }
            Set<OpenOption> options =
                    Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            return FileChannel.open(path, options, FileMode.of("rw-------"));
        } catch (NoSuchFileException | FileAlreadyExistsException moved) {
            return null;
        }
    }

    /** What is locked, or null if the path changed meanwhile. */
    private static @Nullable FileIdentity tryLock(FileChannel channel, Path path, @Nullable FileIdentity before)
            throws IOException, DaemonStartException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw alreadyRunning(Long.toString(ProcessHandle.current().pid()), path);
        }
        if (lock == null) {
            throw alreadyRunning(RecordedPid.await(channel), path);
        }
        FileIdentity after = FileIdentity.of(path);
        if (after == null || (before != null && !after.isSameFileAs(before))) {
            return null;
        }
        requireOurs(after, path);
        return after;
    }

    /** Writes our PID; false if the path turns out to name another file. */
    private static boolean record(
            FileChannel channel, Path path, IpcEndpoint endpoint, FileIdentity locked, boolean created)
            throws IOException, DaemonStartException {
        if (EndpointProbe.accepts(endpoint)) {
            if (created) {
                Files.deleteIfExists(path);
            }
            throw new DaemonStartException("Another process is listening on " + endpoint);
        }
        String recorded = RecordedPid.read(channel);
        if (!created) {
            LOG.warn(
                    "Replacing the PID file {} (PID: {}), whose daemon ended without removing it",
                    path,
                    recorded.isEmpty() ? "none" : recorded);
            if (FileIdentity.hasUnixAttributes()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            }
        }
        int length = RecordedPid.write(channel);
        FileIdentity written = FileIdentity.of(path);
        return locked.isSameFileAs(written) && written != null && written.size() == length;
    }

    private static void requireOurs(FileIdentity found, Path path) throws DaemonStartException {
        String defect = null;
        if (found.kind() != FileIdentity.Kind.REGULAR) {
            defect = "is " + found.kind();
        } else if (found.links() != 1) {
            defect = "has " + found.links() + " hard links";
        } else if (found.uid() != -1 && found.uid() != FileIdentity.ownUid()) {
            defect = "belongs to someone else";
        }
        if (defect != null) {
            throw new DaemonStartException("The PID file " + path + " " + defect + " (owner " + found.owner()
                    + "), which is left alone. Remove it or choose another --socket");
        }
    }

    private static DaemonStartException alreadyRunning(String pid, Path path) {
        return new DaemonStartException(
                "Another daemon instance is already running (PID: " + pid + "). If this is stale, remove " + path);
    }
}

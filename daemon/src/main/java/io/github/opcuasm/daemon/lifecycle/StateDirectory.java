package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.daemon.DaemonStartException;
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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What outlasts the daemon ({@code --state-dir}): a directory that is its user's alone, and one daemon's at a time.
 *
 * <p>It holds private keys, and what lies in it is believed: so it must belong to this user with no right for anybody
 * else, and the start fails rather than to repair one that others may have written into. The file {@code lock} in it is
 * locked for as long as the daemon lives and holds its PID. It is never removed, so there is always one file to lock and
 * no moment at which two daemons could lock different ones. A POSIX lock is lost with <em>any</em> descriptor of its file
 * that this process closes; a second daemon in the same JVM is therefore refused before it opens the file, by an entry
 * {@value #HELD_PREFIX}PATH in the system properties, which are one for all class loaders.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final String HELD_PREFIX = "io.github.opcuasm.statedirectory.";
    private static final String LOCK = "lock";

    private final Path path;
    private final FileChannel channel;
    private final String heldKey;
    private final @Nullable FileIdentity locked;

    private StateDirectory(Path path, FileChannel channel, String heldKey, @Nullable FileIdentity locked) {
        this.path = path;
        this.channel = channel;
        this.heldKey = heldKey;
        this.locked = locked;
    }

    /**
     * Takes a directory into use, for this daemon alone; makes it, with mode 0700, if its parent exists.
     *
     * @throws DaemonStartException if another daemon uses it, or it is not this user's alone
     */
    public static StateDirectory open(Path path) throws DaemonStartException {
        try {
            Path real = made(path).toRealPath();
            requirePrivate(path, real);
            String heldKey = HELD_PREFIX + real;
            if (System.getProperties().putIfAbsent(heldKey, "held") != null) {
                throw inUse(path, Long.toString(ProcessHandle.current().pid()));
            }
            boolean opened = false;
            try {
                FileChannel channel = lock(path, real.resolve(LOCK));
                StateDirectory directory =
                        new StateDirectory(real, channel, heldKey, FileIdentity.of(real.resolve(LOCK)));
                opened = true;
                return directory;
            } finally {
                if (!opened) {
                    System.getProperties().remove(heldKey);
                }
            }
        } catch (IOException e) {
            throw new DaemonStartException(
                    "Cannot use the state directory " + path + ": "
                            + e.getClass().getSimpleName() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Its real path. */
    public Path path() {
        return path;
    }

    /**
     * Whether this daemon still is the one that the directory belongs to: if somebody removed or replaced the lock, another
     * one may have taken it, and this one must write no more. Looks at the disk.
     */
    public boolean isHeld() {
        try {
            FileIdentity now = FileIdentity.of(path.resolve(LOCK));
            return channel.isOpen() && locked != null && locked.isSameFileAs(now);
        } catch (IOException e) {
            // Nobody can be seen to have taken it.
            return channel.isOpen();
        }
    }

    /** Gives up the lock. May run twice. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("Closing the lock of the state directory {} failed: {}", path, e.getMessage());
        }
        System.getProperties().remove(heldKey);
    }

    private static Path made(Path path) throws IOException, DaemonStartException {
        if (Files.isDirectory(path)) {
            return path;
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new DaemonStartException(
                    "The state directory " + path + " is no directory. Remove it or choose another --state-dir");
        }
        try {
            return Files.createDirectory(path, FileMode.of("rwx------"));
        } catch (FileAlreadyExistsException e) {
            // Somebody else was first: what lies there is judged below.
            return path;
        } catch (NoSuchFileException e) {
            throw new DaemonStartException(
                    "The state directory " + path + " cannot be made: its parent does not exist", e);
        }
    }

    private static void requirePrivate(Path path, Path real) throws IOException, DaemonStartException {
        FileIdentity found = FileIdentity.of(real);
        if (found == null || found.kind() != FileIdentity.Kind.DIRECTORY) {
            throw new DaemonStartException(
                    "The state directory " + path + " is no directory. Remove it or choose another --state-dir");
        }
        if (found.uid() != -1 && found.uid() != FileIdentity.ownUid()) {
            throw new DaemonStartException("The state directory " + path + " belongs to " + found.owner()
                    + ", and not to the daemon's user. Give it to that user (chown) or choose another --state-dir");
        }
        if (!FileIdentity.hasUnixAttributes()) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
        if (!PosixFilePermissions.fromString("rwx------").containsAll(permissions)) {
            throw new DaemonStartException("The state directory " + path + " is open to other users ("
                    + PosixFilePermissions.toString(permissions)
                    + "), and it is to hold private keys. Look what is in it, then shut them out: chmod 700 " + path);
        }
        if (!Files.isWritable(real)) {
            throw new DaemonStartException(
                    "The state directory " + path + " cannot be written by the daemon: chmod 700 " + path);
        }
    }

    private static FileChannel lock(Path path, Path file) throws IOException, DaemonStartException {
        FileIdentity before = FileIdentity.of(file);
        if (before != null && before.kind() != FileIdentity.Kind.REGULAR) {
            throw new DaemonStartException("The lock " + file + " is " + before.kind() + ". Remove it");
        }
        Set<OpenOption> options = Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                LinkOption.NOFOLLOW_LINKS);
        FileChannel channel = FileChannel.open(file, options, FileMode.of("rw-------"));
        boolean locked = false;
        try {
            FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                throw inUse(path, Long.toString(ProcessHandle.current().pid()));
            }
            if (lock == null) {
                throw inUse(path, RecordedPid.await(channel));
            }
            RecordedPid.write(channel);
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static DaemonStartException inUse(Path path, String pid) {
        return new DaemonStartException("State directory " + path + " is in use by another daemon (PID: " + pid
                + "). Stop that one, or choose another --state-dir");
    }
}

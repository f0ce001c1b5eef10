package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening Unix socket and its file.
 *
 * <p>Java has no umask, so a socket bound at its final path would for a moment have whatever mode the process creates
 * files with. Instead it is bound inside a fresh directory (mode 0700) beside the target, gets its mode there, and is
 * then linked to the target: a hard link appears at once and, unlike a rename, never replaces anything. Where a file
 * system has no hard links, an atomic rename takes its place. The path that is bound may be longer than the kernel
 * takes, so {@link ShortPath} reaches it.
 *
 * <p>Invariants: nothing is ever deleted but a socket that refuses connections (said at warning level) before the
 * start, and our own socket, recognised by device and inode, at the end. Two daemons that start on one path at once are
 * kept apart by {@link PidFile}, not here.
 */
public final class SocketFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);

    private final Path path;
    private final ServerSocketChannel channel;
    private final @Nullable FileIdentity identity;

    private SocketFile(Path path, ServerSocketChannel channel, @Nullable FileIdentity identity) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
    }

    /**
     * Listens.
     *
     * @param path absolute
     * @param mode permissions of the file, 0 to 0777
     * @param backlog connections that the kernel holds until they are accepted
     * @throws DaemonStartException if the path is too long, taken by something that is not a dead socket, or not usable
     */
    public static SocketFile bind(Path path, int mode, int backlog) throws DaemonStartException {
        UnixSocketPath.check(path);
        IpcEndpoint endpoint = new IpcEndpoint.Unix(path);
        Path directory = path.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new DaemonStartException("Cannot listen on " + endpoint
                    + ": its directory does not exist. Create it or choose another --socket");
        }
        try {
            clear(path, endpoint);
            return bindBeside(path, directory, mode, backlog);
        } catch (IOException e) {
            throw new DaemonStartException("Cannot listen on " + endpoint + ": " + reason(e), e);
        }
    }

    public Path path() {
        return path;
    }

    /** Listening, in blocking mode; its local address is the temporary path, which is gone. */
    public ServerSocketChannel channel() {
        return channel;
    }

    /** Stops listening and removes the file if it is still ours. May run twice. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("Closing the listener on {} failed: {}", path, e.getMessage());
        }
        try {
            if (identity != null && identity.isSameFileAs(FileIdentity.of(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.warn("Removing the socket file {} failed: {}", path, e.getMessage());
        }
    }

    private static void clear(Path path, IpcEndpoint endpoint) throws DaemonStartException, IOException {
        FileIdentity found = FileIdentity.of(path);
        if (found == null) {
            return;
        }
        boolean mayBeSocket = found.kind() == FileIdentity.Kind.SOCKET
                || (found.kind() == FileIdentity.Kind.OTHER && !FileIdentity.hasUnixAttributes());
        if (!mayBeSocket) {
            throw new DaemonStartException("Cannot listen on " + endpoint + ": it is " + found.kind() + " (owner "
                    + found.owner() + "), which is left alone. Remove it or choose another --socket");
        }
        if (EndpointProbe.accepts(endpoint)) {
            throw new DaemonStartException("Another process is listening on " + endpoint);
        }
        if (found.isSameFileAs(FileIdentity.of(path))) {
            Files.deleteIfExists(path);
            LOG.warn("Removed the socket file {}, on which nobody listens any more", path);
        }
    }

    private static SocketFile bindBeside(Path path, Path directory, int mode, int backlog)
            throws IOException, DaemonStartException {
        // Mode 0700 by the JDK's own default for temporary directories.
        Path fresh = Files.createTempDirectory(directory, ".opcua-");
        Path bound = fresh.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean done = false;
        try (ShortPath alias = ShortPath.of(bound)) {
            channel.bind(UnixDomainSocketAddress.of(alias.path()), backlog);
            if (FileIdentity.hasUnixAttributes()) {
                Files.setPosixFilePermissions(bound, permissions(mode));
            }
            FileIdentity identity = FileIdentity.of(bound);
            place(bound, path);
            done = true;
            return new SocketFile(path, channel, identity);
        } finally {
            if (!done) {
                channel.close();
            }
            Files.deleteIfExists(bound);
            Files.deleteIfExists(fresh);
        }
    }

    private static void place(Path bound, Path path) throws IOException, DaemonStartException {
        try {
            Files.createLink(path, bound);
        } catch (FileAlreadyExistsException e) {
            throw new DaemonStartException(
                    "Cannot listen on unix://" + path + ": something else was put there while starting", e);
        } catch (IOException | UnsupportedOperationException noHardLinks) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("something else was put there while starting", noHardLinks);
            }
            Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        int bit = 0400;
        // Declared in the order of the bits, the owner's read permission first.
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & bit) != 0) {
                permissions.add(permission);
            }
            bit >>= 1;
        }
        return permissions;
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }
}

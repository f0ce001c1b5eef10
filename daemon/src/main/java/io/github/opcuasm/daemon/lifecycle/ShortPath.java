package io.github.opcuasm.daemon.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A short name for an entry of a directory, for as long as this is open. The JDK hands at most 106 bytes of a Unix
 * socket's path to the kernel, one less than the kernel takes, and a temporary name beside the target is longer than
 * the target itself. So a path that is too long is reached through a symbolic link to its directory, which lies in a
 * fresh directory (mode 0700: nobody else can touch the link) of the system's temporary directory. The kernel follows
 * the link, the socket's inode is made in the real directory.
 */
final class ShortPath implements AutoCloseable {
    /** What every system and JDK takes. */
    private static final int SAFE_LENGTH = 100;

    private static final String LINK = "d";

    private final Path path;
    private final @Nullable Path linkDirectory;

    private ShortPath(Path path, @Nullable Path linkDirectory) {
        this.path = path;
        this.linkDirectory = linkDirectory;
    }

    /**
     * @param path absolute; its directory exists
     * @throws IOException if it is too long and no temporary directory has a short enough name
     */
    static ShortPath of(Path path) throws IOException {
        if (UnixSocketPath.length(path) <= SAFE_LENGTH) {
            return new ShortPath(path, null);
        }
        Path name = path.getFileName();
        Path directory = path.getParent();
        if (name == null || directory == null) {
            throw new IOException("not the path of a file: " + path);
        }
        for (String temporary : List.of(System.getProperty("java.io.tmpdir", "/tmp"), "/tmp")) {
            Path linkDirectory = Files.createTempDirectory(Path.of(temporary), "opcua-");
            Path alias = linkDirectory.resolve(LINK).resolve(name);
            if (UnixSocketPath.length(alias) <= SAFE_LENGTH) {
                try {
                    Files.createSymbolicLink(linkDirectory.resolve(LINK), directory);
                } catch (IOException | UnsupportedOperationException e) {
                    Files.delete(linkDirectory);
                    throw new IOException("no short name for " + directory, e);
                }
                return new ShortPath(alias, linkDirectory);
            }
            Files.delete(linkDirectory);
        }
        throw new IOException("no temporary directory has a name short enough to reach " + directory);
    }

    /** At most {@value #SAFE_LENGTH} bytes. */
    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (linkDirectory != null) {
            Files.deleteIfExists(linkDirectory.resolve(LINK));
            Files.deleteIfExists(linkDirectory);
        }
    }
}

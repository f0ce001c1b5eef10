package io.github.opcuasm.daemon.lifecycle;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What lies at a path, symbolic links not followed, without opening it (closing a descriptor of a locked file would
 * drop the lock).
 *
 * @param key device and inode
 * @param kind for messages
 * @param links hard links; 1 where the system does not tell
 * @param uid numeric owner; -1 where the system does not tell
 * @param owner the owner's name, or its number
 * @param size bytes
 */
record FileIdentity(Object key, Kind kind, int links, int uid, String owner, long size) {
    private static final int TYPE_MASK = 0170000;
    private static final int SOCKET_TYPE = 0140000;

    enum Kind {
        REGULAR("a regular file"),
        DIRECTORY("a directory"),
        SYMBOLIC_LINK("a symbolic link"),
        SOCKET("a socket"),
        OTHER("a special file");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Whether this system tells links, owners and modes. */
    static boolean hasUnixAttributes() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
    }

    /** The numeric user that this process runs as. */
    static long ownUid() {
        return new com.sun.security.auth.module.UnixSystem().getUid();
    }

    /** Null if nothing lies there. */
    static @Nullable FileIdentity of(Path path) throws IOException {
        try {
            if (!hasUnixAttributes()) {
                BasicFileAttributes basic =
                        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                Object key = basic.fileKey();
                return new FileIdentity(key == null ? path : key, kind(basic), 1, -1, "unknown", basic.size());
            }
            Map<String, Object> unix =
                    Files.readAttributes(path, "unix:fileKey,mode,nlink,uid,owner,size", LinkOption.NOFOLLOW_LINKS);
            BasicFileAttributes basic =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean socket = (((Integer) attribute(unix, "mode")) & TYPE_MASK) == SOCKET_TYPE;
            return new FileIdentity(
                    attribute(unix, "fileKey"),
                    socket ? Kind.SOCKET : kind(basic),
                    (Integer) attribute(unix, "nlink"),
                    (Integer) attribute(unix, "uid"),
                    attribute(unix, "owner").toString(),
                    (Long) attribute(unix, "size"));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    boolean isSameFileAs(@Nullable FileIdentity other) {
        return other != null && key.equals(other.key);
    }

    private static Object attribute(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }

    private static Kind kind(BasicFileAttributes attributes) {
        if (attributes.isSymbolicLink()) {
            return Kind.SYMBOLIC_LINK;
        }
        if (attributes.isDirectory()) {
            return Kind.DIRECTORY;
        }
        return attributes.isRegularFile() ? Kind.REGULAR : Kind.OTHER;
    }
}

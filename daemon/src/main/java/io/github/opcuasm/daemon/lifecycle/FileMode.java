package io.github.opcuasm.daemon.lifecycle;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** The permissions that a new file or directory is made with, so that at no moment it has others. */
public final class FileMode {
    private FileMode() {}

    /**
     * Permissions for {@code Files.create…} and {@code FileChannel.open}; none where the system has no such thing.
     *
     * @param permissions as {@code ls} shows them: {@code rw-------}
     */
    public static FileAttribute<?>[] of(String permissions) {
        return FileIdentity.hasUnixAttributes()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}

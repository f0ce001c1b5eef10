package io.github.opcuasm.daemon.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Writes files that only their owner may read, so that others see them whole or not at all: written beside under a name
 * of their own, flushed to the disk, then moved into place.
 */
public final class PrivateFiles {
    /** Of files that are not in place yet; a crash may leave one, which nobody reads. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private PrivateFiles() {}

    /** Makes a directory with mode 0700 unless it is there; its parent must be. */
    public static void makeDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectory(directory, FileMode.of("rwx------"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException("no directory, or a link to one");
            }
        }
    }

    /** Writes a file over the one that may be there. */
    public static void replace(Path file, byte[] content) throws IOException {
        Path beside = write(file, content);
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /**
     * Writes a file unless one is there: of several processes one succeeds.
     *
     * @return whether it was written
     */
    public static boolean createIfAbsent(Path file, byte[] content) throws IOException {
        Path beside = write(file, content);
        try {
            try {
                Files.createLink(file, beside);
            } catch (FileAlreadyExistsException e) {
                return false;
            } catch (FileSystemException | UnsupportedOperationException e) {
                // FAT, CIFS and others have no links, and say so in many ways.
                moveIfAbsent(beside, file);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /**
     * Without links: an empty file in its place first, which one process alone can make. A crash in between leaves it
     * there, empty: something that cannot be read, not nothing.
     */
    static void moveIfAbsent(Path beside, Path file) throws IOException {
        Files.createFile(file, FileMode.of("rw-------"));
        boolean moved = false;
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static Path write(Path file, byte[] content) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path beside = Files.createTempFile(directory, ".new", TEMPORARY_SUFFIX, FileMode.of("rw-------"));
        boolean written = false;
        try (FileChannel channel = FileChannel.open(beside, Set.of(StandardOpenOption.WRITE))) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                channel.write(source);
            }
            channel.force(true);
            written = true;
        } finally {
            if (!written) {
                Files.deleteIfExists(beside);
            }
        }
        return beside;
    }
}

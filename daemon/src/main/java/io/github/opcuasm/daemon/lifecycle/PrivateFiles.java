package io.github.opcuasm.daemon.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes files that only their owner may read, so that others see them whole or not at all: written beside under a name
 * of their own, flushed to the disk, then moved into place. Reads such files, and none that others could have written.
 */
public final class PrivateFiles {
    /** Of files that are not in place yet; a crash may leave one, which nobody reads. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private static final Set<PosixFilePermission> OF_OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS = PosixFilePermissions.fromString("----w--w-");

    private PrivateFiles() {}

    /** The file is not its owner's alone, or no file; the message follows its name. */
    public static final class UnfitFileException extends IOException {
        private static final long serialVersionUID = 1L;

        UnfitFileException(String message) {
            super(message);
        }
    }

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
        moveOver(file, write(file, content, true));
    }

    /**
     * As {@link #replace}, but not flushed to the disk: it outlasts the process, and only by luck a power failure, after
     * which the file may be empty or as it was before. Some tenths of a millisecond instead of some or many milliseconds.
     */
    public static void replaceUnforced(Path file, byte[] content) throws IOException {
        moveOver(file, write(file, content, false));
    }

    /**
     * Reads a file that must be this user's alone, by one name, and no link.
     *
     * @param maxBytes what is larger is not read
     * @throws UnfitFileException if it is not; the message follows the file's name
     * @throws IOException if it cannot be read now
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        requirePrivate(file);
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            // What grows while it is read is bounded too.
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(channel.size(), maxBytes) + 1);
            while (content.hasRemaining() && channel.read(content) >= 0) {
                // Until its end, or one byte more than there may be.
            }
            if (content.position() > maxBytes) {
                throw new UnfitFileException("is larger than " + maxBytes + " bytes");
            }
            return Arrays.copyOf(content.array(), content.position());
        }
    }

    /**
     * Opens a file for appending only, and makes it with mode 0600 if none is there. It must be a regular file of this
     * user's with one name, which nobody else may write; a link is not followed.
     *
     * @throws UnfitFileException if it is not; the message follows the file's name
     * @throws IOException if it cannot be opened now
     */
    public static FileChannel append(Path file) throws IOException {
        FileIdentity before = requireOwn(file);
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
                FileMode.of("rw-------"));
        boolean keep = false;
        try {
            FileIdentity after = requireOwn(file);
            if (after == null || (before != null && !before.isSameFileAs(after))) {
                throw new IOException("the file changed while it was opened");
            }
            keep = true;
            return channel;
        } finally {
            if (!keep) {
                channel.close();
            }
        }
    }

    /**
     * Whether {@link #append} would take a file, or make it; changes nothing.
     *
     * @throws UnfitFileException if not; the message follows the file's name
     * @throws IOException if it cannot be told now
     */
    public static void checkAppendable(Path file) throws IOException {
        FileIdentity unused = requireOwn(file);
    }

    /** Which file the path names, links not followed, to be compared with another answer; null if none. */
    public static @Nullable Object keyOf(Path file) throws IOException {
        FileIdentity found = FileIdentity.of(file);
        return found == null ? null : found.key();
    }

    /** Takes all rights from others, if they have any; says whether they had. */
    public static boolean shut(Path file) throws IOException {
        if (!FileIdentity.hasUnixAttributes()
                || Files.isSymbolicLink(file)
                || !isOpenToOthers(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
            return false;
        }
        Set<PosixFilePermission> own = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        own.removeAll(OF_OTHERS);
        Files.setPosixFilePermissions(file, own);
        return true;
    }

    private static void requirePrivate(Path file) throws IOException {
        FileIdentity found = FileIdentity.of(file);
        if (found == null) {
            throw new NoSuchFileException(file.toString());
        }
        if (found.kind() != FileIdentity.Kind.REGULAR) {
            throw new UnfitFileException("is " + found.kind());
        }
        if (found.uid() != -1 && found.uid() != FileIdentity.ownUid()) {
            throw new UnfitFileException("belongs to " + found.owner());
        }
        if (found.links() != 1) {
            throw new UnfitFileException("has " + found.links() + " names");
        }
        if (FileIdentity.hasUnixAttributes()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
            if (isOpenToOthers(permissions)) {
                throw new UnfitFileException(
                        "is open to other users (" + PosixFilePermissions.toString(permissions) + ")");
            }
        }
    }

    private static @Nullable FileIdentity requireOwn(Path file) throws IOException {
        FileIdentity found = FileIdentity.of(file);
        if (found == null) {
            return null;
        }
        if (found.kind() != FileIdentity.Kind.REGULAR) {
            throw new UnfitFileException("is " + found.kind());
        }
        if (found.uid() != -1 && found.uid() != FileIdentity.ownUid()) {
            throw new UnfitFileException("belongs to " + found.owner());
        }
        if (found.links() != 1) {
            throw new UnfitFileException("has " + found.links() + " names");
        }
        if (FileIdentity.hasUnixAttributes()
                && Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).stream()
                        .anyMatch(WRITABLE_BY_OTHERS::contains)) {
            throw new UnfitFileException("may be written by other users");
        }
        return found;
    }

    private static boolean isOpenToOthers(Set<PosixFilePermission> permissions) {
        return permissions.stream().anyMatch(OF_OTHERS::contains);
    }

    /** Gives what lies beside a file its place; whatever happens, nothing is left beside. */
    public static void moveOver(Path file, Path beside) throws IOException {
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
        Path beside = write(file, content, true);
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

    /** An empty file beside another, whose place it may take ({@link #moveOver}). */
    public static Path createBeside(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        return Files.createTempFile(directory, ".new", TEMPORARY_SUFFIX, FileMode.of("rw-------"));
    }

    private static Path write(Path file, byte[] content, boolean forced) throws IOException {
        Path beside = createBeside(file);
        boolean written = false;
        try (FileChannel channel = FileChannel.open(beside, Set.of(StandardOpenOption.WRITE))) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                channel.write(source);
            }
            if (forced) {
                channel.force(true);
            }
            written = true;
        } finally {
            if (!written) {
                Files.deleteIfExists(beside);
            }
        }
        return beside;
    }
}

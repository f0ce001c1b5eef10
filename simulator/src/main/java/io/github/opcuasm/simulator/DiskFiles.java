package io.github.opcuasm.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.jspecify.annotations.Nullable;

/**
 * Files and directories below one directory of the disk, by paths relative to it: names joined by slashes, empty for
 * the directory itself. No path leads out of it: a name is never {@code .} or {@code ..} and has no separator, and
 * symbolic links are neither shown nor followed, wherever they lead. A link that somebody puts in the place of a
 * directory between that look and the use of the path is beyond this; clients cannot make links.
 *
 * <p>What the disk refuses becomes a status: Bad_NotFound, Bad_BrowseNameDuplicated, Bad_UserAccessDenied, and
 * Bad_UnexpectedError for the rest. A file whose owner may not write it counts as read-only even for the superuser.
 */
final class DiskFiles {
    /** Entries of one directory that are shown, and entries of a tree that one call copies or deletes. */
    static final int MAX_ENTRIES = 10_000;

    private static final int MAX_NAME_BYTES = 255;

    private final Path root;

    DiskFiles(Path root) {
        this.root = root;
    }

    /** One file or directory in a directory. */
    record Entry(String name, boolean directory) {}

    /** The path of an entry of a directory. */
    static String child(String directory, String name) {
        return directory.isEmpty() ? name : directory + "/" + name;
    }

    /** Whether a file or directory may have this name. */
    static boolean isName(String name) {
        return !name.isBlank()
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    /**
     * Where a path is on the disk; its last name may be new.
     *
     * @throws UaException Bad_NotFound if it has a name that no file has, or leads over a symbolic link
     */
    Path locate(String path) throws UaException {
        Path located = root;
        if (path.isEmpty()) {
            return located;
        }
        for (String name : path.split("/", -1)) {
            try {
                located = isName(name) ? located.resolve(name) : null;
            } catch (InvalidPathException e) {
                located = null;
            }
            if (located == null || Files.isSymbolicLink(located)) {
                throw new UaException(StatusCodes.Bad_NotFound);
            }
        }
        return located;
    }

    /** The files and directories of a directory, {@link #MAX_ENTRIES} at most. */
    List<Entry> list(String directory) throws UaException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(locate(directory))) {
            for (Path path : stream) {
                String name = path.getFileName().toString();
                boolean isDirectory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
                if (isName(name) && (isDirectory || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))) {
                    entries.add(new Entry(name, isDirectory));
                }
                if (entries.size() == MAX_ENTRIES) {
                    break;
                }
            }
        } catch (IOException e) {
            throw refused(e);
        } catch (DirectoryIteratorException e) {
            throw new UaException(StatusCodes.Bad_UnexpectedError, e);
        }
        return entries;
    }

    /**
     * The attributes of a file.
     *
     * @throws UaException Bad_NotFound if there is none
     */
    BasicFileAttributes attributesOfFile(String path) throws UaException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(locate(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                throw new UaException(StatusCodes.Bad_NotFound);
            }
            return attributes;
        } catch (IOException e) {
            throw refused(e);
        }
    }

    boolean isDirectory(String path) throws UaException {
        return Files.isDirectory(locate(path), LinkOption.NOFOLLOW_LINKS);
    }

    boolean exists(String path) throws UaException {
        return Files.exists(locate(path), LinkOption.NOFOLLOW_LINKS);
    }

    boolean isWritable(String path) throws UaException {
        return isWritable(locate(path));
    }

    private static boolean isWritable(Path located) {
        PosixFileAttributeView view =
                Files.getFileAttributeView(located, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            return Files.isWritable(located)
                    && (view == null || view.readAttributes().permissions().contains(PosixFilePermission.OWNER_WRITE));
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes a directory whose parent is there. */
    void createDirectory(String path) throws UaException {
        try {
            Files.createDirectory(created(path));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Makes an empty file in a directory that is there. */
    void createFile(String path) throws UaException {
        try {
            Files.createFile(created(path));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /**
     * Deletes a file, or a directory with everything in it; nothing of it if something is read-only.
     *
     * @throws UaException Bad_UserAccessDenied if something is read-only
     */
    void delete(String path) throws UaException {
        try {
            requireChangeable(path);
            deleteTree(locate(path));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Deletes a file, or a directory with everything in it. Links are deleted, not followed. */
    static void deleteTree(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Gives a file or directory another path.
     *
     * @throws UaException Bad_UserAccessDenied if something of it is read-only
     */
    void move(String path, String newPath) throws UaException {
        try {
            requireChangeable(path);
            Files.move(locate(path), created(newPath));
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Copies a file, or a directory with everything in it but symbolic links. */
    void copy(String path, String newPath) throws UaException {
        Path source = locate(path);
        Path target = created(newPath);
        try {
            for (Path from : tree(source)) {
                if (Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)
                        || Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
                    Files.copy(from, target.resolve(source.relativize(from).toString()), LinkOption.NOFOLLOW_LINKS);
                }
            }
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Where something new goes: its directory allows it, and nothing is there, not even a link. */
    private Path created(String path) throws UaException {
        Path located = locate(path);
        if (Files.exists(located, LinkOption.NOFOLLOW_LINKS)) {
            throw new UaException(StatusCodes.Bad_BrowseNameDuplicated);
        }
        Path parent = located.getParent();
        if (parent == null || !Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            throw new UaException(StatusCodes.Bad_NotFound);
        }
        if (!isWritable(parent)) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        return located;
    }

    private void requireChangeable(String path) throws UaException, IOException {
        for (Path each : tree(locate(path))) {
            if (!Files.isSymbolicLink(each) && !isWritable(each)) {
                throw new UaException(StatusCodes.Bad_UserAccessDenied);
            }
        }
    }

    /** A directory comes before what is in it. */
    private static List<Path> tree(Path located) throws UaException, IOException {
        try (Stream<Path> walk = Files.walk(located)) {
            List<Path> tree = walk.limit(MAX_ENTRIES + 1L).toList();
            if (tree.size() > MAX_ENTRIES) {
                throw new UaException(StatusCodes.Bad_ResourceUnavailable);
            }
            return tree;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The status for what the disk refused. */
    static UaException refused(IOException refusal) {
        if (refusal instanceof NoSuchFileException || refusal instanceof NotDirectoryException) {
            return new UaException(StatusCodes.Bad_NotFound, refusal);
        }
        if (refusal instanceof FileAlreadyExistsException) {
            return new UaException(StatusCodes.Bad_BrowseNameDuplicated, refusal);
        }
        if (refusal instanceof AccessDeniedException) {
            return new UaException(StatusCodes.Bad_UserAccessDenied, refusal);
        }
        return new UaException(StatusCodes.Bad_UnexpectedError, refusal);
    }
}

package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directories that callers may name files in ({@code --allowed-cert-dirs}): a closed list, or anywhere.
 *
 * <p>What counts is where a path ends once every symbolic link and every {@code ..} of it is followed, compared by whole
 * names with where the allowed directories end; case is the file system's own. The answer is that real path, for the
 * caller to use instead of the one that it was given: a link that is turned round afterwards changes nothing. Messages
 * never tell a path, and one outside the directories is refused alike whether something lies there or not.
 *
 * <p>Does I/O where it is called: never on an event loop.
 */
public final class AllowedDirectories {
    private final @Nullable List<Path> directories;

    private AllowedDirectories(@Nullable List<Path> directories) {
        this.directories = directories;
    }

    public static AllowedDirectories anywhere() {
        return new AllowedDirectories(null);
    }

    /**
     * Only below these.
     *
     * @param directories may come to exist later; none at all refuses everything
     */
    public static AllowedDirectories of(List<Path> directories) {
        return new AllowedDirectories(List.copyOf(directories));
    }

    /**
     * The real path of a file.
     *
     * @param what it is, to begin a message with: {@code Client certificate}
     * @throws CommandException {@link ErrorType#INVALID_PATH} if it does not exist, cannot be reached, or lies elsewhere
     */
    public Path require(String what, String path) {
        Path given = parse(what, path);
        try {
            return requireInside(what, given.toRealPath());
        } catch (IOException e) {
            throw missing(what, given);
        }
    }

    /**
     * The real path of a directory that may have to be made yet: its parent must exist, and itself be inside an allowed
     * directory or be one.
     *
     * @param what it is, to begin a message with: {@code Trust store}
     * @throws CommandException {@link ErrorType#INVALID_PATH} if it lies elsewhere, is no directory, or has no parent
     */
    public Path requireDirectory(String what, String path) {
        Path given = parse(what, path);
        try {
            Path real = requireInside(what, given.toRealPath());
            if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new CommandException(ErrorType.INVALID_PATH, what + " is not a directory: [path]");
            }
            return real;
        } catch (NoSuchFileException e) {
            return requireNewDirectory(what, given);
        } catch (IOException e) {
            throw missing(what, given);
        }
    }

    private Path requireNewDirectory(String what, Path given) {
        Path name = given.getFileName();
        Path parent = given.getParent();
        // A dangling link would be made wherever it points to; "x/.." has no name of its own.
        if (name == null
                || parent == null
                || name.toString().equals("..")
                || name.toString().equals(".")
                || Files.isSymbolicLink(given)) {
            throw missing(what, given);
        }
        try {
            Path real = requireInside(what, parent.toRealPath());
            if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
                throw missing(what, given);
            }
            return real.resolve(name);
        } catch (IOException e) {
            throw missing(what, given);
        }
    }

    private static Path parse(String what, String path) {
        try {
            return Path.of(path).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new CommandException(ErrorType.INVALID_PATH, what + " does not exist or cannot be read: [path]");
        }
    }

    private Path requireInside(String what, Path real) {
        if (directories == null) {
            return real;
        }
        for (Path directory : realDirectories(directories)) {
            if (real.startsWith(directory)) {
                return real;
            }
        }
        throw outside(what);
    }

    /** Asked anew each time: an operator may turn a link to the directory round. One that is missing allows nothing. */
    private static List<Path> realDirectories(List<Path> directories) {
        List<Path> real = new ArrayList<>();
        for (Path directory : directories) {
            try {
                real.add(directory.toRealPath());
            } catch (IOException e) {
                // Allows nothing.
            }
        }
        return real;
    }

    private CommandException missing(String what, Path given) {
        // Whether something exists elsewhere is nobody's business: only what lies inside is called missing.
        if (directories == null || isBelow(given)) {
            return new CommandException(ErrorType.INVALID_PATH, what + " does not exist or cannot be read: [path]");
        }
        return outside(what);
    }

    /** Whether the longest part of a path that exists lies inside. */
    private boolean isBelow(Path given) {
        Path part = given.getParent();
        while (part != null) {
            try {
                Path real = part.toRealPath();
                return directories != null
                        && realDirectories(directories).stream().anyMatch(real::startsWith);
            } catch (IOException e) {
                part = part.getParent();
            }
        }
        return false;
    }

    private static CommandException outside(String what) {
        return new CommandException(ErrorType.INVALID_PATH, what + " is not in an allowed directory: [path]");
    }
}

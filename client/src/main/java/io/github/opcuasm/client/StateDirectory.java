package io.github.opcuasm.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where what belongs to this user's daemons is kept between runs: {@code $XDG_STATE_HOME/opcua-session-manager}, {@code
 * ~/.local/state/…} without that variable, {@code %LOCALAPPDATA%\…} on Windows. Mode 0700, its files 0600.
 */
record StateDirectory(Path path) {
    private static final String NAME = "opcua-session-manager";
    private static final long LONGEST_LOG_BYTES = 4 * 1024 * 1024;
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /** Makes the directory unless it is there, and keeps others out of it. */
    static StateDirectory in(Path parent) throws IOException {
        Path path = parent.resolve(NAME);
        try {
            if (!Files.isDirectory(parent)) {
                Files.createDirectories(parent);
            }
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(path, mode("rwx------"));
            }
        } catch (FileAlreadyExistsException e) {
            // another starter was faster, or it is what the next line says
        } catch (IOException e) {
            throw unusable(path, e);
        }
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw unusable(path, null);
        }
        if (POSIX) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
        return new StateDirectory(path);
    }

    private static IOException unusable(Path path, @Nullable IOException cause) {
        return new IOException(
                "there is no directory " + path + " and none can be made: set XDG_STATE_HOME to another", cause);
    }

    /** Where such directories are, as the environment has it. */
    static Path home(Map<String, String> environment) {
        String given = environment.getOrDefault(POSIX ? "XDG_STATE_HOME" : "LOCALAPPDATA", "");
        // A relative path is to be ignored, says the XDG Base Directory Specification.
        return !given.isEmpty() && Path.of(given).isAbsolute()
                ? Path.of(given)
                : Path.of(System.getProperty("user.home"), ".local", "state");
    }

    /** Opens a file for writing, made if there is none. */
    FileChannel open(String name) throws IOException {
        return FileChannel.open(
                path.resolve(name),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                mode("rw-------"));
    }

    /** A log to append to; one that has grown large is first put aside, in the place of the one before. */
    Path log(String name) throws IOException {
        Path log = path.resolve(name);
        if (Files.exists(log) && Files.size(log) > LONGEST_LOG_BYTES) {
            Files.move(log, path.resolve(name + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        open(name).close();
        return log;
    }

    private static FileAttribute<?>[] mode(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}

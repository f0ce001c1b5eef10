package io.github.opcuasm.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the disk behind the object Files. It keeps its content over stop and start, as the disk of a device
 * does. One that was not given is made at the first start, filled with a few files, and goes with the simulator.
 */
final class ServedDirectory implements AutoCloseable {
    static final int STANDARD_MAX_BYTE_STRING_LENGTH = 1024 * 1024;

    private static final String README = "Grüße aus der Anlage\n";
    private static final int DATA_LENGTH = 1_024;

    private final @Nullable Path given;
    private final int maxByteStringLength;
    private @Nullable Path temporary;

    /**
     * @param given an existing directory, or null for a temporary one
     * @param maxByteStringLength how many bytes one Read or Write carries at most
     */
    ServedDirectory(@Nullable Path given, int maxByteStringLength) {
        this.given = given;
        this.maxByteStringLength = maxByteStringLength;
    }

    int maxByteStringLength() {
        return maxByteStringLength;
    }

    /**
     * The directory without symbolic links in its path; makes the temporary one if it is not there yet.
     *
     * @throws UncheckedIOException if it cannot be made, or the given one is no directory
     */
    synchronized Path prepare() {
        try {
            if (given != null) {
                Path root = given.toRealPath();
                if (!Files.isDirectory(root)) {
                    throw new NotDirectoryException(given.toString());
                }
                return root;
            }
            if (temporary == null) {
                temporary = Files.createTempDirectory("opcua-simulator-files").toRealPath();
                fill(temporary);
            }
            return temporary;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The simulator cannot serve the files of "
                            + (given == null ? "a temporary directory" : given + ", which has to be a directory"),
                    e);
        }
    }

    private static void fill(Path root) throws IOException {
        Files.writeString(root.resolve("readme.txt"), README);
        byte[] data = new byte[DATA_LENGTH];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) i;
        }
        Files.write(root.resolve("data.bin"), data);
        Path locked = root.resolve("locked.txt");
        Files.write(locked, "Not to be changed\n".getBytes(StandardCharsets.UTF_8));
        if (!locked.toFile().setReadOnly()) {
            throw new IOException("Cannot be made read-only: " + locked);
        }
        Files.createDirectory(root.resolve("logs"));
    }

    /** Deletes the temporary directory. What cannot be deleted is left to the system's cleaning. */
    @Override
    public synchronized void close() {
        Path root = temporary;
        temporary = null;
        if (root == null) {
            return;
        }
        try {
            DiskFiles.deleteTree(root);
        } catch (IOException e) {
            // Somebody else put something there or took something away; the simulator ends all the same.
            return;
        }
    }
}

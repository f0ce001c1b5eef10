package io.github.opcuasm.daemon;

import java.nio.file.Path;

/** Where what a configured subscription brings is written, one JSON object a line (docs/daemon.md, <em>Sinks</em>). */
public sealed interface SinkConfig {

    /** What is written to. Two sinks with the same path are one. */
    Path path();

    /**
     * A file, made with mode 0600 and appended to.
     *
     * @param path absolute
     * @param maxBytes when a line would make the file larger, the file is renamed and another begun: {@value #LEAST_BYTES}
     *     or more
     * @param keep how many renamed ones stay, {@code PATH.1} the newest; 1 to {@value #MOST_KEPT}
     */
    record File(Path path, long maxBytes, int keep) implements SinkConfig {
        public static final long LEAST_BYTES = 1024;
        public static final long MOST_BYTES = 1L << 40;
        public static final int MOST_KEPT = 999;
        /** 64 MiB. */
        public static final long DEFAULT_MAX_BYTES = 64L * 1024 * 1024;

        public static final int DEFAULT_KEEP = 5;

        /** @throws IllegalArgumentException for a relative path or a number out of range */
        public File {
            requireAbsolute(path);
            require(
                    maxBytes >= LEAST_BYTES && maxBytes <= MOST_BYTES,
                    "max-bytes: got " + maxBytes + ", expected " + LEAST_BYTES + " to " + MOST_BYTES);
            require(keep >= 1 && keep <= MOST_KEPT, "keep: got " + keep + ", expected 1 to " + MOST_KEPT);
        }

        /** With the default size and number of files. */
        public static File at(Path path) {
            return new File(path, DEFAULT_MAX_BYTES, DEFAULT_KEEP);
        }
    }

    /**
     * A named pipe, which must exist. It takes what a reader takes; without one it holds what the kernel gives it room for.
     *
     * @param path absolute
     */
    record Pipe(Path path) implements SinkConfig {
        /** @throws IllegalArgumentException for a relative path */
        public Pipe {
            requireAbsolute(path);
        }
    }

    private static void requireAbsolute(Path path) {
        require(path.isAbsolute(), "sink: got " + path + ", expected an absolute path");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}

package io.github.opcuasm.daemon.cache;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembered answers in files: {@code DIR/SCOPE/NODE/QUESTION.json}, all three as digests, so that a node or a scope is
 * forgotten by removing a directory. A file holds its question, when it was written, and the answer; it is written beside
 * and moved into place, so that none is ever half. Directories have mode 0700 and files 0600.
 *
 * <p>What the thread that does the work refuses is not kept, or not found. A file that cannot be read, is too old or is
 * about another question counts as not there.
 */
public final class CacheFiles {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFiles.class);
    private static final long FIND_WITHIN_MS = 1_000;
    private static final int MAX_FILES = 50_000;
    private static final long MAX_FILE_BYTES = 16L * 1024 * 1024;
    private static final String SUFFIX = ".json";
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private final Path directory;
    private final Duration timeToLive;
    private final InstantSource clock;
    private final Executor thread;
    private final AtomicInteger written = new AtomicInteger();

    /**
     * Touches nothing yet.
     *
     * @param thread does the reading and writing, one step after the other; may refuse
     */
    public CacheFiles(Path directory, Duration timeToLive, InstantSource clock, Executor thread) {
        this.directory = directory;
        this.timeToLive = timeToLive;
        this.clock = clock;
        this.thread = thread;
    }

    /**
     * Takes the directory into use, making it if its parent exists.
     *
     * @throws IOException if it cannot be made, or others could write into it
     */
    public void open() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others can write into it; it must be the daemon's alone (chmod 700)");
        }
        if (!Files.isWritable(directory)) {
            throw new IOException("the daemon cannot write into it");
        }
    }

    /** Completes with null if there is none; never fails. */
    <T> CompletableFuture<@Nullable T> find(CacheKey key, CachedKind<T> kind) {
        CompletableFuture<@Nullable T> found = new CompletableFuture<>();
        if (!submit(() -> found.complete(readOrNull(key, kind)))) {
            found.complete(null);
        }
        // A disk that hangs must not hang whoever asks: the server can be asked instead.
        return found.completeOnTimeout(null, FIND_WITHIN_MS, TimeUnit.MILLISECONDS);
    }

    <T> void keep(CacheKey key, CachedKind<T> kind, T value) {
        submit(() -> write(key, kind, value));
    }

    void forget(String scope, String node) {
        submit(() -> remove(directory.resolve(digest(scope)).resolve(digest(node))));
    }

    void forget(String scope) {
        submit(() -> remove(directory.resolve(digest(scope))));
    }

    private boolean submit(Runnable task) {
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("The cache's files have fallen behind; one step was left out");
            return false;
        }
    }

    /** Somebody waits for this: whatever a foreign file does to its readers, there is an answer. */
    private <T> @Nullable T readOrNull(CacheKey key, CachedKind<T> kind) {
        try {
            return read(key, kind);
        } catch (RuntimeException | Error e) {
            LOG.warn("A file of the cache made trouble, it is ignored: {}", e.toString());
            return null;
        }
    }

    private <T> @Nullable T read(CacheKey key, CachedKind<T> kind) {
        Path file = file(key);
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                return null;
            }
            JsonValue.Obj content = parse(Files.readAllBytes(file));
            if (content != null
                    && content.get("question") instanceof JsonValue.Str question
                    && question.value().equals(key.question())
                    && content.get("at") instanceof JsonValue.Str at
                    && isFresh(Instant.parse(at.value()))) {
                JsonValue answer = content.get("answer");
                return answer == null ? null : kind.reader().apply(answer);
            }
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | CommandException | DateTimeException e) {
            LOG.debug("A file of the cache cannot be used: {}", e.toString());
        }
        remove(file);
        return null;
    }

    private static JsonValue.@Nullable Obj parse(byte[] content) {
        return JsonReader.readValue(content, 0, content.length).asObject();
    }

    private boolean isFresh(Instant at) {
        Duration age = Duration.between(at, clock.instant());
        // One from the future was written under another clock.
        return !age.isNegative() && age.compareTo(timeToLive) < 0;
    }

    private <T> void write(CacheKey key, CachedKind<T> kind, T value) {
        Path file = file(key);
        String now = clock.instant().toString();
        try {
            byte[] content = JsonEncoder.toBytes(
                    out -> {
                        out.startObject();
                        out.name("question");
                        out.string(key.question());
                        out.name("at");
                        out.string(now);
                        out.name("answer");
                        out.body(o -> kind.writer().write(o, value));
                        out.then(out::endObject);
                    },
                    JsonStyle.PROTOCOL_2);
            if (content.length > MAX_FILE_BYTES) {
                return;
            }
            if (written.getAndIncrement() % (MAX_FILES / 10) == 0) {
                removeSurplus();
            }
            Path parent = directory.resolve(digest(key.scope())).resolve(digest(key.node()));
            Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            Path beside = Files.createTempFile(parent, "new", ".tmp", PosixFilePermissions.asFileAttribute(OWNER_FILE));
            try {
                Files.write(beside, content);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(beside);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn(
                    "An answer could not be kept in the cache's directory: {}",
                    e.getClass().getSimpleName());
        }
    }

    /** Removes what is too old, and what is too many. */
    private void removeSurplus() throws IOException {
        int[] left = {0};
        ArrayDeque<Path> old = new ArrayDeque<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                boolean fresh = isFresh(attributes.lastModifiedTime().toInstant());
                left[0] += fresh ? 1 : 0;
                if (!fresh || left[0] > MAX_FILES) {
                    old.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        old.forEach(CacheFiles::remove);
    }

    private Path file(CacheKey key) {
        return directory
                .resolve(digest(key.scope()))
                .resolve(digest(key.node()))
                .resolve(digest(key.question()) + SUFFIX);
    }

    private static void remove(Path top) {
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            LOG.trace("Nothing was there to forget");
        } catch (IOException e) {
            LOG.warn(
                    "A part of the cache could not be removed: {}", e.getClass().getSimpleName());
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

package io.github.opcuasm.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes an archive of classes: a process of its own, in the background, that starts a JVM to list the classes that a
 * {@link Rehearsal} loads, one to write them into an archive, and one to try that. The archive gets its name when it is
 * complete and was tried, so nobody sees half of one. Of several builders one works ({@link ArchiveAttempt}).
 *
 * <p>It is the first that the kernel ends when memory gets short, its JVMs have little heap and a low priority, each has
 * {@link #LIMIT}, and when it is told to end, it ends the one that is running and leaves nothing behind.
 */
final class ArchiveBuilder {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration UNUSED = Duration.ofDays(30);
    private static final long PAUSE_MILLIS = 50;
    private static final long GRACE_SECONDS = 10;
    private static final String HEAP = "-Xmx256m";

    private final Path archive;
    private final Path complete;
    private final List<String> flags;
    private final Path work;
    private final boolean ofDaemon;
    private volatile @Nullable Process running;
    private volatile boolean ended;

    private ArchiveBuilder(Path archive, List<String> flags, Path work) {
        this.archive = archive;
        this.complete = archive.resolveSibling(archive.getFileName() + ".new");
        this.flags = flags;
        this.work = work;
        this.ofDaemon = String.valueOf(archive.getFileName()).startsWith("daemon");
    }

    /** Takes the archive's path and the JVM's options, with blanks between them. */
    public static void main(String[] args) throws Exception {
        Path archive = Path.of(args[0]);
        List<String> flags =
                args[1].isBlank() ? List.of() : List.of(args[1].trim().split(" +"));
        offerToTheKernel();
        ArchiveAttempt attempt = ArchiveAttempt.begin(ArchiveAttempt.file(archive));
        if (attempt == null) {
            return;
        }
        // Short enough for a socket's path.
        Path work = Files.createTempDirectory("opcuasm");
        var builder = new ArchiveBuilder(archive, flags, work);
        Thread ending = new Thread(() -> builder.end(attempt), "ending");
        Runtime.getRuntime().addShutdownHook(ending);
        if (builder.make()) {
            attempt.succeeded();
            builder.sweep();
        }
        boolean unused = Runtime.getRuntime().removeShutdownHook(ending);
        builder.clean();
        attempt.close();
    }

    private static void offerToTheKernel() {
        try {
            Files.writeString(Path.of("/proc/self/oom_score_adj"), "1000");
        } catch (IOException e) {
            // No Linux, or not allowed.
        }
    }

    private boolean make() throws IOException, InterruptedException {
        Path classes = work.resolve("classes");
        rehearse(List.of(HEAP, "-XX:DumpLoadedClassList=" + classes));
        if (!Files.isRegularFile(classes)
                || run(List.of(
                                HEAP,
                                "-Xshare:dump",
                                "-XX:+UseG1GC",
                                "-XX:SharedClassListFile=" + classes,
                                "-XX:SharedArchiveFile=" + complete))
                        != 0
                // Without a limit to the heap, as it will be used: beyond 32 GB pointers are others.
                || run(List.of("-Xshare:on", "-XX:SharedArchiveFile=" + complete), Main.class.getName(), "--version")
                        != 0) {
            return false;
        }
        Files.move(complete, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return true;
    }

    /** Clients end by themselves; the daemon is told to as soon as it listens. */
    private void rehearse(List<String> options) throws IOException, InterruptedException {
        Process rehearsal = start(
                options,
                Rehearsal.class.getName(),
                work.toString(),
                ofDaemon ? Rehearsal.OF_DAEMON : Rehearsal.OF_CLIENTS);
        if (ofDaemon) {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            boolean over = false;
            while (!over && !Files.exists(Rehearsal.daemonSocket(work)) && System.nanoTime() - deadline < 0) {
                over = rehearsal.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
            rehearsal.destroy();
        }
        int unused = await(rehearsal);
    }

    private int run(List<String> options, String... program) throws IOException, InterruptedException {
        return await(start(options, program));
    }

    private Process start(List<String> options, String... program) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(program));
        Process process = silent(command, work).start();
        running = process;
        if (ended) {
            process.destroyForcibly();
        }
        return process;
    }

    private static int await(Process process) throws InterruptedException {
        if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** A process that neither hears nor says anything, and that no setting of ours reaches. */
    static ProcessBuilder silent(List<String> command, Path directory) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith("OPCUA_"));
        return builder;
    }

    /** Of other builds, JDKs and installations, those that nobody has used for a month. */
    private void sweep() throws IOException {
        Instant limit = Instant.now().minus(UNUSED);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(ClassArchive.directory(archive), "*.jsa*")) {
            for (Path file : files) {
                var used = (FileTime) Files.getAttribute(file, "lastAccessTime");
                if (used.toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void end(ArchiveAttempt attempt) {
        ended = true;
        Process process = running;
        try {
            if (process != null) {
                process.destroy();
                if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
            clean();
            attempt.interrupted();
        } catch (IOException e) {
            // The system's temporary directory is not ours to empty.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void clean() throws IOException {
        Files.deleteIfExists(complete);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(work)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(work);
    }
}

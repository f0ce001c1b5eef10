package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Notices that nobody reads the pipe any more that standard output is, while there is nothing to write: the JDK cannot poll
 * it. Linux shows who has which pipe open, as far as we may look: those who can read it are searched for once, at the
 * beginning, and only they are looked at then, every second; when all of them have let go of it, everybody is once more.
 * Who shows nothing (another system, another user's process) is not watched: there the next line that is written shows it.
 * Nor is anything any more once a reader hides: {@code sudo} reads on as somebody else.
 */
final class PipeWatch implements AutoCloseable {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final long PERIOD_SECONDS = 1;

    private final CountDownLatch closed = new CountDownLatch(1);

    private PipeWatch() {}

    /** Calls this once, on a thread of its own, when the last reader is gone; never if standard output is no pipe. */
    static PipeWatch ofStandardOutput(Runnable gone) {
        var watch = new PipeWatch();
        String pipe = target(STANDARD_OUTPUT);
        if (isPipe(pipe)) {
            Thread thread = new Thread(() -> watch.run(pipe, gone), "pipe-watch");
            thread.setDaemon(true);
            thread.start();
        }
        return watch;
    }

    /** Whether standard output is a pipe or a socket; false where that cannot be told. */
    static boolean standardOutputIsPipe() {
        String output = target(STANDARD_OUTPUT);
        return isPipe(output) || output.startsWith("socket:");
    }

    private static boolean isPipe(String target) {
        return target.startsWith("pipe:");
    }

    private void run(String pipe, Runnable gone) {
        try {
            Set<Path> readers = readers(pipe);
            while (!readers.isEmpty()) {
                if (closed.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
                for (Path reader : List.copyOf(readers)) {
                    if (isHidden(reader)) {
                        return;
                    }
                    if (!target(reader).equals(pipe)) {
                        readers.remove(reader);
                    }
                }
                if (readers.isEmpty()) {
                    readers = readers(pipe);
                    if (readers.isEmpty()) {
                        gone.run();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The descriptors, of all processes that we may look into, that the pipe can be read from. */
    private static Set<Path> readers(String pipe) {
        Set<Path> readers = new HashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            for (Path process : processes) {
                addReaders(process.resolve("fd"), pipe, readers);
            }
        } catch (IOException | DirectoryIteratorException e) {
            return new HashSet<>();
        }
        return readers;
    }

    private static void addReaders(Path descriptors, String pipe, Set<Path> readers) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
            for (Path link : links) {
                if (target(link).equals(pipe)
                        && Files.getPosixFilePermissions(link, LinkOption.NOFOLLOW_LINKS)
                                .contains(PosixFilePermission.OWNER_READ)) {
                    readers.add(link);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It has ended, or is not ours to look into.
        }
    }

    private static boolean isHidden(Path link) {
        try {
            Path unused = Files.readSymbolicLink(link);
            return false;
        } catch (AccessDeniedException e) {
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}

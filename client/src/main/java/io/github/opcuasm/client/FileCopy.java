package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Copies a whole file to or from the server. What comes is gathered beside its target in a file that was not there before, whose
 * name nobody else chooses; only that one is ever deleted, and it takes the target's place in one step where the file system can.
 */
final class FileCopy {
    private FileCopy() {}

    static long download(FileServices session, NodeReference file, Path target) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".part");
        try (InputStream in = open(file, () -> session.fileInput(file))) {
            OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return receive(in, out, part, target);
        }
    }

    /** @param part that {@code out} writes, and was made for it */
    private static long receive(InputStream in, OutputStream out, Path part, Path target) throws IOException {
        try {
            long bytes;
            try (out) {
                bytes = in.transferTo(out);
            }
            closeRead(in);
            move(part, target);
            return bytes;
        } finally {
            boolean unused = Files.deleteIfExists(part);
        }
    }

    /** All of it has come: a handle that could not be closed takes nothing away, and ends with the session. */
    private static void closeRead(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // as said
        }
    }

    private static void move(Path part, Path target) throws IOException {
        try {
            Path unused = Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Path unused = Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static long upload(FileServices session, Path source, NodeReference file) throws IOException {
        try (InputStream in = Files.newInputStream(source);
                OutputStream out = open(file, () -> session.fileOutput(file))) {
            return in.transferTo(out);
        }
    }

    private static <T> T open(NodeReference file, Supplier<T> stream) throws IOException {
        try {
            return stream.get();
        } catch (ClientException e) {
            throw RemoteFile.failed(file, e);
        }
    }
}

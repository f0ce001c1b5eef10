package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One open file of a stream: its handle, and whether it can still be used. After a failure nobody knows where its position is, so
 * that nothing is read or written any more; the handle is closed once, whatever happened, and on an interrupted thread too. Used by
 * one thread.
 */
final class RemoteFile {
    private final FileServices session;
    private final NodeReference node;
    private final long handle;
    private @Nullable ClientException failure;
    private boolean closed;

    /** A call with the handle. */
    @FunctionalInterface
    interface Call<T> {
        T run(FileServices session, NodeReference node, long handle);
    }

    RemoteFile(FileServices session, NodeReference node, OpenFileMode... modes) {
        this.session = session;
        this.node = node;
        this.handle = session.openFile(node, modes);
    }

    /** Goes to where it begins; if that fails, the handle is closed. */
    void start(long position) {
        try {
            session.setFilePosition(node, handle, position);
        } catch (ClientException e) {
            closeAfter(e);
            throw e;
        }
    }

    <T> T call(Call<T> call) throws IOException {
        requireOpen();
        try {
            return call.run(session, node, handle);
        } catch (ClientException e) {
            failure = e;
            throw failed(e);
        }
    }

    void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("The file " + node + " was closed: open it again");
        } else if (failure != null) {
            throw failed(failure);
        }
    }

    boolean isUsable() {
        return !closed && failure == null;
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes the handle; the second time nothing happens. */
    void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        boolean interrupted = Thread.interrupted();
        try {
            session.closeFile(node, handle);
        } catch (ClientException e) {
            throw failed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** After a failure of its own: what closing says too is a part of it. */
    void closeAfter(Throwable why) {
        try {
            close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private IOException failed(ClientException why) {
        return new IOException("The file " + node + ": " + why.messageText(), why);
    }
}

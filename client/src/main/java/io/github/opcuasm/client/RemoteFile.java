package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open file of a stream: its handle, and whether it can still be used. The handle is of the session on which the file was
 * opened, and all goes to that one: servers count handles from 1, so that on another session the same one is somebody else's. After
 * a failure nobody knows where its position is, so that nothing is read or written any more; the handle is closed once, whatever
 * happened, and on an interrupted thread too. Used by one thread.
 */
final class RemoteFile {
    private final SessionCalls calls;
    private final NodeReference node;
    private final OpenedSession session;
    private final long handle;
    private @Nullable RuntimeException failure;
    private boolean closed;

    private RemoteFile(SessionCalls calls, NodeReference node, SessionCalls.Answered<Long> opened) {
        this.calls = calls;
        this.node = node;
        this.session = opened.session();
        this.handle = opened.result();
    }

    static RemoteFile open(SessionCalls calls, ClientSession on, NodeReference node, OpenFileMode... modes) {
        return new RemoteFile(calls, node, calls.send(FileQueries.openFile(node, List.of(modes)), on));
    }

    /** Goes to where it begins; if that fails, the handle is closed. */
    void start(long position) {
        try {
            Void unused = calls.on(session, FileQueries.setFilePosition(node, handle, position));
        } catch (RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    /** Reads so many bytes at most; none at the end of the file. */
    byte[] read(int length) throws IOException {
        return call(FileQueries.readFile(node, handle, length));
    }

    void write(byte[] content) throws IOException {
        Void unused = call(FileQueries.writeFile(node, handle, content));
    }

    /** What the client itself throws, when it was closed, ends the stream as well. */
    private <T> T call(Query<T> query) throws IOException {
        requireOpen();
        try {
            return calls.on(session, query);
        } catch (RuntimeException e) {
            failure = e;
            throw failed(node, e);
        }
    }

    void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("The file " + node + " was closed: open it again");
        } else if (failure != null) {
            throw failed(node, failure);
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
            Void unused = calls.on(session, FileQueries.closeFile(node, handle));
        } catch (RuntimeException e) {
            throw failed(node, e);
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

    /** What a call about this file threw, as who copies files and streams gets it. */
    static IOException failed(NodeReference node, RuntimeException why) {
        String text = why instanceof ClientException failure ? failure.messageText() : why.getMessage();
        return new IOException("The file " + node + ": " + text, why);
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The content of a remote file ({@link FileServices#fileInput}): one chunk is held, the next is asked for when it was read. */
final class FileInput extends InputStream {
    /** Also servers that take and send 64 KiB at most in one message have room for it. */
    private static final int CHUNK_BYTES = 32 * 1024;

    private final RemoteFile file;
    private byte[] chunk = {};
    private int at;
    private boolean ended;

    private FileInput(RemoteFile file) {
        this.file = file;
    }

    static FileInput open(SessionCalls calls, ClientSession on, NodeReference node, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position: got " + position + ", expected 0 and more");
        }
        RemoteFile file = RemoteFile.open(calls, on, node, OpenFileMode.READ);
        if (position > 0) {
            file.start(position);
        }
        return new FileInput(file);
    }

    @Override
    public int read() throws IOException {
        return fill() ? chunk[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int checked = Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        } else if (!fill()) {
            return -1;
        }
        int count = Math.min(length, chunk.length - at);
        System.arraycopy(chunk, at, into, checked, count);
        at += count;
        return count;
    }

    /** What is there without asking. */
    @Override
    public int available() {
        return file.isUsable() ? chunk.length - at : 0;
    }

    /** Whether there is a byte. */
    private boolean fill() throws IOException {
        file.requireOpen();
        if (at == chunk.length && !ended) {
            chunk = file.read(CHUNK_BYTES);
            at = 0;
            ended = chunk.length == 0;
        }
        return at < chunk.length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes a remote file ({@link FileServices#fileOutput}): gathers bytes and sends them when there are enough.
 *
 * <p>What is sent at once has to fit the daemon's usual frame of 64 KiB in both protocols: as base64 in protocol 2, and as text in
 * protocol 1, where a control character becomes six. Each byte counts for what it costs there. In protocol 1 no character may be
 * cut either: so bytes of one that is not complete wait for the others, at most three, until the end. Where bytes are no text,
 * this only moves where they are parted.
 */
final class FileOutput extends OutputStream {
    private static final int CHUNK_BYTES = 32 * 1024;
    /** Leaves room for what else is in a request: a node id has 4096 characters at most. */
    private static final int MOST_ENCODED = 48 * 1024;

    private static final int ESCAPED = 6;

    private final RemoteFile file;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int size;
    private int encoded;

    private FileOutput(RemoteFile file) {
        this.file = file;
    }

    static FileOutput open(SessionCalls calls, ClientSession on, NodeReference node, OpenFileMode... modes) {
        return new FileOutput(
                modes.length == 0
                        ? RemoteFile.open(calls, on, node, OpenFileMode.WRITE, OpenFileMode.ERASE_EXISTING)
                        : RemoteFile.open(calls, on, node, modes));
    }

    @Override
    public void write(int octet) throws IOException {
        file.requireOpen();
        add((byte) octet);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        int checked = Objects.checkFromIndexSize(offset, length, from.length);
        file.requireOpen();
        for (int i = 0; i < length; i++) {
            add(from[checked + i]);
        }
    }

    private void add(byte octet) throws IOException {
        chunk[size++] = octet;
        encoded += (octet >= 0 && octet < ' ') || octet == '"' || octet == '\\' ? ESCAPED : 1;
        if (size == chunk.length || encoded >= MOST_ENCODED) {
            send(size - incomplete());
        }
    }

    /** Sends what there is, but for the bytes of an incomplete character. */
    @Override
    public void flush() throws IOException {
        file.requireOpen();
        send(size - incomplete());
    }

    private void send(int count) throws IOException {
        if (count == 0) {
            return;
        }
        file.write(Arrays.copyOf(chunk, count));
        System.arraycopy(chunk, count, chunk, 0, size - count);
        size -= count;
        encoded = size;
    }

    /** How many bytes at the end begin a character of UTF-8 that has more. */
    private int incomplete() {
        for (int back = 1; back <= Math.min(3, size); back++) {
            int octet = chunk[size - back] & 0xFF;
            if (octet >= 0xC0) {
                int length = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : 2;
                return length > back ? back : 0;
            } else if (octet < 0x80) {
                return 0;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        if (file.isClosed()) {
            return;
        }
        try {
            if (file.isUsable()) {
                send(size);
            }
        } catch (IOException | RuntimeException e) {
            file.closeAfter(e);
            throw e;
        }
        file.close();
    }
}

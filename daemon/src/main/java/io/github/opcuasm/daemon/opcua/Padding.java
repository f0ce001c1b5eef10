package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;

/**
 * What fills a chunk up to whole blocks before it is encrypted (Part 6, 6.7.2.5): the number of padding bytes, as many
 * bytes of that value and, where blocks have more than 256 bytes, the number's high byte behind them.
 */
final class Padding {
    private static final int ONE_BYTE_SIZES = 256;

    private Padding() {}

    /** How many bytes tell the size. */
    static int sizeBytes(int keyBytes) {
        return keyBytes > ONE_BYTE_SIZES ? 2 : 1;
    }

    /**
     * Appends the padding of a chunk.
     *
     * @param length of all that is encrypted beside the padding: sequence header, body, signature
     */
    static void write(ByteBuf out, int length, int blockBytes, int sizeBytes) {
        int size = (blockBytes - (length + sizeBytes) % blockBytes) % blockBytes;
        for (int i = 0; i <= size; i++) {
            out.writeByte(size);
        }
        if (sizeBytes == 2) {
            out.writeByte(size >> 8);
        }
    }

    /**
     * Where the body ends.
     *
     * @param from where it begins
     * @param to where the padding ends
     * @throws UaException if there is no valid padding
     */
    static int bodyEnd(byte[] chunk, int from, int to, int sizeBytes) throws UaException {
        int last = to - sizeBytes;
        int size = last < from ? -1 : chunk[last] & 0xFF;
        if (sizeBytes == 2 && size >= 0) {
            size |= (chunk[to - 1] & 0xFF) << 8;
        }
        int end = last - size;
        if (size < 0 || end < from) {
            throw invalid();
        }
        for (int i = end; i <= last; i++) {
            if (chunk[i] != (byte) size) {
                throw invalid();
            }
        }
        return end;
    }

    private static UaException invalid() {
        return new UaException(StatusCodes.Bad_SecurityChecksFailed, "the padding of a chunk is invalid");
    }
}

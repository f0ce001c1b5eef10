package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;

/**
 * The eight bytes that every message and every chunk begins with (Part 6, 7.1.2.2): three letters, the kind of chunk, and
 * the length of all.
 */
final class MessageHeader {
    static final int BYTES = 8;

    static final int HELLO = letters('H', 'E', 'L');
    static final int ACKNOWLEDGE = letters('A', 'C', 'K');
    static final int ERROR = letters('E', 'R', 'R');
    static final int OPEN_CHANNEL = letters('O', 'P', 'N');
    static final int CLOSE_CHANNEL = letters('C', 'L', 'O');
    static final int MESSAGE = letters('M', 'S', 'G');

    static final int FINAL = 'F';
    static final int CONTINUED = 'C';
    static final int ABORTED = 'A';

    private static final int LENGTH = 4;
    private static final int LONGEST_REASON = 4096;

    private MessageHeader() {}

    private static int letters(char first, char second, char third) {
        return first | second << 8 | third << 16;
    }

    static void write(ByteBuf out, int type, int chunkType, int length) {
        out.writeMediumLE(type);
        out.writeByte(chunkType);
        out.writeIntLE(length);
    }

    /** Sets the length of the message that {@code message} begins with. */
    static void setLength(ByteBuf message, int length) {
        message.setIntLE(LENGTH, length);
    }

    static int type(ByteBuf message) {
        return message.getMediumLE(message.readerIndex()) & 0xFF_FFFF;
    }

    /** The three letters, if they are letters. */
    static String name(ByteBuf message) {
        String name = message.toString(message.readerIndex(), 3, StandardCharsets.ISO_8859_1);
        return name.chars().allMatch(letter -> letter >= 'A' && letter <= 'Z') ? name : "not one that is known";
    }

    static int chunkType(ByteBuf message) {
        return message.getByte(message.readerIndex() + 3);
    }

    /**
     * The length, once all of the header is there.
     *
     * @throws UaException if it is above {@code longest} or below that of the header
     */
    static int length(ByteBuf message, int longest) throws UaException {
        long length = message.getUnsignedIntLE(message.readerIndex() + LENGTH);
        if (length > longest) {
            throw new UaException(
                    StatusCodes.Bad_TcpMessageTooLarge,
                    "the server sent a chunk of " + length + " bytes; at most " + longest + " were agreed");
        }
        if (length < BYTES) {
            throw new UaException(StatusCodes.Bad_DecodingError, "the server sent a chunk of " + length + " bytes");
        }
        return (int) length;
    }

    /**
     * What an Error message says, or the body of an abort chunk: status and reason (Part 6, 7.1.2.5 and 6.7.3).
     *
     * @param body its readable bytes
     */
    static UaException error(ByteBuf body) {
        if (body.readableBytes() < 4) {
            return new UaException(StatusCodes.Bad_DecodingError, "the server sent an error without a status");
        }
        long status = body.readUnsignedIntLE();
        int length = body.readableBytes() < 4 ? 0 : body.readIntLE();
        String reason = body.toString(
                body.readerIndex(),
                Math.max(0, Math.min(length, Math.min(body.readableBytes(), LONGEST_REASON))),
                StandardCharsets.UTF_8);
        return new ServerErrorException(
                new StatusCode(status), reason.isEmpty() ? "the server ended the connection" : reason);
    }
}

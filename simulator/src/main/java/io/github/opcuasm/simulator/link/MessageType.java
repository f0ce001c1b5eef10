package io.github.opcuasm.simulator.link;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The first three bytes of a message chunk (Part 6, 7.1.2.2 and 6.7.2.2). */
public enum MessageType {
    /** Hello. */
    HEL,
    /** Acknowledge. */
    ACK,
    /** Error. */
    ERR,
    /** OpenSecureChannel, request or response. */
    OPN,
    /** CloseSecureChannel. */
    CLO,
    /** A chunk of any other service's request or response. */
    MSG;

    static final int LENGTH = 3;

    /** The type that these bytes name, null if they name none. */
    static @Nullable MessageType of(byte[] header) {
        String name = new String(header, 0, LENGTH, StandardCharsets.US_ASCII);
        for (MessageType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }
}

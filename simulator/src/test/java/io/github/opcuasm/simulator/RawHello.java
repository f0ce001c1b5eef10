package io.github.opcuasm.simulator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The first message of a connection (Part 6, 7.1.2.3), to see whether anybody answers. */
final class RawHello {
    private static final int BUFFER = 65_535;

    private RawHello() {}

    static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    static byte[] bytes(String endpointUrl) {
        byte[] url = endpointUrl.getBytes(StandardCharsets.UTF_8);
        int size = 8 + 5 * Integer.BYTES + Integer.BYTES + url.length;
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("HELF".getBytes(StandardCharsets.US_ASCII))
                .putInt(size)
                .putInt(0)
                .putInt(BUFFER)
                .putInt(BUFFER)
                .putInt(0)
                .putInt(0)
                .putInt(url.length)
                .put(url)
                .array();
    }
}

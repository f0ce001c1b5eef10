package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.structured.ChannelSecurityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;

/**
 * A server that opens secure channels without security (Part 6, 7.1 and 6.7), then answers each request with the next
 * bytes of a script. One connection at a time.
 */
final class ScriptedServer implements AutoCloseable {
    private static final int CHANNEL_ID = 7;
    private static final int TOKEN_ID = 1;

    private final ServerSocket socket;
    private final Thread thread;
    private final BlockingQueue<byte[]> script = new LinkedBlockingQueue<>();

    ScriptedServer() throws IOException {
        socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        thread = new Thread(this::serve, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "opc.tcp://127.0.0.1:" + socket.getLocalPort();
    }

    /** The next answer is this message body: type id and fields. */
    void willAnswer(byte[] body) {
        script.add(body);
    }

    static byte[] encoded(UaResponseMessageType response) {
        ByteBuf buffer = Unpooled.buffer();
        new OpcUaBinaryEncoder(DefaultEncodingContext.INSTANCE)
                .setBuffer(buffer)
                .encodeMessage("m", response);
        return ByteBufUtil.getBytes(buffer);
    }

    static ResponseHeader header() {
        return new ResponseHeader(DateTime.now(), uint(0), StatusCode.GOOD, null, null, null);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket connection = socket.accept()) {
                serve(new DataInputStream(connection.getInputStream()), connection.getOutputStream());
            } catch (IOException e) {
                // The peer went away, or close() ends the server.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void serve(DataInputStream in, OutputStream out) throws IOException, InterruptedException {
        int sequence = 0;
        while (true) {
            byte[] frame = new byte[8];
            in.readFully(frame);
            ByteBuf head = Unpooled.wrappedBuffer(frame);
            byte[] rest = new byte[head.getIntLE(4) - 8];
            in.readFully(rest);
            ByteBuf request = Unpooled.wrappedBuffer(rest);
            switch (head.toString(0, 3, StandardCharsets.US_ASCII)) {
                case "HEL" -> send(out, "ACK", acknowledge());
                case "OPN" -> send(out, "OPN", openChannel(++sequence, requestIdOfOpen(request)));
                case "MSG" -> send(out, "MSG", message(++sequence, request.getIntLE(12), script.take()));
                default -> {
                    return;
                }
            }
        }
    }

    private static void send(OutputStream out, String type, ByteBuf rest) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        frame.writeCharSequence(type + "F", StandardCharsets.US_ASCII);
        frame.writeIntLE(8 + rest.readableBytes());
        frame.writeBytes(rest);
        out.write(ByteBufUtil.getBytes(frame));
    }

    private static ByteBuf acknowledge() {
        return Unpooled.buffer()
                .writeIntLE(0)
                .writeIntLE(65_535)
                .writeIntLE(65_535)
                .writeIntLE(0)
                .writeIntLE(0);
    }

    /** Behind the channel id stand policy, certificate and thumbprint, then the sequence number. */
    private static int requestIdOfOpen(ByteBuf request) {
        int index = 4;
        for (int field = 0; field < 3; field++) {
            index += 4 + Math.max(0, request.getIntLE(index));
        }
        return request.getIntLE(index + 4);
    }

    private static ByteBuf openChannel(int sequence, int requestId) {
        ByteBuf rest = Unpooled.buffer();
        rest.writeIntLE(CHANNEL_ID);
        byte[] policy = "http://opcfoundation.org/UA/SecurityPolicy#None".getBytes(StandardCharsets.US_ASCII);
        rest.writeIntLE(policy.length).writeBytes(policy).writeIntLE(-1).writeIntLE(-1);
        rest.writeIntLE(sequence).writeIntLE(requestId);
        return rest.writeBytes(encoded(new OpenSecureChannelResponse(
                header(),
                uint(0),
                new ChannelSecurityToken(uint(CHANNEL_ID), uint(TOKEN_ID), DateTime.now(), uint(3_600_000)),
                ByteString.NULL_VALUE)));
    }

    private static ByteBuf message(int sequence, int requestId, byte[] body) {
        return Unpooled.buffer()
                .writeIntLE(CHANNEL_ID)
                .writeIntLE(TOKEN_ID)
                .writeIntLE(sequence)
                .writeIntLE(requestId)
                .writeBytes(body);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        thread.interrupt();
    }
}

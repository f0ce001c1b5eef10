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
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.structured.ChannelSecurityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * A server that opens secure channels without security (Part 6, 7.1 and 6.7), then answers each request with the next
 * bytes of a script. What it says before can be scripted too. One connection at a time.
 */
final class ScriptedServer implements AutoCloseable {
    static final int CHANNEL_ID = 7;
    static final int TOKEN_ID = 1;
    static final String NO_SECURITY = "http://opcfoundation.org/UA/SecurityPolicy#None";

    private final ServerSocket socket;
    private final Thread thread;
    private final BlockingQueue<Line> script = new LinkedBlockingQueue<>();
    private volatile Line acknowledge = new Line(0, (sequence, requestId) -> frame("ACKF", acknowledgeOf(65_535)));
    private volatile Line open = new Line(1, (sequence, requestId) -> openChannel(NO_SECURITY, sequence, requestId));
    private volatile boolean byteByByte;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile @Nullable Socket connection;

    /** What answers a request: whole chunks, or what stands for them; nothing for none. */
    interface Answer {
        byte[] bytes(int sequence, int requestId);
    }

    /** @param chunks how many sequence numbers the answer takes */
    private record Line(int chunks, Answer answer) {}

    ScriptedServer() throws IOException {
        socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        thread = new Thread(this::serve, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "opc.tcp://127.0.0.1:" + socket.getLocalPort();
    }

    /** How many came. */
    int connections() {
        return connections.get();
    }

    /** The next answer is this message body: type id and fields. */
    void willAnswer(byte[] body) {
        willSend(1, (sequence, requestId) -> message(sequence, requestId, body));
    }

    /** The next answer is this. */
    void willSend(int chunks, Answer answer) {
        script.add(new Line(chunks, answer));
    }

    void acknowledgesWith(byte[] bytes) {
        acknowledge = new Line(0, (sequence, requestId) -> bytes);
    }

    void opensWith(Answer answer) {
        open = new Line(1, answer);
    }

    /** From now on, each byte is sent for itself. */
    void trickles() {
        byteByByte = true;
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
            try (Socket accepted = socket.accept()) {
                connection = accepted;
                connections.incrementAndGet();
                accepted.setTcpNoDelay(true);
                serve(new DataInputStream(accepted.getInputStream()), accepted.getOutputStream());
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
            Line line;
            int requestId = 0;
            switch (head.toString(0, 3, StandardCharsets.US_ASCII)) {
                case "HEL" -> line = acknowledge;
                case "OPN" -> {
                    line = open;
                    requestId = requestIdOfOpen(request);
                }
                case "MSG" -> {
                    line = script.take();
                    requestId = request.getIntLE(12);
                }
                default -> {
                    return;
                }
            }
            send(out, line.answer().bytes(sequence + 1, requestId));
            sequence += line.chunks();
        }
    }

    private void send(OutputStream out, byte[] bytes) throws IOException {
        if (byteByByte) {
            for (byte each : bytes) {
                out.write(each);
            }
        } else {
            out.write(bytes);
        }
    }

    /** @param kind three letters of the message type and one of the kind of chunk */
    static byte[] frame(String kind, ByteBuf rest) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeCharSequence(kind, StandardCharsets.US_ASCII);
        frame.writeIntLE(8 + rest.readableBytes());
        frame.writeBytes(rest);
        return ByteBufUtil.getBytes(frame);
    }

    static ByteBuf acknowledgeOf(int bufferBytes) {
        return Unpooled.buffer()
                .writeIntLE(0)
                .writeIntLE(bufferBytes)
                .writeIntLE(bufferBytes)
                .writeIntLE(0)
                .writeIntLE(0);
    }

    static byte[] error(long status, String reason) {
        return frame("ERRF", errorBody(status, reason));
    }

    static ByteBuf errorBody(long status, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeIntLE((int) status)
                .writeIntLE(text.length)
                .writeBytes(text);
    }

    /** Behind the channel id stand policy, certificate and thumbprint, then the sequence number. */
    private static int requestIdOfOpen(ByteBuf request) {
        int index = 4;
        for (int field = 0; field < 3; field++) {
            index += 4 + Math.max(0, request.getIntLE(index));
        }
        return request.getIntLE(index + 4);
    }

    static byte[] openChannel(String policy, int sequence, int requestId) {
        return openChannel(policy, sequence, requestId, opened(CHANNEL_ID, TOKEN_ID, 3_600_000));
    }

    static byte[] openChannel(String policy, int sequence, int requestId, byte[] body) {
        byte[] uri = policy.getBytes(StandardCharsets.US_ASCII);
        ByteBuf rest = Unpooled.buffer();
        rest.writeIntLE(CHANNEL_ID);
        rest.writeIntLE(uri.length).writeBytes(uri).writeIntLE(-1).writeIntLE(-1);
        rest.writeIntLE(sequence).writeIntLE(requestId);
        return frame("OPNF", rest.writeBytes(body));
    }

    static byte[] opened(int channelId, int tokenId, int lifetimeMs) {
        return encoded(new OpenSecureChannelResponse(
                header(),
                uint(0),
                new ChannelSecurityToken(uint(channelId), uint(tokenId), DateTime.now(), uint(lifetimeMs)),
                ByteString.NULL_VALUE));
    }

    static byte[] message(int sequence, int requestId, byte[] body) {
        return chunk("MSGF", CHANNEL_ID, TOKEN_ID, sequence, requestId, body);
    }

    static byte[] chunk(String kind, int channelId, int tokenId, int sequence, int requestId, byte[] body) {
        return frame(
                kind,
                Unpooled.buffer()
                        .writeIntLE(channelId)
                        .writeIntLE(tokenId)
                        .writeIntLE(sequence)
                        .writeIntLE(requestId)
                        .writeBytes(body));
    }

    @Override
    public void close() throws IOException {
        socket.close();
        thread.interrupt();
        Socket last = connection;
        if (last != null) {
            last.close();
        }
    }
}

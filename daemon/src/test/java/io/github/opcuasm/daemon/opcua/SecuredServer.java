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
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.channel.ChannelParameters;
import org.eclipse.milo.opcua.stack.core.channel.ChannelSecurity;
import org.eclipse.milo.opcua.stack.core.channel.ChunkDecoder;
import org.eclipse.milo.opcua.stack.core.channel.ChunkEncoder;
import org.eclipse.milo.opcua.stack.core.channel.ChunkEncoder.EncodedMessage;
import org.eclipse.milo.opcua.stack.core.channel.ServerSecureChannel;
import org.eclipse.milo.opcua.stack.core.channel.headers.AsymmetricSecurityHeader;
import org.eclipse.milo.opcua.stack.core.channel.messages.MessageType;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.ChannelSecurityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.util.NonceUtil;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of secured channels, made of Milo's parts: it answers each Write with a Read response that has the
 * written values. After a renewal it goes on under the old token until the client has used the new one, as servers may.
 * One connection at a time.
 */
final class SecuredServer implements AutoCloseable {
    private static final int CHANNEL_ID = 77;
    private static final int BUFFER_BYTES = 65_535;
    private static final int MESSAGE_BYTES = 1 << 24;

    private final ServerSocket socket;
    private final Thread thread;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final SecurityPolicy policy;
    private final MessageSecurityMode mode;
    private final EncodingContext context;
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger tokens = new AtomicInteger();
    private volatile int lifetimeMs = 3_600_000;
    private volatile @Nullable X509Certificate pretendedClient;
    private volatile byte @Nullable [] nonce;
    private volatile boolean renews = true;
    private volatile UnaryOperator<byte[]> openSpoilt = UnaryOperator.identity();
    private volatile UnaryOperator<byte[]> messageSpoilt = UnaryOperator.identity();
    private volatile @Nullable Socket connection;

    SecuredServer(
            KeyPair keys,
            X509Certificate certificate,
            SecurityPolicy policy,
            MessageSecurityMode mode,
            EncodingContext context)
            throws IOException {
        this.keys = keys;
        this.certificate = certificate;
        this.policy = policy;
        this.mode = mode;
        this.context = context;
        socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        thread = new Thread(this::serve, "secured-server");
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "opc.tcp://127.0.0.1:" + socket.getLocalPort();
    }

    void lifetime(int milliseconds) {
        lifetimeMs = milliseconds;
    }

    /** Encrypts for this certificate's key instead of the client's. */
    void encryptsFor(X509Certificate other) {
        pretendedClient = other;
    }

    /** What its nonces are; messages are not answered then. */
    void nonce(byte[] bytes) {
        nonce = bytes;
    }

    /** Answers no renewal from now on. */
    void renewsNothing() {
        renews = false;
    }

    /** What becomes of finished OpenSecureChannel chunks. */
    void spoilsOpening(UnaryOperator<byte[]> how) {
        openSpoilt = how;
    }

    /** What becomes of finished chunks of messages. */
    void spoilsMessages(UnaryOperator<byte[]> how) {
        messageSpoilt = how;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket accepted = socket.accept()) {
                connection = accepted;
                connections.incrementAndGet();
                accepted.setTcpNoDelay(true);
                new Conversation(new DataInputStream(accepted.getInputStream()), accepted.getOutputStream()).run();
            } catch (Exception e) {
                // The peer went away, or close() ends the server.
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        Socket last = connection;
        if (last != null) {
            last.close();
        }
    }

    /** One connection. */
    private final class Conversation {
        private final DataInputStream in;
        private final OutputStream out;
        private final ServerSecureChannel channel = new ServerSecureChannel();
        private final ChunkDecoder decoder;
        private final ChunkEncoder encoder;
        private @Nullable ChannelSecurity renewed;

        Conversation(DataInputStream in, OutputStream out) {
            this.in = in;
            this.out = out;
            ChannelParameters parameters = new ChannelParameters(
                    MESSAGE_BYTES, BUFFER_BYTES, BUFFER_BYTES, 0, MESSAGE_BYTES, BUFFER_BYTES, BUFFER_BYTES, 0);
            decoder = new ChunkDecoder(parameters, context.getEncodingLimits());
            encoder = new ChunkEncoder(parameters);
            channel.setChannelId(CHANNEL_ID);
            channel.setKeyPair(keys);
            channel.setLocalCertificate(certificate);
            channel.setLocalCertificateChain(new X509Certificate[] {certificate});
            channel.setSecurityPolicy(policy);
            channel.setMessageSecurityMode(mode);
        }

        void run() throws Exception {
            List<ByteBuf> chunks = new ArrayList<>();
            while (true) {
                ByteBuf chunk = next();
                String type = chunk.toString(0, 3, StandardCharsets.US_ASCII);
                switch (type) {
                    case "HEL" -> out.write(ScriptedServer.frame("ACKF", ScriptedServer.acknowledgeOf(BUFFER_BYTES)));
                    case "OPN" -> open(chunk);
                    case "MSG" -> {
                        chunks.add(chunk);
                        if (chunk.getByte(3) == 'F') {
                            answer(chunks);
                            chunks = new ArrayList<>();
                        }
                    }
                    default -> {
                        return;
                    }
                }
            }
        }

        private ByteBuf next() throws IOException {
            byte[] head = new byte[8];
            in.readFully(head);
            byte[] all = Arrays.copyOf(head, Unpooled.wrappedBuffer(head).getIntLE(4));
            in.readFully(all, 8, all.length - 8);
            return Unpooled.wrappedBuffer(all);
        }

        private void open(ByteBuf chunk) throws Exception {
            if (tokens.get() > 0 && !renews) {
                return;
            }
            AsymmetricSecurityHeader header = AsymmetricSecurityHeader.decode(
                    chunk.slice(12, chunk.readableBytes() - 12), context.getEncodingLimits());
            channel.setRemoteCertificate(header.getSenderCertificate().bytesOrEmpty());
            ChunkDecoder.DecodedMessage decoded = decoder.decodeAsymmetric(channel, List.of(chunk));
            OpenSecureChannelRequest request = (OpenSecureChannelRequest) message(decoded.getMessage());
            byte[] scripted = SecuredServer.this.nonce;
            ByteString nonce = scripted == null ? NonceUtil.generateNonce(policy) : ByteString.of(scripted);
            ChannelSecurityToken token = new ChannelSecurityToken(
                    uint(CHANNEL_ID), uint(tokens.incrementAndGet()), DateTime.now(), uint(lifetimeMs));
            X509Certificate other = pretendedClient;
            if (other != null) {
                channel.setRemoteCertificate(other.getEncoded());
            }
            send(
                    encoder.encodeAsymmetric(
                            channel,
                            decoded.getRequestId(),
                            body(new OpenSecureChannelResponse(ScriptedServer.header(), uint(0), token, nonce)),
                            MessageType.OpenSecureChannel),
                    openSpoilt);
            if (scripted != null) {
                return;
            }
            ChannelSecurity before = channel.getChannelSecurity();
            ChannelSecurity next = new ChannelSecurity(
                    ChannelSecurity.generateKeyPair(channel, request.getClientNonce(), nonce),
                    token,
                    before == null ? null : before.getCurrentKeys(),
                    before == null ? null : before.getCurrentToken());
            if (before == null) {
                channel.setChannelSecurity(next);
            } else {
                renewed = next;
            }
        }

        private void answer(List<ByteBuf> chunks) throws Exception {
            ChannelSecurity next = renewed;
            if (next != null
                    && chunks.get(0).getUnsignedIntLE(12)
                            == next.getCurrentToken().getTokenId().longValue()) {
                channel.setChannelSecurity(next);
                renewed = null;
            }
            ChunkDecoder.DecodedMessage decoded = decoder.decodeSymmetric(channel, chunks);
            WriteRequest request = (WriteRequest) message(decoded.getMessage());
            DataValue[] values = new DataValue[request.getNodesToWrite().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = request.getNodesToWrite()[i].getValue();
            }
            send(
                    encoder.encodeSymmetric(
                            channel,
                            decoded.getRequestId(),
                            body(new ReadResponse(ScriptedServer.header(), values, null)),
                            MessageType.SecureMessage),
                    messageSpoilt);
        }

        private UaMessageType message(ByteBuf body) {
            return new OpcUaBinaryDecoder(context).setBuffer(body).decodeMessage(null);
        }

        private ByteBuf body(UaMessageType message) {
            ByteBuf body = Unpooled.buffer();
            new OpcUaBinaryEncoder(context).setBuffer(body).encodeMessage(null, message);
            return body;
        }

        private void send(EncodedMessage message, UnaryOperator<byte[]> spoilt) throws IOException {
            for (ByteBuf chunk : message.getMessageChunks()) {
                out.write(spoilt.apply(ByteBufUtil.getBytes(chunk)));
                chunk.release();
            }
        }
    }
}

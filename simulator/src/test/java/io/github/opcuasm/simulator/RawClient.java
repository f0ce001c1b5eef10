package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.SecurityTokenRequestType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AnonymousIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;

/**
 * A client with a session on SecurityPolicy None that shows the bytes of answers (Part 6, 6.7.2). It sends one request
 * at a time, in one chunk, and never renews its token.
 */
final class RawClient implements AutoCloseable {
    /** The request handle of every request. */
    static final int HANDLE = 0x0A0B_0C0D;

    private static final int HEADER = 8;
    private static final int SEQUENCE_HEADER = 8;
    private static final int NOTHING = -1;

    private final Socket socket;
    private final DataInputStream answers;
    private int channelId;
    private int tokenId;
    private int sequence = 1;
    private NodeId authenticationToken = NodeId.NULL_VALUE;

    RawClient(Simulator simulator) throws IOException {
        socket = RawHello.connect(simulator.port());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS));
        answers = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write(RawHello.bytes(simulator.endpointUrl()));
        chunk();
        openChannel();
        openSession(simulator.endpointUrl());
    }

    /** The body of the answer, from the id of its type. */
    byte[] read(NodeId... nodeIds) throws IOException {
        return call(new ReadRequest(
                header(),
                0.0,
                TimestampsToReturn.Neither,
                Arrays.stream(nodeIds)
                        .map(id -> new ReadValueId(id, AttributeId.Value.uid(), null, null))
                        .toArray(ReadValueId[]::new)));
    }

    /** What the header of an answer says became of the request. */
    static long serviceResult(byte[] answer) {
        return ((UaResponseMessageType) decoded(answer))
                .getResponseHeader()
                .getServiceResult()
                .value();
    }

    byte[] call(UaRequestMessageType request) throws IOException {
        send(
                "MSGF",
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(tokenId)
                        .array(),
                request);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] chunk;
        do {
            chunk = chunk();
            body.write(chunk, HEADER + 2 * Integer.BYTES + SEQUENCE_HEADER, chunk.length - HEADER - 16);
        } while (chunk[3] == 'C');
        return body.toByteArray();
    }

    RequestHeader header() {
        return new RequestHeader(
                authenticationToken, DateTime.now(), uint(HANDLE), UInteger.MIN, null, UInteger.MIN, null);
    }

    private void openChannel() throws IOException {
        byte[] policy = SecurityPolicy.None.getUri().getBytes(StandardCharsets.UTF_8);
        byte[] security = ByteBuffer.allocate(3 * Integer.BYTES + policy.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(policy.length)
                .put(policy)
                .putInt(NOTHING)
                .putInt(NOTHING)
                .array();
        send(
                "OPNF",
                security,
                new OpenSecureChannelRequest(
                        header(),
                        UInteger.MIN,
                        SecurityTokenRequestType.Issue,
                        MessageSecurityMode.None,
                        ByteString.NULL_VALUE,
                        uint(3_600_000)));
        byte[] chunk = chunk();
        int body = HEADER + Integer.BYTES + security.length + SEQUENCE_HEADER;
        OpenSecureChannelResponse opened =
                (OpenSecureChannelResponse) decoded(Arrays.copyOfRange(chunk, body, chunk.length));
        channelId = opened.getSecurityToken().getChannelId().intValue();
        tokenId = opened.getSecurityToken().getTokenId().intValue();
    }

    private void openSession(String endpointUrl) throws IOException {
        CreateSessionResponse created = (CreateSessionResponse) decoded(call(new CreateSessionRequest(
                header(),
                new ApplicationDescription(
                        "urn:raw", "urn:raw", LocalizedText.NULL_VALUE, ApplicationType.Client, null, null, null),
                null,
                endpointUrl,
                "raw",
                ByteString.NULL_VALUE,
                ByteString.NULL_VALUE,
                60_000.0,
                UInteger.MIN)));
        authenticationToken = created.getAuthenticationToken();
        String policyId = created.getServerEndpoints()[0].getUserIdentityTokens()[0].getPolicyId();
        SignatureData unsigned = new SignatureData(null, ByteString.NULL_VALUE);
        call(new ActivateSessionRequest(
                header(),
                unsigned,
                null,
                null,
                ExtensionObject.encode(DefaultEncodingContext.INSTANCE, new AnonymousIdentityToken(policyId)),
                unsigned));
    }

    private void send(String type, byte[] security, UaRequestMessageType request) throws IOException {
        ByteBuf body = Unpooled.buffer();
        new OpcUaBinaryEncoder(DefaultEncodingContext.INSTANCE).setBuffer(body).encodeMessage(null, request);
        int size = HEADER + Integer.BYTES + security.length + SEQUENCE_HEADER + body.readableBytes();
        sequence++;
        socket.getOutputStream()
                .write(ByteBuffer.allocate(size)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(type.getBytes(StandardCharsets.US_ASCII))
                        .putInt(size)
                        .putInt(channelId)
                        .put(security)
                        .putInt(sequence)
                        .putInt(sequence)
                        .put(ByteBufUtil.getBytes(body))
                        .array());
    }

    private byte[] chunk() throws IOException {
        byte[] header = answers.readNBytes(HEADER);
        if (header.length < HEADER) {
            throw new IOException("The server closed the connection");
        }
        int size = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES);
        byte[] chunk = Arrays.copyOf(header, size);
        answers.readFully(chunk, HEADER, size - HEADER);
        return chunk;
    }

    private static Object decoded(byte[] body) {
        return new OpcUaBinaryDecoder(DefaultEncodingContext.INSTANCE)
                .setBuffer(Unpooled.wrappedBuffer(body))
                .decodeMessage(null);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

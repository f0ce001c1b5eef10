package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.SecurityTokenRequestType;
import org.eclipse.milo.opcua.stack.core.types.structured.ChannelSecurityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.OpenSecureChannelResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;

/**
 * The service that issues and renews security tokens (Part 4, 5.5.2): makes the request's bytes, and of the answer's the
 * keys. It knows no connection and keeps no state. With security its methods take milliseconds: not for an event loop.
 * Thread-safe.
 */
final class OpenSecureChannel {
    /** Shorter lifetimes would have us do nothing but renew. */
    static final long SHORTEST_LIFETIME_MS = 500;

    private static final long REQUESTED_LIFETIME_MS = 3_600_000;
    private static final int SHORT_NONCE_BYTES = 16;
    private static final int NONCE_BYTES = 32;
    private static final byte[] NO_NONCE = {};

    private final ChannelSecurity security;
    private final AsymmetricChunks chunks;
    private final EncodingContext context;
    private final SecureRandom nonces;
    private final long timeoutMs;

    /**
     * @param timeoutMs how long the server may take
     * @throws UaException if one of the certificates has no RSA key
     */
    OpenSecureChannel(ChannelSecurity security, EncodingContext context, SecureRandom nonces, long timeoutMs)
            throws UaException {
        this.security = security;
        this.chunks = new AsymmetricChunks(security);
        this.context = context;
        this.nonces = nonces;
        this.timeoutMs = timeoutMs;
    }

    /** What was sent, and what of it the answer is measured with. */
    static final class Request {
        private final long channelId;
        private final long id;
        private final byte[] nonce;
        private final byte[] chunk;

        private Request(long channelId, long id, byte[] nonce, byte[] chunk) {
            this.channelId = channelId;
            this.id = id;
            this.nonce = nonce;
            this.chunk = chunk;
        }

        byte[] chunk() {
            return chunk;
        }
    }

    /** What the server granted. */
    record Granted(
            long channelId, long tokenId, long sequence, long lifetimeMs, ChunkKeys sending, ChunkKeys receiving) {
        SecurityToken requestedAt(long now) {
            return new SecurityToken(tokenId, now, lifetimeMs, sending, receiving);
        }
    }

    /** @param channelId 0 to issue the first token, else that of the channel whose token is renewed */
    Request request(long channelId, long sequence, long requestId) throws UaException {
        byte[] nonce = newNonce();
        OpenSecureChannelRequest message = new OpenSecureChannelRequest(
                new RequestHeader(NodeId.NULL_VALUE, DateTime.now(), uint(0), uint(0), null, uint(timeoutMs), null),
                uint(0),
                channelId == 0 ? SecurityTokenRequestType.Issue : SecurityTokenRequestType.Renew,
                security.mode(),
                security.isNone() ? ByteString.NULL_VALUE : ByteString.of(nonce),
                uint(REQUESTED_LIFETIME_MS));
        ByteBuf body = Unpooled.buffer();
        WireEncoder.of(body, context).encodeMessage(null, message);
        return new Request(channelId, requestId, nonce, chunks.seal(channelId, sequence, requestId, body));
    }

    /**
     * The token of an answer.
     *
     * @throws UaException says what is wrong with the answer; a {@link UaServiceFaultException} if the server refused
     */
    Granted answer(Request request, byte[] chunk) throws UaException {
        AsymmetricChunks.Opened opened = chunks.open(chunk);
        if (opened.requestId() != request.id) {
            throw new UaException(
                    StatusCodes.Bad_SecurityChecksFailed, "the server answered an OpenSecureChannel that was not sent");
        }
        UaResponseMessageType message = ResponseDecoder.decode(opened.body(), context);
        if (!(message instanceof OpenSecureChannelResponse response)) {
            throw new UaException(
                    StatusCodes.Bad_UnknownResponse,
                    "the server answered OpenSecureChannel with "
                            + message.getClass().getSimpleName());
        }
        ChannelSecurityToken token = Objects.requireNonNull(response.getSecurityToken());
        long channelId = token.getChannelId().longValue();
        if (channelId == 0 || (request.channelId != 0 && channelId != request.channelId)) {
            throw new UaException(
                    StatusCodes.Bad_SecureChannelIdInvalid, "the server granted a token of the channel " + channelId);
        }
        long lifetimeMs = token.getRevisedLifetime().longValue();
        if (lifetimeMs < SHORTEST_LIFETIME_MS) {
            throw new UaException(
                    StatusCodes.Bad_SecureChannelTokenUnknown,
                    "the server granted a token for " + lifetimeMs + " ms; the least is " + SHORTEST_LIFETIME_MS);
        }
        long tokenId = token.getTokenId().longValue();
        if (security.isNone()) {
            return new Granted(channelId, tokenId, opened.sequence(), lifetimeMs, ChunkKeys.NONE, ChunkKeys.NONE);
        }
        byte[] serverNonce = checked(response.getServerNonce());
        return new Granted(
                channelId,
                tokenId,
                opened.sequence(),
                lifetimeMs,
                ChunkKeys.toSend(security, serverNonce, request.nonce),
                ChunkKeys.toReceive(security, serverNonce, request.nonce));
    }

    private byte[] newNonce() {
        if (security.isNone()) {
            return NO_NONCE;
        }
        byte[] nonce = new byte[nonceBytes()];
        nonces.nextBytes(nonce);
        return nonce;
    }

    private byte[] checked(ByteString serverNonce) throws UaException {
        byte[] nonce = serverNonce.bytesOrEmpty();
        if (nonce.length < nonceBytes()) {
            throw new UaException(
                    StatusCodes.Bad_NonceInvalid,
                    "the server's nonce has " + nonce.length + " bytes; the policy wants " + nonceBytes());
        }
        int bits = 0;
        for (byte each : nonce) {
            bits |= each;
        }
        if (bits == 0) {
            throw new UaException(StatusCodes.Bad_NonceInvalid, "the server's nonce is all zeros");
        }
        return nonce;
    }

    /** The policy's SecureChannelNonceLength (Part 7). */
    private int nonceBytes() {
        return security.policy() == SecurityPolicy.Basic128Rsa15 ? SHORT_NONCE_BYTES : NONCE_BYTES;
    }
}

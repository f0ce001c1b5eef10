package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.util.DigestUtil;
import org.jspecify.annotations.Nullable;

/**
 * The chunks that open a secure channel (Part 6, 6.7.2.3): a header that names policy and certificates, then what is
 * signed with the sender's key and encrypted with the receiver's. A message is one chunk here. Without security they are
 * only framed.
 *
 * <p>An answer is accepted only if it comes under our policy, from the certificate that the channel is opened for, for
 * ours.
 *
 * <p>It knows no connection and keeps no state. With security its methods take milliseconds: not for an event loop.
 * Thread-safe.
 */
final class AsymmetricChunks {
    private static final int LONGEST_FIELD = 65_535;
    private static final int SEQUENCE_BYTES = 8;

    private final ChannelSecurity security;
    private final @Nullable RsaAlgorithms rsa;
    private final int ourKeyBytes;
    private final int serverKeyBytes;

    /** @throws UaException if one of the certificates has no RSA key */
    AsymmetricChunks(ChannelSecurity security) throws UaException {
        this.security = security;
        if (security.isNone()) {
            rsa = null;
            ourKeyBytes = 0;
            serverKeyBytes = 0;
        } else {
            rsa = RsaAlgorithms.of(security.policy());
            ourKeyBytes = RsaAlgorithms.keyBytes(security.requireOurs().certificate());
            serverKeyBytes = RsaAlgorithms.keyBytes(security.server().get(0));
        }
    }

    /** What a chunk says. */
    record Opened(long channelId, long sequence, long requestId, ByteBuf body) {}

    byte[] seal(long channelId, long sequence, long requestId, ByteBuf body) throws UaException {
        ByteBuf chunk = Unpooled.buffer(body.readableBytes() + 4096);
        MessageHeader.write(chunk, MessageHeader.OPEN_CHANNEL, MessageHeader.FINAL, 0);
        chunk.writeIntLE((int) channelId);
        writeField(chunk, security.policy().getUri().getBytes(StandardCharsets.UTF_8));
        writeField(chunk, rsa == null ? null : encoded(security.requireOurs().chain()));
        writeField(chunk, rsa == null ? null : thumbprint(security.server().get(0)));
        int secured = chunk.writerIndex();
        chunk.writeIntLE((int) sequence);
        chunk.writeIntLE((int) requestId);
        chunk.writeBytes(body);
        if (rsa == null) {
            MessageHeader.setLength(chunk, chunk.writerIndex());
            return ByteBufUtil.getBytes(chunk);
        }
        int blockBytes = serverKeyBytes - rsa.overhead();
        Padding.write(
                chunk, chunk.writerIndex() - secured + ourKeyBytes, blockBytes, Padding.sizeBytes(serverKeyBytes));
        int blocks = (chunk.writerIndex() - secured + ourKeyBytes) / blockBytes;
        MessageHeader.setLength(chunk, secured + blocks * serverKeyBytes);
        chunk.writeBytes(rsa.sign(security.requireOurs().privateKey(), chunk.array(), chunk.writerIndex()));
        byte[] plain = ByteBufUtil.getBytes(chunk, secured, chunk.writerIndex() - secured);
        chunk.writerIndex(secured);
        chunk.writeBytes(rsa.encrypt(security.server().get(0).getPublicKey(), serverKeyBytes, plain));
        return ByteBufUtil.getBytes(chunk);
    }

    /** @throws UaException says what is wrong with the chunk */
    Opened open(byte[] bytes) throws UaException {
        try {
            ByteBuf chunk = Unpooled.wrappedBuffer(bytes).skipBytes(MessageHeader.BYTES);
            long channelId = chunk.readUnsignedIntLE();
            checkHeader(readField(chunk), readField(chunk), readField(chunk));
            ByteBuf plain = rsa == null ? chunk : decrypted(rsa, bytes, chunk.readerIndex());
            return new Opened(channelId, plain.readUnsignedIntLE(), plain.readUnsignedIntLE(), plain.slice());
        } catch (IndexOutOfBoundsException e) {
            throw new UaException(StatusCodes.Bad_DecodingError, "the server's OpenSecureChannel chunk is too short");
        }
    }

    private void checkHeader(byte @Nullable [] policy, byte @Nullable [] sender, byte @Nullable [] thumbprint)
            throws UaException {
        String uri = policy == null ? "" : new String(policy, StandardCharsets.UTF_8);
        if (!uri.equals(security.policy().getUri())) {
            throw violated("the server answered under another security policy than "
                    + security.policy().name());
        }
        if (rsa == null) {
            return;
        }
        byte[] expected = encoded(security.server().subList(0, 1));
        // DER tells its own length: what begins with a certificate has it first.
        if (sender == null
                || sender.length < expected.length
                || !Arrays.equals(sender, 0, expected.length, expected, 0, expected.length)) {
            throw violated("the server answered with another certificate than that of the endpoint");
        }
        if (!Arrays.equals(thumbprint, thumbprint(security.requireOurs().certificate()))) {
            throw violated("the server's answer is encrypted for another certificate than ours");
        }
    }

    /** Sequence header and body, after all checks. */
    private ByteBuf decrypted(RsaAlgorithms algorithms, byte[] bytes, int secured) throws UaException {
        byte[] encrypted = Arrays.copyOfRange(bytes, secured, bytes.length);
        if (encrypted.length == 0 || encrypted.length % ourKeyBytes != 0) {
            throw violated("the server's OpenSecureChannel chunk does not consist of encrypted blocks");
        }
        byte[] plain = algorithms.decrypt(security.requireOurs().privateKey(), ourKeyBytes, encrypted);
        byte[] signed = Arrays.copyOf(bytes, secured + plain.length);
        System.arraycopy(plain, 0, signed, secured, plain.length);
        int signature = signed.length - serverKeyBytes;
        if (signature < secured + SEQUENCE_BYTES
                || !algorithms.verify(
                        security.server().get(0).getPublicKey(),
                        signed,
                        signature,
                        Arrays.copyOfRange(signed, signature, signed.length))) {
            throw violated("the signature of the server's OpenSecureChannel chunk is wrong");
        }
        int end = Padding.bodyEnd(signed, secured + SEQUENCE_BYTES, signature, Padding.sizeBytes(ourKeyBytes));
        return Unpooled.wrappedBuffer(signed, secured, end - secured);
    }

    private static void writeField(ByteBuf out, byte @Nullable [] field) {
        if (field == null) {
            out.writeIntLE(-1);
        } else {
            out.writeIntLE(field.length);
            out.writeBytes(field);
        }
    }

    private static byte @Nullable [] readField(ByteBuf in) throws UaException {
        int length = in.readIntLE();
        if (length > LONGEST_FIELD) {
            throw violated("a field of the server's OpenSecureChannel chunk is too long");
        }
        return length < 0 ? null : ByteBufUtil.getBytes(in.readSlice(length));
    }

    private static byte[] encoded(List<X509Certificate> certificates) throws UaException {
        try {
            ByteBuf der = Unpooled.buffer();
            for (X509Certificate certificate : certificates) {
                der.writeBytes(certificate.getEncoded());
            }
            return ByteBufUtil.getBytes(der);
        } catch (CertificateEncodingException e) {
            throw new UaException(StatusCodes.Bad_CertificateInvalid, e);
        }
    }

    private static byte[] thumbprint(X509Certificate certificate) throws UaException {
        return DigestUtil.sha1(encoded(List.of(certificate)));
    }

    private static UaException violated(String what) {
        return new UaException(StatusCodes.Bad_SecurityChecksFailed, what);
    }
}

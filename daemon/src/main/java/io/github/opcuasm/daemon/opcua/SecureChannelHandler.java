package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one TCP connection (Part 6, 7.1 and 6.7): Hello, OpenSecureChannel, messages, renewals, the end. What
 * the server must not do ends the connection, with a failure that says what it was.
 *
 * <pre>
 *   CONNECTING ── connected ──▶ HELLO ── ACK ──▶ OPENING ── OPN ──▶ OPEN ── any failure, close ──▶ ENDED
 * </pre>
 *
 * <p>RSA is done on threads of its own, both ways. Meanwhile the order on the wire must stay that of the sequence numbers:
 * while a request for a token is being made, the {@link Outbox} is held, for the request's number is taken; while an
 * answer is being examined, nothing behind it is read.
 *
 * <p>A token is renewed after three quarters of its lifetime, give or take a tenth of that, so that channels opened
 * together drift apart. A token that has expired ends the channel.
 *
 * <p>Confined to the channel's event loop.
 */
final class SecureChannelHandler extends ByteToMessageDecoder {
    private static final double RENEWED_AFTER = 0.75;
    private static final double JITTER = 0.1;
    /** After this part of a lifetime a renewal that found no free thread is tried again. */
    private static final int RETRIES_PER_LIFETIME = 40;

    private final OpcUaTransport transport;
    private final ChannelSettings settings;
    private final long stepTimeoutMs;
    private final Owner owner;
    private final OpenSecureChannel openSecureChannel;
    private final SecurityTokens tokens = new SecurityTokens();
    private final SequenceNumbers sent = SequenceNumbers.sent();
    private final SequenceNumbers received = SequenceNumbers.received();

    private Phase phase = Phase.CONNECTING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Outbox outbox;
    private @Nullable TransportLimits limits;
    private @Nullable ChunkReader reader;
    private @Nullable ChunkWriter writer;
    private long channelId;
    private OpenSecureChannel.@Nullable Request requested;
    private long requestedAt;
    private boolean examining;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ScheduledFuture<?> renewal;

    private enum Phase {
        CONNECTING,
        HELLO,
        OPENING,
        OPEN,
        ENDED
    }

    /** Whose channel it is. */
    interface Owner extends ChunkReader.Messages {
        long newRequestId();

        /** The secure channel is open. */
        void opened();

        /** What had to wait has left. */
        void flushed();

        /** The connection is of no use any more; to be closed. */
        void failed(Throwable cause);

        /** The connection was closed. */
        void ended();
    }

    /** Takes a result on the loop. */
    private interface Step<T> {
        void take(T result) throws UaException;
    }

    /** @throws UaException if the settings' certificates cannot be used */
    SecureChannelHandler(OpcUaTransport transport, ChannelSettings settings, long stepTimeoutMs, Owner owner)
            throws UaException {
        this.transport = transport;
        this.settings = settings;
        this.stepTimeoutMs = stepTimeoutMs;
        this.owner = owner;
        this.openSecureChannel = new OpenSecureChannel(
                settings.security(), transport.encodingContext(), transport.nonces(), stepTimeoutMs);
    }

    /**
     * Hands over a request.
     *
     * @throws UaException if it cannot be encoded; nothing was sent
     */
    void send(long requestId, UaRequestMessageType message) throws UaException {
        Outbox out = outbox();
        ChunkWriter chunks = writer;
        if (chunks == null) {
            throw new UaException(StatusCodes.Bad_SecureChannelClosed, "the secure channel is not open");
        }
        try {
            chunks.write(MessageHeader.MESSAGE, requestId, message, out.buffer());
        } finally {
            out.added(requestId);
        }
    }

    /** Whether all that was handed over before this turn of the loop has reached the kernel. */
    boolean takesMore() {
        return outbox == null || outbox.takesMore();
    }

    /** Whether bytes of this request wait for the socket. */
    boolean isStuck(long requestId) {
        return outbox != null && outbox.isStuck(requestId);
    }

    /** Says CloseSecureChannel, if that is possible now, and closes behind it. */
    void close() {
        ChannelHandlerContext ctx = context();
        ChunkWriter chunks = writer;
        if (phase != Phase.OPEN || chunks == null || outbox().isHeld()) {
            ctx.close();
            return;
        }
        RequestHeader header =
                new RequestHeader(NodeId.NULL_VALUE, DateTime.now(), uint(0), uint(0), null, uint(0), null);
        try {
            chunks.write(
                    MessageHeader.CLOSE_CHANNEL,
                    owner.newRequestId(),
                    new CloseSecureChannelRequest(header),
                    outbox().buffer());
        } catch (UaException e) {
            ctx.close();
            return;
        }
        cancel(renewal);
        outbox().flush();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        outbox = new Outbox(ctx.channel(), owner::flushed);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        super.channelActive(ctx);
        phase = Phase.HELLO;
        ByteBuf hello = ctx.alloc().buffer();
        try {
            TransportLimits.writeHello(hello, transport.encodingContext().getEncodingLimits(), settings.helloUrl());
        } catch (UaException e) {
            hello.release();
            throw e;
        }
        ctx.writeAndFlush(hello);
        expect(
                stepTimeoutMs,
                new UaException(StatusCodes.Bad_Timeout, "timed out waiting for the server's Acknowledge"));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws UaException {
        if (phase == Phase.ENDED) {
            in.skipBytes(in.readableBytes());
        } else if (!examining && in.readableBytes() >= MessageHeader.BYTES) {
            int longest = limits != null
                    ? limits.receivedChunkBytes()
                    : transport.encodingContext().getEncodingLimits().getMaxChunkSize();
            int length = MessageHeader.length(in, longest);
            if (in.readableBytes() >= length) {
                take(ctx, in.readSlice(length));
            }
        }
    }

    private void take(ChannelHandlerContext ctx, ByteBuf chunk) throws UaException {
        int type = MessageHeader.type(chunk);
        if (type == MessageHeader.MESSAGE && reader != null) {
            reader.read(chunk, ctx.alloc());
        } else if (type == MessageHeader.OPEN_CHANNEL && requested != null) {
            examine(requested, chunk);
        } else if (type == MessageHeader.ACKNOWLEDGE && phase == Phase.HELLO) {
            limits = TransportLimits.agreed(transport.encodingContext().getEncodingLimits(), chunk);
            phase = Phase.OPENING;
            expect(
                    stepTimeoutMs,
                    new UaException(StatusCodes.Bad_Timeout, "timed out waiting for the server's OpenSecureChannel"));
            if (!requestToken()) {
                throw tooManyAtOnce();
            }
        } else if (type == MessageHeader.ERROR) {
            throw MessageHeader.error(chunk.skipBytes(MessageHeader.BYTES));
        } else {
            throw new UaException(
                    StatusCodes.Bad_TcpMessageTypeInvalid,
                    "the server sent a message that does not belong there: " + MessageHeader.name(chunk));
        }
    }

    /** Whether our own RSA is what keeps requests or answers waiting, not the server. */
    boolean waitsForRsa() {
        return examining || (outbox != null && outbox.isHeld());
    }

    /** False if too many wait for RSA already; then nothing happened. */
    private boolean requestToken() {
        outbox().hold();
        long sequence = sent.next();
        long requestId = owner.newRequestId();
        requestedAt = transport.ticker().read();
        try {
            apart(() -> openSecureChannel.request(channelId, sequence, requestId), request -> {
                requested = request;
                byte[] chunk = request.chunk();
                if (limits != null && chunk.length > limits.sentChunkBytes()) {
                    throw new UaException(
                            StatusCodes.Bad_TcpMessageTooLarge,
                            "our certificates have " + chunk.length + " bytes, more than the server takes at once");
                }
                context().writeAndFlush(Unpooled.wrappedBuffer(chunk));
                outbox().resume();
            });
            return true;
        } catch (RejectedExecutionException e) {
            sent.putBack(sequence);
            outbox().resume();
            return false;
        }
    }

    private void examine(OpenSecureChannel.Request request, ByteBuf chunk) throws UaException {
        byte[] bytes = new byte[chunk.readableBytes()];
        chunk.readBytes(bytes);
        if (bytes[3] != MessageHeader.FINAL) {
            throw new UaException(
                    StatusCodes.Bad_TcpMessageTypeInvalid, "the server's OpenSecureChannel is not one final chunk");
        }
        requested = null;
        examining = true;
        try {
            apart(() -> openSecureChannel.answer(request, bytes), granted -> {
                examining = false;
                received.check(granted.sequence());
                install(granted);
                readOn();
            });
            // Unless it was done already.
            context().channel().config().setAutoRead(!examining);
        } catch (RejectedExecutionException e) {
            throw tooManyAtOnce();
        }
    }

    private void install(OpenSecureChannel.Granted granted) {
        SecurityToken token = granted.requestedAt(requestedAt);
        tokens.install(token);
        cancel(deadline);
        scheduleRenewal(token);
        if (phase == Phase.OPENING && limits != null) {
            channelId = granted.channelId();
            reader = new ChunkReader(channelId, limits, tokens, received, transport.ticker(), owner);
            writer = new ChunkWriter(channelId, limits, tokens, sent, transport.encodingContext());
            phase = Phase.OPEN;
            owner.opened();
        }
    }

    private void scheduleRenewal(SecurityToken token) {
        double jitter = 1 - JITTER + 2 * JITTER * transport.random().nextDouble();
        renewal = context()
                .executor()
                .schedule(
                        () -> renew(token),
                        (long) (token.lifetimeMs() * RENEWED_AFTER * jitter),
                        TimeUnit.MILLISECONDS);
    }

    private void renew(SecurityToken token) {
        if (phase != Phase.OPEN) {
            return;
        }
        long left = token.nanosLeft(transport.ticker().read());
        expect(
                Math.max(0, TimeUnit.NANOSECONDS.toMillis(left)),
                new UaException(
                        StatusCodes.Bad_SecureChannelClosed,
                        "the security token expired: the server did not renew it in time"));
        if (!requestToken()) {
            renewal = context()
                    .executor()
                    .schedule(() -> renew(token), token.lifetimeMs() / RETRIES_PER_LIFETIME, TimeUnit.MILLISECONDS);
        }
    }

    /** Fails with this unless the next step is done by then. */
    private void expect(long timeoutMs, UaException failure) {
        cancel(deadline);
        deadline = context().executor().schedule(() -> fail(failure), timeoutMs, TimeUnit.MILLISECONDS);
    }

    /**
     * Works where there is time, then goes on here; without security there is nothing that takes time.
     *
     * @throws RejectedExecutionException if too many wait already
     */
    private <T> void apart(Callable<T> work, Step<T> then) {
        if (settings.security().isNone()) {
            work(work, then);
        } else {
            transport.rsa().execute(() -> work(work, then));
        }
    }

    private <T> void work(Callable<T> work, Step<T> then) {
        try {
            T result = work.call();
            here(() -> {
                if (phase != Phase.ENDED) {
                    try {
                        then.take(result);
                    } catch (UaException | RuntimeException e) {
                        fail(e);
                    }
                }
            });
        } catch (Throwable e) {
            here(() -> fail(e));
        }
    }

    private void here(Runnable step) {
        if (context().executor().inEventLoop()) {
            step.run();
            return;
        }
        try {
            context().executor().execute(step);
        } catch (RejectedExecutionException e) {
            // The loops are shut down, and the channels with them.
        }
    }

    /** Goes on with what came behind an answer that was examined, if reading had been stopped. */
    private void readOn() throws UaException {
        if (context().channel().config().isAutoRead()) {
            return;
        }
        context().channel().config().setAutoRead(true);
        try {
            channelRead(context(), Unpooled.EMPTY_BUFFER);
        } catch (UaException e) {
            throw e;
        } catch (Exception e) {
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        if (phase != Phase.ENDED) {
            stop();
            owner.failed(cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
        }
    }

    private void stop() {
        phase = Phase.ENDED;
        cancel(deadline);
        cancel(renewal);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        try {
            super.channelInactive(ctx);
        } finally {
            stop();
            owner.ended();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        stop();
        if (reader != null) {
            reader.release();
        }
        outbox().release();
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }

    private Outbox outbox() {
        return Objects.requireNonNull(outbox);
    }

    private static UaException tooManyAtOnce() {
        return new UaException(
                StatusCodes.Bad_TooManyOperations,
                "too many secure channels are being opened at once; try again later");
    }
}

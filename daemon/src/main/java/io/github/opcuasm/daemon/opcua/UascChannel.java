package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.HashedWheelTimer;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.transport.client.uasc.ClientSecureChannel;
import org.eclipse.milo.opcua.stack.transport.client.uasc.InboundUascResponseHandler;
import org.eclipse.milo.opcua.stack.transport.client.uasc.UascClientAcknowledgeHandler;
import org.eclipse.milo.opcua.stack.transport.client.uasc.UascClientConfig;
import org.eclipse.milo.opcua.stack.transport.client.uasc.UascRequest;
import org.eclipse.milo.opcua.stack.transport.client.uasc.UascResponse;
import org.jspecify.annotations.Nullable;

/**
 * One secure channel on one TCP connection, from Hello to its end: it opens once, renews its token, and when it is
 * closed it stays closed. Restoring a session is the business of {@link OpcUaSession}.
 *
 * <p>Milo's handlers do chunks, security and the binary encoding on the channel's event loop; this class is the handler
 * behind them, so an answer reaches its {@link Listener} on the same loop without a hand-off. Everything here is
 * confined to that loop.
 *
 * <p>Requests are not queued here. {@link #isFlushed} tells whether everything handed over has reached the kernel; the
 * session hands over the next request only then, so that a request whose deadline passes is either still in the
 * session's own queue or in the server's hands.
 */
public final class UascChannel {
    private static final long MAX_REQUEST_ID = 0xFFFF_FFFFL;
    private static final long CHANNEL_LIFETIME_MS = 3_600_000;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    /** Who waits for an answer. Exactly one method is called, once. */
    interface Listener {
        void onResponse(UaResponseMessageType response);

        /** The server answered with a fault, or its answer could not be decoded. */
        void onFault(UaException fault);

        /** The request could not be encoded: nothing of it was sent. */
        void onNotSent(UaException cause);

        /** The channel ended first. */
        void onClosed(UaException cause);
    }

    private final OpcUaTransport transport;
    private final EventLoop loop;
    private final CompletableFuture<UascChannel> opened = new CompletableFuture<>();
    private final CompletableFuture<UascChannel> closed = new CompletableFuture<>();
    private final LongObjectHashMap<Listener> waiting = new LongObjectHashMap<>(4);
    private final Runnable onFlushed;
    private @Nullable Channel tcp;
    private final LongObjectHashMap<Listener> stuck = new LongObjectHashMap<>(2);
    private long lastRequestId;
    private @Nullable UaException closeCause;

    /**
     * Opens nothing yet.
     *
     * @param onFlushed called when a write that had to wait for the socket has left
     */
    UascChannel(OpcUaTransport transport, EventLoop loop, Runnable onFlushed) {
        this.transport = transport;
        this.loop = loop;
        this.onFlushed = onFlushed;
    }

    /**
     * Resolves, connects to one address after the other, says Hello and opens the secure channel, each step bounded by
     * the settings' step timeout. Called once, on the loop; completes there.
     */
    CompletableFuture<UascChannel> open(ChannelSettings settings) {
        long timeoutMs = Math.max(1, settings.stepTimeout().toMillis());
        CompletableFuture<List<InetSocketAddress>> addresses =
                transport.hostResolver().resolve(loop, settings.endpoint());
        var resolveTimer = loop.schedule(
                () -> addresses.completeExceptionally(
                        new UaException(StatusCodes.Bad_Timeout, "timed out resolving the host name")),
                timeoutMs,
                TimeUnit.MILLISECONDS);
        addresses.whenComplete((found, failure) -> {
            resolveTimer.cancel(false);
            if (failure != null) {
                failOpening(failure);
            } else {
                connect(found, 0, settings);
            }
        });
        return opened;
    }

    /** Whether the secure channel has been opened and not been closed. */
    boolean isOpen() {
        return opened.isDone() && !opened.isCompletedExceptionally() && !closed.isDone();
    }

    /** Completes with this channel when it is closed, whoever closed it. */
    CompletableFuture<UascChannel> closed() {
        return closed;
    }

    /** Whether everything handed over has reached the kernel. */
    boolean isFlushed() {
        return stuck.isEmpty();
    }

    /** Whether the next request may be handed over: everything before has left, and nobody is closing the channel. */
    boolean takesRequests() {
        return isFlushed() && closeCause == null;
    }

    /** Hands a request to the channel and returns its id; the listener may be called before this returns. */
    long send(UaRequestMessageType message, Listener listener) {
        Channel channel = tcp;
        long id = newRequestId();
        if (channel == null || closed.isDone()) {
            listener.onClosed(closeCause());
            return id;
        }
        waiting.put(id, listener);
        ChannelFuture write = channel.writeAndFlush(new UascRequest(id, message));
        if (write.isDone()) {
            written(id, write);
        } else {
            stuck.put(id, listener);
            write.addListener(done -> {
                stuck.remove(id);
                written(id, write);
                if (isFlushed() && done.isSuccess()) {
                    onFlushed.run();
                }
            });
        }
        return id;
    }

    /** Milo tells of what it cannot encode; any other failure of a write on a living channel shows only here. */
    private void written(long id, ChannelFuture write) {
        if (!write.isSuccess() && write.channel().isActive() && closeCause == null) {
            Listener listener = waiting.remove(id);
            if (listener != null) {
                listener.onNotSent(new UaException(StatusCodes.Bad_EncodingError, write.cause()));
            }
        }
    }

    /** Request ids are 32 bit and not 0 (Part 6, 6.7.2); after a long life of the channel they begin anew. */
    private long newRequestId() {
        do {
            lastRequestId = lastRequestId >= MAX_REQUEST_ID ? 1 : lastRequestId + 1;
        } while (waiting.containsKey(lastRequestId));
        return lastRequestId;
    }

    /** Whether bytes of this request wait for the socket. */
    boolean isStuck(long requestId) {
        return stuck.containsKey(requestId);
    }

    /** Nobody waits for this answer any more; should it come, it is dropped. */
    void forget(long requestId) {
        waiting.remove(requestId);
    }

    /** Says CloseSecureChannel and closes; closes hard if that takes longer than a second. */
    CompletableFuture<UascChannel> close() {
        Channel channel = tcp;
        if (channel == null || !channel.isActive()) {
            abort(new UaException(StatusCodes.Bad_ConnectionClosed, "closed"));
            return closed;
        }
        channel.pipeline()
                .fireUserEventTriggered(new CloseSecureChannelRequest(
                        new RequestHeader(NodeId.NULL_VALUE, DateTime.now(), uint(0), uint(0), null, uint(0), null)));
        loop.schedule(() -> channel.close(), CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        return closed;
    }

    /** Closes at once, without a word to the server. */
    void abort(UaException cause) {
        if (closeCause == null) {
            closeCause = cause;
        }
        Channel channel = tcp;
        if (channel == null) {
            failOpening(cause);
        } else {
            channel.close();
        }
    }

    private void connect(List<InetSocketAddress> addresses, int index, ChannelSettings settings) {
        if (opened.isDone()) {
            return;
        }
        int timeoutMs = Math.toIntExact(
                Math.min(Integer.MAX_VALUE, Math.max(1, settings.stepTimeout().toMillis())));
        CompletableFuture<ClientSecureChannel> handshake = new CompletableFuture<>();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(CountingSocketChannel::new)
                .option(ChannelOption.ALLOCATOR, transport.readBuffers())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMs)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<CountingSocketChannel>() {
                    @Override
                    protected void initChannel(CountingSocketChannel channel) {
                        channel.pipeline()
                                .addLast(new UascClientAcknowledgeHandler(
                                        new HandshakeTimeouts(transport.handshakeTimer(), timeoutMs),
                                        new PlainApplication(
                                                settings.helloUrl(),
                                                new ChannelEncodingContext(transport.encodingContext(), channel),
                                                timeoutMs),
                                        () -> newRequestId(),
                                        handshake))
                                .addLast(new ResponseHandler());
                    }
                })
                .connect(addresses.get(index));
        tcp = connecting.channel();
        connecting.addListener(result -> {
            if (!result.isSuccess()) {
                if (index + 1 < addresses.size() && closeCause == null) {
                    connect(addresses, index + 1, settings);
                } else {
                    failOpening(result.cause());
                }
            }
        });
        handshake.whenComplete((secureChannel, failure) -> loop.execute(() -> {
            if (failure != null) {
                failOpening(failure);
            } else if (!opened.complete(this)) {
                abort(closeCause());
            }
        }));
    }

    private void failOpening(Throwable cause) {
        opened.completeExceptionally(closeCause != null ? closeCause : cause);
        Channel channel = tcp;
        if (channel != null) {
            channel.close();
        }
        closed.complete(this);
    }

    /** Why it was closed, for the log. */
    String closeReason() {
        return OpcUaErrors.reason(closeCause());
    }

    private UaException closeCause() {
        UaException cause = closeCause;
        return cause != null ? cause : new UaException(StatusCodes.Bad_ConnectionClosed, "connection closed");
    }

    private void channelEnded() {
        UaException cause = closeCause();
        List<Listener> left = new ArrayList<>(waiting.values());
        waiting.clear();
        closed.complete(this);
        left.forEach(listener -> listener.onClosed(cause));
    }

    /** The last handler: what Milo decoded goes to whoever waits for it. */
    private final class ResponseHandler extends InboundUascResponseHandler {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, UascResponse response) {
            if (response.isSuccess() && response.getResponseMessage() instanceof UndecodableMessage undecodable) {
                handleReceiveFailure(response.getRequestId(), undecodable.cause());
            } else {
                super.channelRead0(ctx, response);
            }
        }

        @Override
        public void handleResponse(long requestId, UaResponseMessageType response) {
            Listener listener = waiting.remove(requestId);
            if (listener != null) {
                listener.onResponse(response);
            }
        }

        @Override
        public void handleSendFailure(long requestId, UaException exception) {
            Listener listener = waiting.remove(requestId);
            if (listener != null) {
                listener.onNotSent(exception);
            }
        }

        @Override
        public void handleReceiveFailure(long requestId, UaException exception) {
            Listener listener = waiting.remove(requestId);
            if (listener != null) {
                listener.onFault(exception);
            }
        }

        @Override
        public void handleChannelError(UaException exception) {
            if (closeCause == null) {
                closeCause = exception;
            }
        }

        @Override
        public void handleChannelInactive() {
            channelEnded();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            // Milo releases the chunks of a half-received message only on an exception.
            ctx.pipeline().fireExceptionCaught(closeCause());
            super.channelInactive(ctx);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            abort(
                    cause instanceof UaException status
                            ? status
                            : new UaException(StatusCodes.Bad_CommunicationError, cause));
        }
    }

    private record HandshakeTimeouts(HashedWheelTimer getWheelTimer, long timeoutMs) implements UascClientConfig {
        @Override
        public UInteger getAcknowledgeTimeout() {
            return uint(timeoutMs);
        }

        @Override
        public UInteger getChannelLifetime() {
            return uint(CHANNEL_LIFETIME_MS);
        }
    }
}

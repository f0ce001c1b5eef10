package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.jspecify.annotations.Nullable;

/**
 * One secure channel on one TCP connection, from Hello to its end: it opens once, renews its token, and when it is
 * closed it stays closed. Restoring a session is the business of {@link OpcUaSession}.
 *
 * <p>{@link SecureChannelHandler} speaks the protocol; this class knows who waits for which answer, which reaches its
 * {@link Listener} on the channel's event loop without a hand-off. Everything here is confined to that loop.
 *
 * <p>Requests are not queued here. {@link #takesRequests} tells whether everything handed over has reached the kernel,
 * but for what leaves together at the end of this turn; the session hands over the next request only then, so that a
 * request whose deadline passes is either still in the session's own queue or in the server's hands.
 */
public final class UascChannel {
    private static final long MAX_REQUEST_ID = 0xFFFF_FFFFL;
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
    private final Connection connection = new Connection();
    private @Nullable Channel tcp;
    private @Nullable SecureChannelHandler handler;
    private boolean closing;
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
        CompletableFuture<List<InetSocketAddress>> addresses =
                transport.hostResolver().resolve(loop, settings.endpoint());
        var resolveTimer = loop.schedule(
                () -> addresses.completeExceptionally(
                        new UaException(StatusCodes.Bad_Timeout, "timed out resolving the host name")),
                timeoutMs(settings),
                TimeUnit.MILLISECONDS);
        addresses.whenComplete((found, failure) -> {
            resolveTimer.cancel(false);
            if (failure != null) {
                failOpening(failure);
            } else {
                connect(found.iterator(), settings);
            }
        });
        return opened;
    }

    /** Whether the secure channel has been opened and not been closed. */
    boolean isOpen() {
        return wasOpened() && !closed.isDone();
    }

    /** Whether the secure channel has been opened, closed by now or not. */
    boolean wasOpened() {
        return opened.isDone() && !opened.isCompletedExceptionally();
    }

    /** Completes with this channel when it is closed, whoever closed it. */
    CompletableFuture<UascChannel> closed() {
        return closed;
    }

    /**
     * Whether the next request may be handed over: all that was handed over before this turn of the loop has reached the
     * kernel, and nobody is closing the channel.
     */
    boolean takesRequests() {
        return closeCause == null && !closing && (handler == null || handler.takesMore());
    }

    /** Whether a renewal of the channel waits for our own RSA: a silence that is not the server's. */
    boolean waitsForRsa() {
        return handler != null && handler.waitsForRsa();
    }

    /**
     * Hands a request to the channel and returns its id; the listener may be called before this returns. Its bytes leave
     * at the end of this turn of the loop, with those of others.
     */
    long send(UaRequestMessageType message, Listener listener) {
        long id = newRequestId();
        SecureChannelHandler protocol = handler;
        if (protocol == null || closing || closed.isDone()) {
            listener.onClosed(closeCause());
            return id;
        }
        try {
            protocol.send(id, message);
        } catch (UaException e) {
            listener.onNotSent(e);
            return id;
        }
        waiting.put(id, listener);
        return id;
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
        return handler != null && handler.isStuck(requestId);
    }

    /** Nobody waits for this answer any more; should it come, it is dropped. */
    void forget(long requestId) {
        waiting.remove(requestId);
    }

    /** Says CloseSecureChannel and closes; closes hard if that takes longer than a second. */
    CompletableFuture<UascChannel> close() {
        Channel channel = tcp;
        SecureChannelHandler protocol = handler;
        if (channel == null || protocol == null || !channel.isActive()) {
            abort(new UaException(StatusCodes.Bad_ConnectionClosed, "closed"));
            return closed;
        }
        if (!closing) {
            closing = true;
            protocol.close();
        }
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

    /** Tries one address after the other that may be connected to; the last failure is the one told. */
    private void connect(Iterator<InetSocketAddress> addresses, ChannelSettings settings) {
        if (opened.isDone()) {
            return;
        }
        InetSocketAddress address = addresses.next();
        SecureChannelHandler protocol;
        try {
            settings.addresses().check(settings.endpoint(), address.getAddress());
            protocol = new SecureChannelHandler(transport, settings, timeoutMs(settings), connection);
        } catch (CommandException | UaException e) {
            connectToNext(addresses, settings, e);
            return;
        }
        handler = protocol;
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, transport.buffers(settings.security()))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMs(settings))
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(protocol)
                .connect(address);
        tcp = connecting.channel();
        connecting.addListener(result -> {
            if (!result.isSuccess()) {
                connectToNext(addresses, settings, result.cause());
            }
        });
    }

    private void connectToNext(Iterator<InetSocketAddress> addresses, ChannelSettings settings, Throwable failure) {
        if (addresses.hasNext() && closeCause == null) {
            connect(addresses, settings);
        } else {
            failOpening(failure);
        }
    }

    private static int timeoutMs(ChannelSettings settings) {
        return (int)
                Math.min(Integer.MAX_VALUE, Math.max(1, settings.stepTimeout().toMillis()));
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

    /** What the connection tells. */
    private final class Connection implements SecureChannelHandler.Owner {
        @Override
        public long newRequestId() {
            return UascChannel.this.newRequestId();
        }

        @Override
        public void opened() {
            if (!opened.complete(UascChannel.this)) {
                abort(closeCause());
            }
        }

        @Override
        public void flushed() {
            onFlushed.run();
        }

        @Override
        public void received(long requestId, ByteBuf body) {
            Listener listener = waiting.remove(requestId);
            if (listener == null) {
                return;
            }
            UaResponseMessageType response;
            try {
                response = ResponseDecoder.decode(body, transport.encodingContext());
            } catch (UaException e) {
                listener.onFault(e);
                return;
            }
            listener.onResponse(response);
        }

        @Override
        public void aborted(long requestId, UaException cause) {
            Listener listener = waiting.remove(requestId);
            if (listener != null) {
                listener.onFault(cause);
            }
        }

        @Override
        public void failed(Throwable cause) {
            UaException status = cause instanceof UaException known
                    ? known
                    : new UaException(StatusCodes.Bad_CommunicationError, cause);
            if (!opened.isDone()) {
                failOpening(status);
            } else if (status instanceof UaServiceFaultException fault) {
                // Not to be taken for the answer to a request.
                abort(new UaException(fault.getStatusCode(), "the server refused to renew the security token"));
            } else {
                abort(status);
            }
        }

        @Override
        public void ended() {
            if (opened.isDone()) {
                channelEnded();
            } else {
                failOpening(closeCause());
            }
        }
    }
}

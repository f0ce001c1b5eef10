package io.github.opcuasm.simulator;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The handler next to the socket of one connection, which can stop all traffic in both directions.
 *
 * <p>While it is shut, nothing is read from the socket (so the peer fills the kernel's buffers), writes queue up
 * in order, and a close that the server wants (its Hello deadline, say) waits. What queues is the answers to
 * requests that were read before, so their number is bounded by what was under way. All state belongs to the
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The outcome of writes and closes goes to the promises passed along.
final class ConnectionGate extends ChannelDuplexHandler {
    private final Connections connections;
    private final Queue<Write> writes = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable ChannelPromise close;
    private boolean shut;

    ConnectionGate(Connections connections) {
        this.connections = connections;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        connections.opened(this);
        ctx.channel().closeFuture().addListener(closed -> {
            connections.closed(this);
            failWrites();
        });
        if (connections.frozen()) {
            shut();
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!shut) {
            ctx.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (shut) {
            writes.add(new Write(message, promise));
        } else {
            ctx.write(message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (!shut) {
            ctx.flush();
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (shut) {
            close = promise;
        } else {
            ctx.close(promise);
        }
    }

    /** Brings the gate into the state that {@link Connections} asks for; the future ends when it is there. */
    Future<?> follow() {
        return context().channel().eventLoop().submit(() -> {
            if (connections.frozen()) {
                shut();
            } else {
                open();
            }
        });
    }

    /** Closes the socket, shut or not: with a reset if {@code abruptly}. */
    ChannelFuture closeNow(boolean abruptly) {
        ChannelHandlerContext ctx = context();
        if (abruptly) {
            ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        return ctx.close();
    }

    private void shut() {
        if (!shut) {
            shut = true;
            context().channel().config().setAutoRead(false);
        }
    }

    private void open() {
        if (!shut) {
            return;
        }
        shut = false;
        ChannelHandlerContext ctx = context();
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            ctx.write(write.message(), write.promise());
        }
        ctx.flush();
        if (close != null) {
            ctx.close(close);
        } else {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void failWrites() {
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            ReferenceCountUtil.release(write.message());
            write.promise().tryFailure(new ClosedChannelException());
        }
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("The gate is in no pipeline");
        }
        return context;
    }

    private record Write(Object message, ChannelPromise promise) {}
}

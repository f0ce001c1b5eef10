package io.github.opcuasm.daemon.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection whose last answer is written. Closing a socket with unread input resets the connection, and
 * the reset destroys what the peer has not read yet. So only the sending side is shut down; what still comes in is
 * thrown away, up to a bound in bytes and time, until the peer closes its side too.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells nothing that channelInactive does not
final class LingeringClose extends ChannelInboundHandlerAdapter {
    private final IpcContext context;
    private long remaining;
    private @Nullable Future<?> timer;

    LingeringClose(IpcContext context) {
        this.context = context;
        this.remaining = context.limits().lingerBytes();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.channel()
                .eventLoop()
                .schedule(() -> ctx.channel().close(), context.limits().linger().toNanos(), TimeUnit.NANOSECONDS);
        ((DuplexChannel) ctx.channel()).shutdownOutput().addListener(shut -> {
            if (shut.isSuccess()) {
                ctx.channel().config().setAutoRead(true);
            } else {
                ctx.channel().close();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            remaining -= bytes.readableBytes();
        }
        ReferenceCountUtil.release(message);
        if (remaining < 0) {
            ctx.channel().close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.channel().close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        context.table().ended(ctx.channel());
        context.counters().open.decrement();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.channel().close();
    }
}

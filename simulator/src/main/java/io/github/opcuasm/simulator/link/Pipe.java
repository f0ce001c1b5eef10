package io.github.opcuasm.simulator.link;

import static java.util.Objects.requireNonNull;

import io.github.opcuasm.simulator.link.Passage.Moment;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: the handler of the channel that bytes come from, which writes to the other.
 *
 * <p>Everything that passes goes through one queue, bytes and the end of the connection alike, each with the moment at
 * which it is due; so whatever holds or slows the bytes, nothing overtakes them. While the queue holds
 * {@link #MAX_QUEUED} bytes, or the other channel takes no more, or the direction is held, nothing is read, and the sender
 * feels it as it would on a slow network.
 *
 * <p>Once bytes have been swallowed everything after them is: a stream cannot go on behind a gap. All state belongs to the
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What cannot be written any more is lost, as on a network.
final class Pipe extends ChannelInboundHandlerAdapter implements Chunks.Sink {
    static final int MAX_QUEUED = 256 * 1024;

    /** A throttled direction gets its bytes in portions of this part of a second. */
    private static final int PORTIONS_PER_SECOND = 50;

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Direction direction;
    private final LinkConnection connection;
    private final Conditions conditions;
    private final Triggers triggers;
    private final Chunks chunks = new Chunks(this);
    private final Deque<Item> queue = new ArrayDeque<>();
    private @Nullable Channel source;
    private @Nullable Channel target;
    private Triggers.@Nullable Armed pending;
    private long bytesUntilPending;
    private int queuedBytes;
    private long freeAt;
    private long wakeAt;
    private boolean waking;
    private boolean swallowed;
    private boolean finished;
    private boolean reset;

    /** Bytes, or, where there are none, the end of the connection, and the trigger behind it. */
    private static final class Item {
        private final @Nullable ByteBuf bytes;
        private final Ending ending;
        private final Triggers.@Nullable Armed trigger;
        private long due;

        private Item(@Nullable ByteBuf bytes, Ending ending, Triggers.@Nullable Armed trigger, long due) {
            this.bytes = bytes;
            this.ending = ending;
            this.trigger = trigger;
            this.due = due;
        }
    }

    Pipe(Direction direction, LinkConnection connection, Conditions conditions, Triggers triggers) {
        this.direction = direction;
        this.connection = connection;
        this.conditions = conditions;
        this.triggers = triggers;
        this.freeAt = System.nanoTime();
    }

    Direction direction() {
        return direction;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        source = ctx.channel();
        ctx.channel().config().setAutoRead(false);
    }

    /** Lets bytes flow to this channel. */
    void connect(Channel channel) {
        target = channel;
        follow();
    }

    /** Falls in with what has become of the conditions. */
    void follow() {
        if (conditions.swallowing() && !queue.isEmpty()) {
            swallowed = true;
        }
        long latest = System.nanoTime() + conditions.delayNanos();
        if (!conditions.throttled()) {
            freeAt = System.nanoTime();
            queue.forEach(item -> item.due = Math.min(item.due, latest));
        }
        drain();
    }

    /** From now on everything vanishes. */
    void silence() {
        swallowed = true;
        clear();
        follow();
    }

    void clear() {
        for (Item item = queue.poll(); item != null; item = queue.poll()) {
            if (item.bytes != null) {
                item.bytes.release();
            }
        }
        queuedBytes = 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (swallows() || finished) {
            conditions.lost(bytes.readableBytes());
            bytes.release();
        } else {
            chunks.pass(bytes);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reset = true;
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connection.closed();
        if (!swallows() && !finished) {
            offer(chunks.rest());
            finish(reset ? Ending.RESET : Ending.CLOSE, null);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        connection.opposite(this).regulate();
    }

    private boolean swallows() {
        swallowed |= conditions.swallowing();
        return swallowed;
    }

    @Override
    public boolean begins(MessageType type, long chunkBytes) {
        Triggers.Armed fired = triggers.beginning(this, type);
        if (fired == null) {
            return true;
        }
        if (fired.moment() == Moment.BEFORE) {
            finish(fired.ending(), fired);
            return false;
        }
        pending = fired;
        bytesUntilPending =
                fired.moment() == Moment.WITHIN ? Chunks.HEADER + (chunkBytes - Chunks.HEADER) / 2 : chunkBytes;
        return true;
    }

    @Override
    public boolean bytes(ByteBuf part) {
        Triggers.Armed last = pending;
        if (last != null) {
            int allowed = (int) Math.min(bytesUntilPending, part.readableBytes());
            bytesUntilPending -= allowed;
            return last(part, allowed, bytesUntilPending == 0 ? last : null);
        }
        Triggers.Armed truncating = triggers.truncating(direction);
        if (truncating != null) {
            int allowed = truncating.allow(part.readableBytes());
            boolean over = truncating.exhausted();
            if (over) {
                triggers.disarm(truncating);
            }
            return last(part, allowed, over ? truncating : null);
        }
        offer(part);
        return true;
    }

    @Override
    public boolean ends() {
        return !finished;
    }

    /** Passes as much as is allowed, and ends the connection if a trigger is given. */
    private boolean last(ByteBuf part, int allowed, Triggers.@Nullable Armed fired) {
        offer(part.readRetainedSlice(allowed));
        part.release();
        if (fired != null) {
            finish(fired.ending(), fired);
        }
        return fired == null;
    }

    private void offer(ByteBuf bytes) {
        if (!conditions.throttled()) {
            enqueue(bytes, System.nanoTime());
            return;
        }
        int rate = conditions.bytesPerSecond();
        int portion = Math.max(1, rate / PORTIONS_PER_SECOND);
        while (bytes.readableBytes() > portion) {
            enqueue(bytes.readRetainedSlice(portion), passed(portion, rate));
        }
        enqueue(bytes, passed(bytes.readableBytes(), rate));
    }

    private long passed(int bytes, int rate) {
        freeAt = Math.max(freeAt, System.nanoTime()) + NANOS_PER_SECOND * bytes / rate;
        return freeAt;
    }

    private void enqueue(ByteBuf bytes, long notBefore) {
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        queuedBytes += bytes.readableBytes();
        queue.add(new Item(bytes, Ending.CLOSE, null, notBefore + conditions.delayNanos()));
        drain();
    }

    private void finish(Ending ending, Triggers.@Nullable Armed trigger) {
        finished = true;
        queue.add(new Item(null, ending, trigger, System.nanoTime() + conditions.delayNanos()));
        drain();
    }

    private void drain() {
        Channel open = target;
        while (open != null && !conditions.held() && !queue.isEmpty()) {
            Item next = requireNonNull(queue.peek());
            if (swallowed && next.bytes != null) {
                queuedBytes -= next.bytes.readableBytes();
                conditions.lost(next.bytes.readableBytes());
                next.bytes.release();
                queue.remove();
            } else if (next.due - System.nanoTime() > 0) {
                wakeAt(next.due, open);
                break;
            } else {
                queue.remove();
                pass(next, open);
            }
        }
        regulate();
    }

    private void pass(Item item, Channel open) {
        if (item.bytes != null) {
            queuedBytes -= item.bytes.readableBytes();
            open.writeAndFlush(item.bytes);
        } else if (item.trigger != null || !swallowed) {
            if (item.trigger != null) {
                item.trigger.fired();
            }
            connection.end(item.ending);
        }
    }

    private void wakeAt(long due, Channel open) {
        if (waking && wakeAt - due <= 0) {
            return;
        }
        waking = true;
        wakeAt = due;
        open.eventLoop()
                .schedule(
                        () -> {
                            if (wakeAt == due) {
                                waking = false;
                            }
                            drain();
                        },
                        due - System.nanoTime(),
                        TimeUnit.NANOSECONDS);
    }

    private void regulate() {
        Channel from = source;
        Channel to = target;
        if (from == null) {
            return;
        }
        boolean flows = swallowed
                || conditions.swallowing()
                || (to != null && (to.isWritable() || !to.isActive()) && queuedBytes < MAX_QUEUED);
        from.config().setAutoRead(flows && !conditions.held());
    }
}

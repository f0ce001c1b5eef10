package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What goes out on one connection. Requests of one turn of the event loop are encoded into one buffer, which is handed
 * to the socket at the end of that turn, or as soon as it holds {@value #FLUSH_BYTES} bytes: many small requests cost one
 * system call. What the socket does not take at once is stuck; then, and while it is held, nothing more should be added,
 * which is the adder's to heed.
 *
 * <p>It is held while something else has to go out first whose sequence number is taken already. Confined to the event
 * loop.
 */
final class Outbox {
    static final int FLUSH_BYTES = 64 * 1024;

    private static final int FIRST_BYTES = 512;

    private final Channel channel;
    private final Runnable onFlushed;
    private final Runnable endOfTurn = this::flush;
    private final Deque<Batch> stuck = new ArrayDeque<>(1);
    private @Nullable ByteBuf buffer;
    private Batch batch = new Batch();
    private boolean scheduled;
    private boolean held;

    /** @param onFlushed called when what was stuck or held has left */
    Outbox(Channel channel, Runnable onFlushed) {
        this.channel = channel;
        this.onFlushed = onFlushed;
    }

    /** Where to append; {@link #added} is to follow. */
    ByteBuf buffer() {
        ByteBuf open = buffer;
        if (open == null) {
            open = channel.alloc().buffer(FIRST_BYTES);
            buffer = open;
        }
        return open;
    }

    /** The bytes of a request were appended; or none, if it could not be encoded. */
    void added(long requestId) {
        batch.add(requestId);
        if (buffer != null && buffer.readableBytes() >= FLUSH_BYTES) {
            flush();
        } else if (!scheduled) {
            scheduled = true;
            channel.eventLoop().execute(endOfTurn);
        }
    }

    /** Whether everything before this turn has reached the kernel, and the rest will at its end or waits for it. */
    boolean takesMore() {
        return stuck.isEmpty() && !held;
    }

    /** Whether bytes of this request wait for the socket. */
    boolean isStuck(long requestId) {
        flush();
        for (Batch waiting : stuck) {
            if (waiting.contains(requestId)) {
                return true;
            }
        }
        return held && batch.contains(requestId);
    }

    boolean isHeld() {
        return held;
    }

    /** Hands over what there is; from then on, nothing leaves until {@link #resume}. */
    void hold() {
        flush();
        held = true;
    }

    void resume() {
        held = false;
        flush();
        if (stuck.isEmpty()) {
            onFlushed.run();
        }
    }

    /** Hands over to the socket what was added. */
    void flush() {
        scheduled = false;
        ByteBuf ready = buffer;
        if (held || ready == null) {
            return;
        }
        buffer = null;
        if (!ready.isReadable()) {
            ready.release();
            batch.clear();
            return;
        }
        ChannelFuture write = channel.writeAndFlush(ready);
        if (write.isDone()) {
            batch.clear();
        } else {
            stuck.add(batch);
            write.addListener(batch);
            batch = new Batch();
        }
    }

    /** Drops what was not handed over. */
    void release() {
        ByteBuf open = buffer;
        buffer = null;
        if (open != null) {
            open.release();
        }
    }

    /** The requests in one buffer. */
    private final class Batch implements ChannelFutureListener {
        private long[] ids = new long[4];
        private int size;

        void add(long id) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
            }
            ids[size++] = id;
        }

        boolean contains(long id) {
            for (int i = 0; i < size; i++) {
                if (ids[i] == id) {
                    return true;
                }
            }
            return false;
        }

        void clear() {
            size = 0;
        }

        @Override
        public void operationComplete(ChannelFuture write) {
            stuck.remove(this);
            if (write.isSuccess() && takesMore()) {
                onFlushed.run();
            }
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private final Deque<ChannelPromise> unfinished = new ArrayDeque<>();
    private boolean socketIsFull;

    /** A socket that takes nothing while it is full. */
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (socketIsFull) {
                ((ByteBuf) message).release();
                unfinished.add(promise);
            } else {
                ctx.write(message, promise);
            }
        }
    });

    private final AtomicInteger flushed = new AtomicInteger();
    private final Outbox outbox = new Outbox(channel, flushed::incrementAndGet);

    @AfterEach
    void close() {
        outbox.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void whatIsAddedInOneTurnLeavesAtItsEndAtOnce() {
        add(1, 10);
        add(2, 20);
        assertThat(channel.outboundMessages()).isEmpty();

        channel.runPendingTasks();

        assertThat(sizeOfNext()).isEqualTo(30);
        assertThat(outbox.takesMore()).isTrue();
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void whatIsLongLeavesBeforeTheTurnEnds() {
        add(1, 10);
        add(2, Outbox.FLUSH_BYTES);

        assertThat(sizeOfNext()).isEqualTo(10 + Outbox.FLUSH_BYTES);
        channel.runPendingTasks();
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void whatTheSocketDoesNotTakeIsStuckUntilItDoes() {
        socketIsFull = true;
        add(1, 10);
        channel.runPendingTasks();

        assertThat(outbox.isStuck(1)).isTrue();
        assertThat(outbox.isStuck(2)).isFalse();
        assertThat(outbox.takesMore()).isFalse();
        unfinished.remove().setSuccess();

        assertThat(outbox.isStuck(1)).isFalse();
        assertThat(outbox.takesMore()).isTrue();
        assertThat(flushed).hasValue(1);
    }

    // Whether a request has left is asked when its deadline passes: it must not wait for the end of the turn then.
    @Test
    void askingWhetherItIsStuckSendsItFirst() {
        add(1, 10);

        assertThat(outbox.isStuck(1)).isFalse();

        assertThat(sizeOfNext()).isEqualTo(10);
    }

    @Test
    void whileHeldNothingLeavesAndAllIsStuck() {
        add(1, 10);
        outbox.hold();
        assertThat(sizeOfNext()).isEqualTo(10);
        add(2, 20);
        channel.runPendingTasks();

        assertThat(channel.outboundMessages()).isEmpty();
        assertThat(outbox.isStuck(1)).isFalse();
        assertThat(outbox.isStuck(2)).isTrue();
        assertThat(outbox.takesMore()).isFalse();
        outbox.resume();

        assertThat(sizeOfNext()).isEqualTo(20);
        assertThat(outbox.takesMore()).isTrue();
        assertThat(flushed).hasValue(1);
    }

    @Test
    void aRequestThatCouldNotBeEncodedSendsNothing() {
        outbox.buffer();
        outbox.added(1);

        channel.runPendingTasks();

        assertThat(channel.outboundMessages()).isEmpty();
        assertThat(outbox.isStuck(1)).isFalse();
    }

    private void add(long id, int bytes) {
        outbox.buffer().writeZero(bytes);
        outbox.added(id);
    }

    private int sizeOfNext() {
        ByteBuf next = channel.readOutbound();
        int bytes = next.readableBytes();
        next.release();
        return bytes;
    }
}

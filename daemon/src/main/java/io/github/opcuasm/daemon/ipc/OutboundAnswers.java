package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.ResponseEnvelope;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of one connection on their way out, in the order in which they were given.
 *
 * <p>An answer is encoded only while the channel takes bytes, in slices of at most 64 KiB (a step of the encoder may go
 * over by a little), one slice a turn of the event loop: an answer of any size neither stalls the loop nor fills
 * memory. Small answers of one turn share a buffer, which goes out with one write: at the end of the read that caused
 * them, or in a task at the end of the turn.
 *
 * <p>Undelivered are, by their weight, the answers not yet fully encoded, and the encoded bytes that the kernel has not
 * taken. The daemon's total is told in steps of 4 KiB.
 *
 * <p>Everything here happens on the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells nothing that channelInactive does not
final class OutboundAnswers {
    static final int SLICE = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(OutboundAnswers.class);
    private static final int SMALL_BUFFER = 512;
    private static final int REPORT_STEP = 4 * 1024;
    /** What a waiting answer costs by itself, so that many of no weight are bounded too. */
    private static final int ANSWER_OVERHEAD = 512;

    /** Who is told. */
    interface Listener {
        /** Bytes were taken by the kernel, or nothing waits any more. */
        void onDelivered();

        /** The kernel took only a part; the peer has to read. */
        void onBlocked();
    }

    private record Answer(@Nullable RequestId id, Response response, JsonStyle style) {
        long weight() {
            return ANSWER_OVERHEAD + (response instanceof Response.Success success ? success.weight() : 0);
        }
    }

    private final Channel channel;
    private final long connectionId;
    private final IpcContext context;
    private final Listener listener;
    private final Queue<Answer> waiting = new ArrayDeque<>(2);
    private @Nullable Answer current;
    private @Nullable JsonEncoder encoder;
    private boolean currentOnWire;
    private @Nullable ByteBuf out;
    private boolean flushScheduled;
    private boolean turnScheduled;
    private boolean released;
    private long inFlight;
    private long undelivered;
    private long reported;
    private long written;
    private long lastMark = -1;
    private long lastProgressAt;

    OutboundAnswers(Channel channel, long connectionId, IpcContext context, Listener listener) {
        this.channel = channel;
        this.connectionId = connectionId;
        this.context = context;
        this.listener = listener;
    }

    /**
     * Appends an answer.
     *
     * @param last whether nothing is expected to follow, so that waiting for company is pointless
     */
    void add(@Nullable RequestId id, Response response, JsonStyle style, boolean last) {
        if (released) {
            context.counters().discarded.increment();
            return;
        }
        if (response instanceof Response.Failure failure && failure.error().type() == ErrorType.OVERLOADED) {
            context.counters().overloaded.increment();
        }
        Answer answer = new Answer(id, response, style);
        waiting.add(answer);
        undelivered += answer.weight();
        if (!turnScheduled) {
            encode();
        }
        if (last) {
            flush();
        }
        report();
    }

    /** Writes what is encoded; at the end of a read. */
    void flush() {
        if (out != null) {
            ByteBuf bytes = out;
            out = null;
            send(bytes);
        }
    }

    /** The channel takes bytes again. */
    void onWritable() {
        if (!turnScheduled && !released) {
            encode();
            report();
        }
    }

    /** Whether everything was given to the kernel. */
    boolean isEmpty() {
        return current == null && out == null && inFlight == 0 && waiting.isEmpty();
    }

    /** Bytes. */
    long undelivered() {
        return undelivered;
    }

    /** When the peer last took something, by the ticker; {@code now} if nothing waits for it. */
    long lastProgressAt(long now) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long mark = written + (buffer == null ? 0 : buffer.currentProgress());
        if (inFlight == 0 || mark != lastMark) {
            lastMark = mark;
            lastProgressAt = now;
        }
        return lastProgressAt;
    }

    /** Forgets what was not sent: the peer is gone. */
    void release() {
        released = true;
        context.counters().discarded.add(waiting.size() + (current == null ? 0 : 1));
        waiting.clear();
        current = null;
        encoder = null;
        if (out != null) {
            out.release();
            out = null;
        }
        undelivered = 0;
        report();
    }

    private void encode() {
        boolean sliceFull = false;
        while (!sliceFull && channel.isWritable() && (current != null || startNext())) {
            sliceFull = !encodeSlice() || (out != null && out.readableBytes() >= SLICE);
        }
        if (sliceFull) {
            // First, because the channel may report that it is writable again from within the flush.
            if (current != null || !waiting.isEmpty()) {
                turnScheduled = true;
                channel.eventLoop().execute(this::nextTurn);
            }
            flush();
        } else if (out != null && !flushScheduled) {
            flushScheduled = true;
            channel.eventLoop().execute(this::scheduledFlush);
        }
    }

    private void nextTurn() {
        turnScheduled = false;
        onWritable();
    }

    private void scheduledFlush() {
        flushScheduled = false;
        flush();
    }

    private boolean startNext() {
        current = waiting.poll();
        if (current == null) {
            return false;
        }
        encoder = new JsonEncoder(ResponseEnvelope.of(current.response(), current.id()), current.style());
        currentOnWire = false;
        return true;
    }

    /** Encodes into the current buffer what there is room for; true if the answer is complete. */
    private boolean encodeSlice() {
        Answer answer = current;
        JsonEncoder encoding = encoder;
        if (answer == null || encoding == null) {
            return true;
        }
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = channel.alloc().directBuffer(currentOnWire ? SLICE : SMALL_BUFFER);
            out = buffer;
        }
        int before = buffer.readableBytes();
        boolean finished;
        try {
            finished = encoding.encode(new ByteBufOutputStream(buffer), SLICE - before);
        } catch (IOException | RuntimeException | StackOverflowError defect) {
            buffer.writerIndex(buffer.readerIndex() + before);
            replaceBroken(answer, defect);
            return false;
        }
        if (finished) {
            buffer.writeByte('\n');
            undelivered -= answer.weight();
            context.counters().answers.increment();
            current = null;
            encoder = null;
        }
        undelivered += buffer.readableBytes() - before;
        currentOnWire = true;
        return finished;
    }

    /** An answer that cannot be written becomes an error, unless a part of it is out: then only closing is honest. */
    private void replaceBroken(Answer answer, Throwable defect) {
        CommandException error =
                defect instanceof CommandException refused ? refused : Incident.report(LOG, connectionId, defect);
        undelivered -= answer.weight();
        if (currentOnWire || answer.response() instanceof Response.Failure) {
            channel.close();
            return;
        }
        Answer replacement = new Answer(answer.id(), new Response.Failure(error), answer.style());
        undelivered += replacement.weight();
        current = replacement;
        encoder = new JsonEncoder(ResponseEnvelope.of(replacement.response(), replacement.id()), replacement.style());
    }

    private void send(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (length == 0) {
            bytes.release();
            return;
        }
        inFlight += length;
        channel.writeAndFlush(bytes).addListener(write -> {
            inFlight -= length;
            if (!write.isSuccess()) {
                channel.close();
                return;
            }
            written += length;
            if (!released) {
                undelivered -= length;
                report();
                listener.onDelivered();
            }
        });
        if (inFlight > 0 && !released) {
            listener.onBlocked();
        }
    }

    private void report() {
        long delta = undelivered - reported;
        if (delta >= REPORT_STEP || delta <= -REPORT_STEP || (undelivered == 0 && delta != 0)) {
            context.undelivered().add(delta);
            reported = undelivered;
        }
    }
}

package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
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
 * The answers of one connection on their way out, in the order in which they were given, and between them the events of
 * its streams.
 *
 * <p>An answer is encoded only while the channel takes bytes, in slices of at most 64 KiB (a step of the encoder may go
 * over by a little), one slice a turn of the event loop: an answer of any size neither stalls the loop nor fills
 * memory. Small answers of one turn share a buffer, which goes out with one write: at the end of the read that caused
 * them, or in a task at the end of the turn.
 *
 * <p>A stream is asked for an event when there is room to encode it, so at most one of each connection is taken out of its
 * source and not yet encoded. Answers and events take turns, and streams among themselves: neither a flood of answers nor
 * one stream at full speed keeps the others waiting for longer than one of its frames. A stream is asked only after its
 * first answer was encoded.
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

        /** A stream's last event is on its way out. */
        void onStreamEnded(OutboundStream stream);
    }

    /**
     * An answer or an event.
     *
     * @param weight counts as undelivered until it is encoded
     * @param response null for an event
     * @param stream that it is of; null for an answer with which no stream begins
     * @param last whether the stream ends with it
     */
    private record Frame(
            @Nullable RequestId id,
            JsonBody body,
            JsonStyle style,
            long weight,
            @Nullable Response response,
            @Nullable OutboundStream stream,
            boolean last) {
        static Frame answer(
                @Nullable RequestId id, Response response, JsonStyle style, @Nullable OutboundStream begun) {
            long weight = ANSWER_OVERHEAD + (response instanceof Response.Success success ? success.weight() : 0);
            return new Frame(id, ResponseEnvelope.of(response, id), style, weight, response, begun, false);
        }

        static Frame event(OutboundStream stream, JsonBody event, long weight, boolean last) {
            return new Frame(
                    stream.id(),
                    ResponseEnvelope.event(stream.id(), event),
                    stream.style(),
                    weight,
                    null,
                    stream,
                    last);
        }

        boolean isAnswer() {
            return response != null;
        }
    }

    private final Channel channel;
    private final long connectionId;
    private final IpcContext context;
    private final Listener listener;
    private final Queue<Frame> waiting = new ArrayDeque<>(2);
    private final Queue<OutboundStream> readyStreams = new ArrayDeque<>(2);
    private boolean eventsTurn;
    private int waitingAnswers;
    private @Nullable Frame current;
    private @Nullable JsonEncoder encoder;
    private boolean currentOnWire;
    private @Nullable ByteBuf out;
    private boolean atWork;
    private boolean flushScheduled;
    private boolean turnScheduled;
    private boolean released;
    private long inFlight;
    private long undelivered;
    private long reported;
    private long written;
    private long encoded;
    private long answersEndAt;
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
        if (response instanceof Response.Failure failure) {
            context.counters().failed(failure.error().type());
        }
        add(Frame.answer(id, response, style, null));
        if (last) {
            flush();
        }
    }

    /** As {@link #add}, of the answer with which a stream begins. */
    void addFirst(OutboundStream stream, Response first) {
        if (!released) {
            add(Frame.answer(stream.id(), first, stream.style(), stream));
        }
    }

    /** Appends an event that stands behind all answers given so far: the last one of a stream that is not asked any more. */
    void addEvent(OutboundStream stream, JsonBody event) {
        if (!released) {
            add(Frame.event(stream, event, ANSWER_OVERHEAD, false));
        }
    }

    private void add(Frame frame) {
        waiting.add(frame);
        if (frame.isAnswer()) {
            waitingAnswers++;
        }
        undelivered += frame.weight();
        if (!turnScheduled) {
            encode();
        }
        report();
    }

    /** A stream has something. */
    void ready(OutboundStream stream) {
        if (released || !stream.hasBegun()) {
            return;
        }
        enqueue(stream);
        if (!turnScheduled) {
            encode();
            report();
        }
    }

    private void enqueue(OutboundStream stream) {
        if (stream.enqueued()) {
            readyStreams.add(stream);
        }
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

    /** Whether an answer was not given to the kernel to its end; events do not count. */
    boolean owesAnswers() {
        return waitingAnswers > 0 || (current != null && current.isAnswer()) || answersEndAt > written;
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
        waitingAnswers = 0;
        readyStreams.clear();
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
        if (atWork) {
            return; // a source that was asked says that it has more: it is asked again anyway
        }
        boolean sliceFull = false;
        atWork = true;
        try {
            while (!sliceFull && channel.isWritable() && (current != null || startNext())) {
                sliceFull = !encodeSlice() || (out != null && out.readableBytes() >= SLICE);
            }
        } finally {
            atWork = false;
        }
        if (sliceFull) {
            // First, because the channel may report that it is writable again from within the flush.
            if (current != null || !waiting.isEmpty() || !readyStreams.isEmpty()) {
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
        boolean preferEvents = eventsTurn;
        eventsTurn = false;
        Frame next = preferEvents ? nextEvent() : null;
        if (next == null) {
            next = waiting.poll();
            if (next != null) {
                eventsTurn = true;
                waitingAnswers -= next.isAnswer() ? 1 : 0;
            } else if (!preferEvents) {
                next = nextEvent();
            }
        }
        if (next == null) {
            return false;
        }
        start(next);
        return true;
    }

    /** Asks the streams in turn; those that have more go to the end of the row. */
    private @Nullable Frame nextEvent() {
        OutboundStream stream = readyStreams.poll();
        while (stream != null) {
            EventSource.Event event = stream.hasEnded() ? null : asked(stream);
            if (event != null) {
                if (!event.last() && stream.signal()) {
                    enqueue(stream);
                }
                return Frame.event(stream, event.body(), 0, event.last());
            }
            stream = readyStreams.poll();
        }
        return null;
    }

    private EventSource.@Nullable Event asked(OutboundStream stream) {
        try {
            return stream.poll();
        } catch (RuntimeException defect) {
            CommandException error = Incident.report(LOG, connectionId, defect);
            stream.end();
            return new EventSource.Event(out -> ResponseEnvelope.end(out, error), true);
        }
    }

    private void start(Frame frame) {
        current = frame;
        encoder = new JsonEncoder(frame.body(), frame.style());
        currentOnWire = false;
    }

    /** Encodes into the current buffer what there is room for; true if the frame is complete. */
    private boolean encodeSlice() {
        Frame frame = current;
        JsonEncoder encoding = encoder;
        if (frame == null || encoding == null) {
            return true;
        }
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = channel.alloc().directBuffer(currentOnWire || !frame.isAnswer() ? SLICE : SMALL_BUFFER);
            out = buffer;
        }
        int before = buffer.readableBytes();
        boolean finished;
        try {
            finished = encoding.encode(new ByteBufOutputStream(buffer), SLICE - before);
        } catch (IOException | RuntimeException | StackOverflowError defect) {
            buffer.writerIndex(buffer.readerIndex() + before);
            replaceBroken(frame, defect);
            return false;
        }
        if (finished) {
            buffer.writeByte('\n');
        }
        int length = buffer.readableBytes() - before;
        undelivered += length;
        encoded += length;
        currentOnWire = true;
        if (finished) {
            finish(frame);
        }
        return finished;
    }

    private void finish(Frame frame) {
        undelivered -= frame.weight();
        current = null;
        encoder = null;
        OutboundStream stream = frame.stream();
        if (frame.isAnswer()) {
            context.counters().answers.increment();
            answersEndAt = encoded;
            if (stream != null && !stream.hasEnded()) {
                stream.begin();
                enqueue(stream);
            }
        } else {
            context.counters().events.increment();
            if (stream != null && frame.last()) {
                listener.onStreamEnded(stream);
            }
        }
    }

    /**
     * What cannot be written becomes an error, an event the end of its stream, unless a part of it is out: then only
     * closing is honest.
     */
    private void replaceBroken(Frame frame, Throwable defect) {
        CommandException error =
                defect instanceof CommandException refused ? refused : Incident.report(LOG, connectionId, defect);
        undelivered -= frame.weight();
        OutboundStream stream = frame.stream();
        if (stream != null) {
            stream.end();
        }
        if (currentOnWire || frame.response() instanceof Response.Failure || frame.last()) {
            channel.close();
            return;
        }
        if (frame.isAnswer()) {
            context.counters().failed(error.type());
        }
        Frame replacement = frame.isAnswer() || stream == null
                ? Frame.answer(frame.id(), new Response.Failure(error), frame.style(), null)
                : Frame.event(stream, out -> ResponseEnvelope.end(out, error), 0, true);
        undelivered += replacement.weight();
        start(replacement);
        if (frame.isAnswer() && stream != null) {
            listener.onStreamEnded(stream);
        }
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

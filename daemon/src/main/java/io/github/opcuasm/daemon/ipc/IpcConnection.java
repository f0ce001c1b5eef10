package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.ResponseEnvelope;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer, from its first byte to its last answer.
 *
 * <p>A request may become a stream: then it is no longer under way, its events go out as {@link OutboundAnswers} finds room
 * for them, and the connection is never idle. A stream does not hold up a daemon that ends: it is given a last event.
 *
 * <p>Frames are taken one at a time while there is room: fewer requests under way than {@code --max-inflight} and not
 * too many undelivered bytes. Without room nothing is read, so the peer's kernel pushes back. A protocol-1 frame is the
 * last one that is taken, and reading stops with it: a NIO channel on a Unix socket closes itself at the peer's end of
 * stream, and a peer that half-closes would get no answer. When nothing is under way or unwritten any more, the
 * connection ends by {@link LingeringClose}.
 *
 * <p>Who a peer on a Unix socket is, is found out before anything is read from it. If the system takes too long for that, it
 * is read from all the same, and counts as unidentified until the system tells: what may be asked then is the handler's
 * business.
 *
 * <p>One timer, armed for the nearest of three deadlines and looked at again when it fires: the first frame, an idle
 * kept connection, a peer that takes none of the bytes written to it. Traffic only pushes deadlines out, so it never
 * touches the timer.
 *
 * <p>All fields belong to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells nothing that channelInactive does not
final class IpcConnection extends ChannelInboundHandlerAdapter implements IpcPeer, OutboundAnswers.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(IpcConnection.class);

    /** Bytes; what is this small is not worth refusing. */
    private static final long SMALL_ANSWER = 16 * 1024;

    private enum Phase {
        /** Frames are taken. */
        OPEN,
        /** A protocol-1 frame was taken; ends when everything under way is answered. */
        LAST_REQUEST,
        /** The last answer is on its way out; nothing else will be answered. */
        ENDING,
        /** Not ours any more. */
        GONE
    }

    private final IpcContext context;
    private final Channel channel;
    private final long connectionId;
    private final FrameDecoder decoder;
    private final OutboundAnswers answers;
    private final ExchangesUnderWay underWay = new ExchangesUnderWay();
    private final ConnectionStreams streams;
    private final List<Runnable> atEnd = new ArrayList<>(0);
    private @Nullable DeadlineTimer timer;
    private Phase phase = Phase.OPEN;
    private JsonStyle style = JsonStyle.PROTOCOL_2;
    private final boolean readOnly;
    private final boolean hasCredentials;
    private PeerCredentials.@Nullable Names names;
    private @Nullable Runnable cancelWaiting;
    private boolean unidentified;
    private @Nullable Object recognised;
    private @Nullable Object credential;
    private boolean frameSeen;
    private boolean pumping;
    private boolean busy;
    private boolean mayLinger = true;
    private boolean streamed;
    private @Nullable CompletableFuture<Void> delivered;
    private final long connectedAt;
    private long lastActivityAt;

    /**
     * A connection of a peer that nothing is known of yet.
     *
     * @param readOnly whether the peer may only read
     * @param hasCredentials whether the kernel can tell whose process it is: then nothing is read before it has
     */
    IpcConnection(IpcContext context, Channel channel, boolean readOnly, boolean hasCredentials) {
        this.readOnly = readOnly;
        this.hasCredentials = hasCredentials && context.credentials().areNeeded();
        this.names = this.hasCredentials ? null : PeerCredentials.Names.UNKNOWN;
        this.context = context;
        this.streams = new ConnectionStreams(context.counters());
        this.channel = channel;
        this.connectionId = context.lastConnectionId().incrementAndGet();
        this.decoder = new FrameDecoder(context.maxFrameBytes());
        this.answers = new OutboundAnswers(channel, connectionId, context, this);
        this.connectedAt = context.ticker().read();
        this.lastActivityAt = connectedAt;
    }

    // ---- IpcPeer

    @Override
    public long connectionId() {
        return connectionId;
    }

    @Override
    public Runnable schedule(Runnable action, Duration delay) {
        // What the loop itself schedules, though at once, it runs behind what others hand over to it meanwhile.
        var scheduled = delay.isZero()
                ? eventLoop().submit(action)
                : eventLoop().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    private EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public @Nullable String user() {
        return names == null ? null : names.user();
    }

    @Override
    public @Nullable String group() {
        return names == null ? null : names.group();
    }

    @Override
    public boolean isUnidentified() {
        return unidentified;
    }

    @Override
    public @Nullable Object recognised() {
        return recognised;
    }

    @Override
    public void setRecognised(Object found) {
        recognised = found;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public @Nullable Object credential() {
        return credential;
    }

    @Override
    public void setCredential(Object shown) {
        credential = shown;
    }

    @Override
    public void takeNoMore() {
        if (phase == Phase.OPEN) {
            phase = Phase.LAST_REQUEST;
            setReading(false);
            decoder.release();
        }
    }

    @Override
    public boolean endStream(RequestId id, @Nullable CommandException error) {
        OutboundStream stream = streams.find(id);
        if (stream == null) {
            return false;
        }
        endStream(stream, error);
        return true;
    }

    @Override
    public boolean hasStream(RequestId id) {
        return streams.find(id) != null;
    }

    @Override
    public CompletableFuture<Boolean> cancel(RequestId id) {
        PendingExchange exchange = underWay.find(id);
        return exchange == null ? CompletableFuture.completedFuture(false) : exchange.cancel();
    }

    @Override
    public void onEnd(Runnable action) {
        execute(() -> {
            if (phase == Phase.GONE) {
                runForeign(action);
            } else {
                atEnd.add(action);
            }
        });
    }

    @Override
    public void setStyle(JsonStyle value) {
        style = value;
    }

    @Override
    public boolean isDaemonOverloaded() {
        return context.undelivered().isAboveLimit();
    }

    // ---- what the channel tells

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context.counters().accepted.increment();
        context.counters().open.increment();
        if (context.table().admit(this)) {
            arm(connectedAt + context.limits().firstFrame().toNanos());
            if (hasCredentials) {
                setReading(false);
                cancelWaiting =
                        schedule(this::goOnUnidentified, context.limits().identification());
                context.credentials()
                        .of(channel)
                        .whenComplete((known, failure) -> execute(() -> identified(known, failure)));
            }
        } else {
            context.counters().refused.increment();
            end(null, new CommandException(ErrorType.TOO_MANY_CONNECTIONS, "Too many concurrent connections"));
        }
    }

    private void identified(PeerCredentials.@Nullable Names known, @Nullable Throwable failure) {
        if (cancelWaiting != null) {
            cancelWaiting.run();
        }
        if (phase != Phase.OPEN) {
            return;
        }
        if (known != null) {
            names = known;
            unidentified = false;
            pump();
        } else if (failure instanceof RejectedExecutionException) {
            goOnUnidentified();
        } else {
            LOG.debug("Connection {}: the system does not tell whose it is", connectionId, failure);
            channel.close();
        }
    }

    private void goOnUnidentified() {
        if (phase == Phase.OPEN && names == null) {
            LOG.debug("Connection {}: the system does not tell in time whose it is", connectionId);
            names = PeerCredentials.Names.UNKNOWN;
            unidentified = true;
            pump();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (phase != Phase.OPEN || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        decoder.feed(bytes);
        pump();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        answers.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            answers.onWritable();
        }
    }

    /** TCP only: the peer sends no more. While a protocol-1 request is under way nothing is read, so this is not seen. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && phase == Phase.OPEN) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        context.table().ended(channel);
        context.counters().open.decrement();
        retire();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            Incident.report(LOG, connectionId, cause);
        }
        channel.close();
    }

    // ---- what the outbound side tells

    @Override
    public void onDelivered() {
        settle();
    }

    @Override
    public void onBlocked() {
        long now = context.ticker().read();
        arm(answers.lastProgressAt(now) + context.limits().writeProgress().toNanos());
    }

    @Override
    public void onStreamEnded(OutboundStream stream) {
        streams.remove(stream);
        streamed = true;
    }

    // ---- what the server and the exchanges ask for; from any thread

    /** Runs on the event loop, at once if this is it; not at all once the loop has ended. */
    void execute(Runnable action) {
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            action.run();
            return;
        }
        try {
            loop.execute(action);
        } catch (RejectedExecutionException ended) {
            LOG.debug("Connection {}: the event loop has ended", connectionId);
        }
    }

    /** Runs foreign code; on the event loop. */
    void runForeign(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException defect) {
            Incident.report(LOG, connectionId, defect);
        }
    }

    /** Closes, to make room for another peer. */
    void giveUp() {
        context.counters().dropped.increment();
        channel.close();
    }

    void close() {
        channel.close();
    }

    /** Answers everything under way with {@code shutting_down}; on the event loop. */
    void refuseUnderWay() {
        underWay.refuseAll();
    }

    /**
     * Ends all streams with this error; on the event loop.
     *
     * @return completes when everything was given to the kernel, or the connection is gone
     */
    CompletableFuture<Void> endStreams(CommandException error) {
        for (OutboundStream stream : streams.takeAll()) {
            endStream(stream, error);
        }
        if (answers.isEmpty() || phase == Phase.GONE) {
            return CompletableFuture.completedFuture(null);
        }
        if (delivered == null) {
            delivered = new CompletableFuture<>();
        }
        return delivered;
    }

    private void endStream(OutboundStream stream, @Nullable CommandException error) {
        if (stream.hasEnded()) {
            return; // its last event is being written
        }
        stream.end();
        answers.addEvent(stream, out -> ResponseEnvelope.end(out, error));
        onStreamEnded(stream);
    }

    /** Takes a place for a stream; on the event loop. */
    void reserveStream() {
        streams.reserve();
    }

    /** A stream's source has an event; on the event loop. */
    void ready(OutboundStream stream) {
        answers.ready(stream);
    }

    /**
     * The answer to an exchange; on the event loop.
     *
     * @param stream what follows it; null = nothing
     */
    void answered(PendingExchange exchange, Response response, @Nullable OutboundStream stream) {
        if (exchange.willBeStream()) {
            streams.release();
        }
        if (phase == Phase.ENDING || phase == Phase.GONE) {
            context.counters().discarded.increment();
            if (stream != null) {
                stream.end();
            }
            return;
        }
        underWay.remove(exchange);
        context.counters().answered(context.ticker().read() - exchange.receivedAt());
        if (stream != null) {
            begin(stream, response);
            return;
        }
        if (response instanceof Response.Failure failure
                && failure.error().type().closesConnection()) {
            end(exchange.id(), failure.error());
            return;
        }
        boolean last = phase == Phase.LAST_REQUEST && underWay.size() == 0;
        answers.add(
                exchange.id(),
                admitted(exchange, response),
                exchange.id() == null ? JsonStyle.PROTOCOL_1 : style,
                last);
        settle();
    }

    private void begin(OutboundStream stream, Response first) {
        stream.setStyle(style);
        boolean stopping = context.busy().isStopping();
        if (stopping) {
            stream.end();
        } else {
            streams.add(stream);
        }
        answers.addFirst(stream, first);
        if (stopping) {
            answers.addEvent(stream, out -> ResponseEnvelope.end(out, PendingExchange.shuttingDown(null)));
        }
        settle();
    }

    /**
     * Many large answers that come at once must not fill the heap, though each request was taken in while there was room.
     * One that the daemon cannot keep is dropped and said to be; what may have changed the plant, and what cannot be had
     * again, is told in any case.
     */
    private Response admitted(PendingExchange exchange, Response response) {
        if (exchange.mustBeTold()
                || !(response instanceof Response.Success success)
                || success.weight() <= SMALL_ANSWER
                || context.undelivered().hasRoomFor(success.weight())) {
            return response;
        }
        return Response.failure(
                ErrorType.OVERLOADED,
                "The answer came, but too many large answers wait for peers that have not read them yet; try again later");
    }

    // ---- frames

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (hasRoom()) {
                byte[] frame = decoder.next();
                if (frame == null) {
                    break;
                }
                takeFrame(frame);
            }
        } catch (CommandException refused) {
            sawFrame();
            end(null, refused);
        } finally {
            pumping = false;
        }
        setReading(hasRoom());
        settle();
    }

    private boolean hasRoom() {
        return phase == Phase.OPEN
                && names != null
                && underWay.size() < context.maxInflight()
                && answers.undelivered() <= context.limits().undeliveredOfConnection();
    }

    private void takeFrame(byte[] frame) {
        sawFrame();
        Request request;
        try {
            request = JsonReader.readRequest(frame, 0, frame.length);
        } catch (CommandException refused) {
            // Without an id that can be echoed there is no telling a protocol-2 peer which request failed.
            end(null, refused);
            return;
        } catch (RuntimeException | StackOverflowError defect) {
            end(null, Incident.report(LOG, connectionId, defect));
            return;
        }
        RequestId id = request.id();
        PendingExchange exchange = new PendingExchange(this, id, lastActivityAt);
        if (id == null) {
            takeNoMore();
        }
        if ((id != null && streams.find(id) != null) || !underWay.add(exchange)) {
            CommandException duplicate =
                    CommandException.invalidArgument("id", id + ", which is under way", "an id of its own");
            answers.add(id, new Response.Failure(duplicate), style, false);
            return;
        }
        markBusy();
        if (context.busy().isStopping()) {
            exchange.respond(new Response.Failure(PendingExchange.shuttingDown(Outcome.NOT_SENT)));
            return;
        }
        try {
            context.handler().handle(request, exchange);
        } catch (RuntimeException | Error defect) {
            exchange.respond(new Response.Failure(Incident.report(LOG, connectionId, defect)));
        }
    }

    private void sawFrame() {
        context.counters().frames.increment();
        lastActivityAt = context.ticker().read();
        if (!frameSeen) {
            frameSeen = true;
            context.table().completedFrame(this);
        }
    }

    private void setReading(boolean reading) {
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    // ---- the way to the end

    /** After anything changed: ends, or reads on, or goes idle. */
    private void settle() {
        if (phase == Phase.GONE || pumping) {
            return;
        }
        if (answers.isEmpty() && delivered != null) {
            delivered.complete(null);
        }
        if (phase == Phase.LAST_REQUEST && underWay.size() == 0 && !streams.isEmpty()) {
            CompletableFuture<Void> unused = endStreams(
                    new CommandException(ErrorType.CANCELLED, "A request without an id ends its connection"));
        }
        boolean nothingLeft = underWay.size() == 0 && answers.isEmpty();
        boolean owesAnswers = underWay.size() != 0 || answers.owesAnswers();
        if (phase == Phase.OPEN) {
            if (!channel.config().isAutoRead() && hasRoom()) {
                pump();
                return;
            }
            if (nothingLeft && (busy || streamed) && streams.isEmpty()) {
                streamed = false;
                lastActivityAt = context.ticker().read();
                arm(lastActivityAt + context.idleTimeout().toNanos());
            }
        } else if (nothingLeft) {
            linger();
            return;
        }
        if (owesAnswers) {
            markBusy();
        } else {
            markIdle();
        }
    }

    /** Writes a last answer, gives up everything else that is under way, and closes. */
    private void end(@Nullable RequestId id, CommandException error) {
        if (phase == Phase.ENDING || phase == Phase.GONE) {
            return;
        }
        phase = Phase.ENDING;
        setReading(false);
        decoder.release();
        mayLinger = context.table().leaveToEnd(this, channel);
        markBusy();
        underWay.abandonAll();
        streams.takeAll().forEach(OutboundStream::end);
        answers.add(id, new Response.Failure(error), id == null ? JsonStyle.PROTOCOL_1 : style, true);
        settle();
    }

    private void linger() {
        if (phase != Phase.ENDING) {
            mayLinger = context.table().leaveToEnd(this, channel);
        }
        retire();
        if (mayLinger && channel.isActive()) {
            channel.pipeline().replace(this, null, new LingeringClose(context));
        } else {
            channel.close();
        }
    }

    private void retire() {
        if (phase == Phase.GONE) {
            return;
        }
        phase = Phase.GONE;
        if (timer != null) {
            timer.cancel();
        }
        decoder.release();
        answers.release();
        context.table().leave(this);
        underWay.abandonAll();
        streams.takeAll().forEach(OutboundStream::end);
        if (delivered != null) {
            delivered.complete(null);
        }
        atEnd.forEach(this::runForeign);
        atEnd.clear();
        markIdle();
    }

    private void markBusy() {
        if (!busy && phase != Phase.GONE) {
            busy = true;
            context.busy().enter();
        }
    }

    private void markIdle() {
        if (busy) {
            busy = false;
            context.busy().leave();
        }
    }

    // ---- deadlines

    private void arm(long deadline) {
        if (phase == Phase.GONE) {
            return;
        }
        if (timer == null) {
            timer = new DeadlineTimer(channel.eventLoop(), context.ticker(), this::onTimer);
        }
        timer.arm(deadline);
    }

    private void onTimer() {
        long now = context.ticker().read();
        if (!answers.isEmpty()) {
            long deadline = answers.lastProgressAt(now)
                    + context.limits().writeProgress().toNanos();
            if (deadline - now <= 0) {
                timedOut("it does not read its answers");
                channel.close();
                return;
            }
            arm(deadline);
        }
        if (phase != Phase.OPEN) {
            return;
        }
        if (!frameSeen) {
            long deadline = connectedAt + context.limits().firstFrame().toNanos();
            if (deadline - now <= 0) {
                timedOut("no complete frame");
                end(null, new CommandException(ErrorType.CONNECTION_TIMEOUT, "IPC connection timed out"));
                return;
            }
            arm(deadline);
        } else if (underWay.size() == 0 && answers.isEmpty() && streams.isEmpty()) {
            long deadline = lastActivityAt + context.idleTimeout().toNanos();
            if (deadline - now <= 0) {
                timedOut("idle");
                linger();
                return;
            }
            arm(deadline);
        }
    }

    private void timedOut(String reason) {
        context.counters().timedOut.increment();
        LOG.debug("Connection {} timed out: {}", connectionId, reason);
    }
}

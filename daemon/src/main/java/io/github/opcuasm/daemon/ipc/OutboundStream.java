package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.json.JsonStyle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a connection. It is <em>signalled</em> from the moment when its source has something until the source is
 * asked; what is said in between needs no second signal, and what is said while the source is being asked makes a new one,
 * so no event is left behind and a fast source wakes its event loop once, not once an event.
 *
 * <p>All but {@link #ready} belongs to the event loop.
 */
final class OutboundStream implements EventStream {
    private final IpcConnection connection;
    private final RequestId id;
    private final EventSource source;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private JsonStyle style = JsonStyle.PROTOCOL_2;
    private boolean begun;
    private boolean queued;
    private boolean ended;

    OutboundStream(IpcConnection connection, RequestId id, EventSource source) {
        this.connection = connection;
        this.id = id;
        this.source = source;
    }

    RequestId id() {
        return id;
    }

    JsonStyle style() {
        return style;
    }

    void setStyle(JsonStyle value) {
        style = value;
    }

    @Override
    public void ready() {
        if (signal()) {
            connection.execute(() -> connection.ready(this));
        }
    }

    /** True if it was not signalled before: then it has to be put where it will be asked. */
    boolean signal() {
        return !signalled.getAndSet(true);
    }

    /** Its first answer is written: from now on it may be asked. */
    void begin() {
        begun = true;
    }

    boolean hasBegun() {
        return begun;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Puts it into the row of those to be asked; false if it stands there. */
    boolean enqueued() {
        boolean before = queued;
        queued = true;
        return !before;
    }

    /** Asks the source; to be called with the stream out of the row. */
    EventSource.@Nullable Event poll() {
        queued = false;
        signalled.set(false);
        EventSource.Event event = source.next();
        if (event != null && event.last()) {
            ended = true;
        }
        return event;
    }

    /** Ends it without asking for more. */
    void end() {
        if (!ended) {
            ended = true;
            connection.runForeign(source::ended);
        }
    }
}

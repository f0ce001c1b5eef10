package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.ipc.EventSource;
import io.github.opcuasm.daemon.ipc.EventStream;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.daemon.service.StreamService;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.NotificationStream;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.EventWriter;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream between its subscription and its connection. From the moment it is made until it ends, its handle is in use.
 *
 * <p>Belongs to the connection's event loop.
 */
final class RunningStream implements EventSource {
    static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    private final HandleRegistry handles;
    private final StreamService streams;
    private final SessionHandle handle;
    private final NotificationStream stream;
    private final Supplier<@Nullable CommandException> check;
    private @Nullable Runnable cancelCheck;
    private boolean over;

    /** @param check why it may not go on; null if it may */
    RunningStream(
            HandleRegistry handles,
            StreamService streams,
            SessionHandle handle,
            NotificationStream stream,
            Supplier<@Nullable CommandException> check) {
        this.handles = handles;
        this.streams = streams;
        this.handle = handle;
        this.stream = stream;
        this.check = check;
        handles.begun(handle);
    }

    /** Answers, and goes on from now on. */
    void on(Exchange exchange, RequestId id, Response.Success first) {
        EventStream outbound = exchange.stream(first, this);
        if (!over) {
            stream.readBy(outbound::ready);
            checkLater(exchange.peer(), id);
        }
    }

    private void checkLater(IpcPeer peer, RequestId id) {
        cancelCheck = peer.schedule(
                () -> {
                    CommandException refusal = check.get();
                    if (refusal == null) {
                        checkLater(peer, id);
                    } else {
                        boolean unused = peer.endStream(id, refusal);
                    }
                },
                CHECK_INTERVAL);
    }

    @Override
    public @Nullable Event next() {
        StreamEvent event = stream.next();
        if (event == null) {
            return null;
        }
        boolean last = event instanceof StreamEvent.End;
        if (last) {
            end();
        }
        return new Event(out -> EventWriter.write(out, event), last);
    }

    @Override
    public void ended() {
        end();
    }

    private void end() {
        if (!over) {
            over = true;
            if (cancelCheck != null) {
                cancelCheck.run();
            }
            handles.ended(handle);
            streams.end(handle.session(), stream);
        }
    }
}

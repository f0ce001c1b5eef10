package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.RequestId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection: those that run, and how many are being set up. Both together are bounded, so that a
 * stream is refused before anything was created for it.
 *
 * <p>Belongs to the event loop.
 */
final class ConnectionStreams {
    static final int MAX_STREAMS = 256;

    private final Map<RequestId, OutboundStream> running = new HashMap<>(2);
    private final IpcCounters counters;
    private int reserved;

    ConnectionStreams(IpcCounters counters) {
        this.counters = counters;
    }

    /** @throws CommandException {@code overloaded} */
    void reserve() {
        if (running.size() + reserved >= MAX_STREAMS) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "This connection has " + MAX_STREAMS
                            + " streams already; end one with unsubscribe, or use another connection");
        }
        reserved++;
    }

    /** What was being set up runs now, or came to nothing. */
    void release() {
        reserved--;
    }

    void add(OutboundStream stream) {
        if (running.put(stream.id(), stream) == null) {
            counters.streams.increment();
        }
    }

    void remove(OutboundStream stream) {
        if (running.remove(stream.id(), stream)) {
            counters.streams.decrement();
        }
    }

    @Nullable
    OutboundStream find(RequestId id) {
        return running.get(id);
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    /** Forgets them all. */
    List<OutboundStream> takeAll() {
        List<OutboundStream> all = new ArrayList<>(running.values());
        counters.streams.add(-all.size());
        running.clear();
        return all;
    }
}

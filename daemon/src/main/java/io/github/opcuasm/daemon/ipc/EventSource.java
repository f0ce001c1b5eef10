package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.json.JsonBody;
import org.jspecify.annotations.Nullable;

/**
 * Where the events of a stream come from. Events are asked for, never pushed: one at a time, and only while the peer takes
 * what was written before, so whatever waits for a slow peer waits here, where there is a bound. Both methods are called
 * on the connection's event loop and must not block.
 */
public interface EventSource {
    /**
     * One event.
     *
     * @param body the value of {@code event}; written after this returns, on the same thread
     * @param last whether the stream ends with it
     */
    record Event(JsonBody body, boolean last) {}

    /**
     * The next event, or null if there is none now: {@link EventStream#ready} asks again. Not called any more once the last
     * event was given or {@link #ended} was called.
     */
    @Nullable
    Event next();

    /**
     * Nothing will be asked for any more, because the peer is gone, ended the stream, or the daemon ends; also if the
     * stream never began. Called at most once, and not after the last event.
     */
    void ended();
}

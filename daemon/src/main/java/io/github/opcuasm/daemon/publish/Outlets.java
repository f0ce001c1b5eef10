package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.sink.NotificationSink;
import io.github.opcuasm.daemon.sink.PublishedEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where the events of one subscription go: to all listeners, and into its sink. */
final class Outlets {
    private final List<ListenerCalls> listeners;
    private final @Nullable NotificationSink sink;

    Outlets(List<ListenerCalls> listeners, @Nullable NotificationSink sink) {
        this.listeners = listeners;
        this.sink = sink;
    }

    /**
     * Passes it on; never waits. A sink gets all but keep-alives, which would fill it with nothing.
     *
     * @return on any thread: whether it is where it has to be for its message to be acknowledged
     */
    CompletableFuture<Boolean> offer(PublishedEvent event) {
        listeners.forEach(listener -> listener.offer(event));
        return sink == null || event instanceof PublishedEvent.KeepAlive
                ? CompletableFuture.completedFuture(true)
                : sink.offer(event);
    }
}

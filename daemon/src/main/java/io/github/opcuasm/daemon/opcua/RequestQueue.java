package io.github.opcuasm.daemon.opcua;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one session that wait for their turn: bounded, first come first served for each connection, and round
 * robin over connections, so that one client that pipelines cannot starve another that sends a single request.
 *
 * <p>A map keeps one line for each waiting connection, in the order of turns: whoever is served goes to the back.
 * Confined to the session's event loop.
 */
final class RequestQueue {
    private final int capacity;
    private final Map<Long, ArrayDeque<PendingRequest<?>>> lines = new LinkedHashMap<>(4);
    private int size;

    RequestQueue(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    /** Joins the end of its connection's line; false if the queue is full. */
    boolean offer(PendingRequest<?> request) {
        if (size >= capacity) {
            return false;
        }
        line(request).addLast(request);
        size++;
        return true;
    }

    /** Returns a request that had already been taken to the head of its line; never refused. */
    void putBack(PendingRequest<?> request) {
        line(request).addFirst(request);
        size++;
    }

    /** The next request, whose connection goes to the back; null if none waits. */
    @Nullable
    PendingRequest<?> poll() {
        Iterator<Map.Entry<Long, ArrayDeque<PendingRequest<?>>>> turns =
                lines.entrySet().iterator();
        if (!turns.hasNext()) {
            return null;
        }
        Map.Entry<Long, ArrayDeque<PendingRequest<?>>> turn = turns.next();
        Long connectionId = turn.getKey();
        ArrayDeque<PendingRequest<?>> line = turn.getValue();
        turns.remove();
        PendingRequest<?> request = line.pollFirst();
        if (!line.isEmpty()) {
            lines.put(connectionId, line);
        }
        size--;
        return request;
    }

    /** Takes a request out of its line. */
    void remove(PendingRequest<?> request) {
        Long connectionId = request.call().connectionId();
        ArrayDeque<PendingRequest<?>> line = lines.get(connectionId);
        if (line != null && line.removeFirstOccurrence(request)) {
            size--;
            if (line.isEmpty()) {
                lines.remove(connectionId);
            }
        }
    }

    /** Takes out and returns all requests that {@code condition} picks. */
    List<PendingRequest<?>> removeIf(Predicate<PendingRequest<?>> condition) {
        List<PendingRequest<?>> removed = new ArrayList<>();
        lines.values()
                .forEach(line -> line.forEach(request -> {
                    if (condition.test(request)) {
                        removed.add(request);
                    }
                }));
        removed.forEach(this::remove);
        return removed;
    }

    private ArrayDeque<PendingRequest<?>> line(PendingRequest<?> request) {
        return lines.computeIfAbsent(request.call().connectionId(), id -> new ArrayDeque<>(2));
    }
}

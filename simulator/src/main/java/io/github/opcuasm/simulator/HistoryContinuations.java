package io.github.opcuasm.simulator;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * What is left of history reads behind continuation points (Part 4, 7.9). A point belongs to a session and a node
 * and serves once; the answer to its use has a new one. The entries were chosen by the first request: those that
 * come later are not among them. A session has {@link #MAX_PER_SESSION} points at most.
 */
final class HistoryContinuations {
    static final int MAX_PER_SESSION = 100;

    private final Map<ByteString, Rest<?>> points = new HashMap<>();
    private long last;

    /**
     * Keeps what is left.
     *
     * @throws UaException Bad_NoContinuationPoints if the session has too many
     */
    synchronized ByteString keep(Rest<?> rest) throws UaException {
        long held = points.values().stream()
                .filter(other -> other.sessionId().equals(rest.sessionId()))
                .count();
        if (held >= MAX_PER_SESSION) {
            throw new UaException(StatusCodes.Bad_NoContinuationPoints);
        }
        ByteString point =
                ByteString.of(ByteBuffer.allocate(Long.BYTES).putLong(++last).array());
        points.put(point, rest);
        return point;
    }

    /**
     * Takes what is left behind a point, which ends it.
     *
     * @throws UaException Bad_ContinuationPointInvalid if there is no such point for this session and node
     */
    synchronized Rest<?> take(ByteString point, NodeId sessionId, NodeId nodeId) throws UaException {
        Rest<?> rest = points.get(point);
        if (rest == null
                || !rest.sessionId().equals(sessionId)
                || !rest.nodeId().equals(nodeId)) {
            throw new UaException(StatusCodes.Bad_ContinuationPointInvalid);
        }
        points.remove(point);
        return rest;
    }

    synchronized void release(NodeId sessionId) {
        points.values().removeIf(rest -> rest.sessionId().equals(sessionId));
    }

    synchronized int size() {
        return points.size();
    }

    /**
     * Entries that were not sent yet.
     *
     * @param form makes the answer's structure of a page
     * @param pageSize how many of them one answer holds, at least 1
     */
    record Rest<T>(
            NodeId sessionId, NodeId nodeId, List<T> entries, Function<List<T>, UaStructuredType> form, int pageSize) {
        boolean isEmpty() {
            return entries.isEmpty();
        }

        UaStructuredType page() {
            return form.apply(entries.subList(0, Math.min(pageSize, entries.size())));
        }

        boolean hasMore() {
            return entries.size() > pageSize;
        }

        Rest<T> next() {
            return new Rest<>(sessionId, nodeId, entries.subList(pageSize, entries.size()), form, pageSize);
        }
    }
}

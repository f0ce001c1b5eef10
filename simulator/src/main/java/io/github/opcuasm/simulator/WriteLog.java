package io.github.opcuasm.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * The values that clients wrote, for each node in the order in which they took effect. Only the newest so many of a
 * node are kept, the count goes on; nodes are bounded by the address space.
 */
final class WriteLog {
    static final int KEPT_PER_NODE = 1_000;

    private final int keptPerNode;
    private final Map<NodeId, Writes> writes = new ConcurrentHashMap<>();

    WriteLog(int keptPerNode) {
        this.keptPerNode = keptPerNode;
    }

    void add(NodeId nodeId, Variant value) {
        writes.computeIfAbsent(nodeId, id -> new Writes(keptPerNode)).add(value);
    }

    List<Variant> values(NodeId nodeId) {
        Writes found = writes.get(nodeId);
        return found == null ? List.of() : found.values();
    }

    long count(NodeId nodeId) {
        Writes found = writes.get(nodeId);
        return found == null ? 0 : found.count();
    }

    long count() {
        return writes.values().stream().mapToLong(Writes::count).sum();
    }

    void clear() {
        writes.clear();
    }

    private static final class Writes {
        private final Deque<Variant> newest = new ArrayDeque<>();
        private final int kept;
        private long count;

        Writes(int kept) {
            this.kept = kept;
        }

        synchronized void add(Variant value) {
            if (newest.size() == kept) {
                newest.removeFirst();
            }
            newest.addLast(value);
            count++;
        }

        synchronized List<Variant> values() {
            return List.copyOf(newest);
        }

        synchronized long count() {
            return count;
        }
    }
}

package io.github.opcuasm.simulator;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * The methods that the simulator executed, over all starts: the proof that a call was sent once. An execution is
 * listed when it begins, before the client can see its answer. Only the newest {@link #KEPT} are kept, the counts
 * go on. All methods may be called from any thread.
 */
public final class Calls {
    static final int KEPT = 1_000;
    static final int BYTES_KEPT = 1_024;

    private final Deque<MethodCall> newest = new ArrayDeque<>();
    private final Map<NodeId, Long> counts = new HashMap<>();
    private long count;

    Calls() {}

    /**
     * The newest 1,000 executions of all methods, in the order in which they began. Of a ByteString argument only the
     * first 1,024 bytes are kept.
     */
    public synchronized List<MethodCall> all() {
        return List.copyOf(newest);
    }

    /** Those of {@link #all()} that executed this method. */
    public synchronized List<MethodCall> of(NodeId methodId) {
        return newest.stream().filter(call -> call.methodId().equals(methodId)).toList();
    }

    /** How many executions of any method began. */
    public synchronized long count() {
        return count;
    }

    /** How many executions of this method began. */
    public synchronized long count(NodeId methodId) {
        return counts.getOrDefault(methodId, 0L);
    }

    /** Empties the list and sets the counts to 0. */
    public synchronized void clear() {
        newest.clear();
        counts.clear();
        count = 0;
    }

    synchronized void add(MethodCall executed) {
        MethodCall call = new MethodCall(
                executed.objectId(),
                executed.methodId(),
                executed.arguments().stream().map(Calls::shortened).toList());
        if (newest.size() == KEPT) {
            newest.removeFirst();
        }
        newest.addLast(call);
        counts.merge(call.methodId(), 1L, Long::sum);
        count++;
    }

    /** What is written to files would fill the memory otherwise. */
    private static Variant shortened(Variant argument) {
        return argument.value() instanceof ByteString bytes && bytes.length() > BYTES_KEPT
                ? new Variant(ByteString.of(Arrays.copyOf(bytes.bytesOrEmpty(), BYTES_KEPT)))
                : argument;
    }
}

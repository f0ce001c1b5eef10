package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.filters.AttributeFilters;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/** Folder Produced of one start: its variables, and which monitored items {@link Producers} serves instead of sampling. */
final class ProducedNodes {
    static final String FOLDER = "Produced";

    private static final String COUNTER = FOLDER + "/Counter";

    private final Producers producers;
    private boolean ended;

    ProducedNodes(Producers producers) {
        this.producers = producers;
    }

    void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder folder = nodes.folderOf(FOLDER);
        add(folder, "Counter", OpcUaDataType.Int64, producers::counterValue);
        for (int i = 0; i < producers.variables(); i++) {
            String name = Producers.variable(i).substring(FOLDER.length() + 1);
            add(folder, name, OpcUaDataType.Int32, producers::roundValue);
        }
    }

    private static void add(NodeBuilder.Folder folder, String name, OpcUaDataType type, Supplier<DataValue> value) {
        folder.readOnly(name, type, value.get())
                .getFilterChain()
                .addFirst(AttributeFilters.getValue(read -> value.get()));
    }

    /** Takes over the items on values of this folder and leaves the others to this consumer. */
    void created(List<DataItem> created, Consumer<List<DataItem>> others) {
        List<DataItem> counting = new ArrayList<>();
        List<DataItem> changing = new ArrayList<>();
        List<DataItem> rest = new ArrayList<>();
        for (DataItem item : created) {
            if (!serves(item)) {
                rest.add(item);
            } else if (COUNTER.equals(nodeId(item).getIdentifier())) {
                counting.add(item);
            } else {
                changing.add(item);
            }
        }
        attach(counting, changing);
        pass(rest, others);
    }

    /** A request may still be under way when the server ends; its items would outlive it. */
    private synchronized void attach(List<DataItem> counting, List<DataItem> changing) {
        if (!ended) {
            producers.attach(counting, true);
            producers.attach(changing, false);
        }
    }

    void modified(List<DataItem> modified, Consumer<List<DataItem>> others) {
        pass(modified.stream().filter(item -> !serves(item)).toList(), others);
    }

    void deleted(List<DataItem> deleted, Consumer<List<DataItem>> others) {
        producers.detach(deleted);
        modified(deleted, others);
    }

    void modeChanged(List<MonitoredItem> changed, Consumer<List<MonitoredItem>> others) {
        pass(changed.stream().filter(item -> !serves(item)).toList(), others);
    }

    /** Lets every item go, as the server that has them ends. */
    synchronized void shutdown() {
        ended = true;
        producers.detachAll();
    }

    private static <T> void pass(List<T> items, Consumer<List<T>> others) {
        if (!items.isEmpty()) {
            others.accept(items);
        }
    }

    private static boolean serves(MonitoredItem item) {
        return AttributeId.Value.isEqual(item.getReadValueId().getAttributeId())
                && nodeId(item).getIdentifier() instanceof String path
                && path.startsWith(FOLDER + "/");
    }

    private static NodeId nodeId(MonitoredItem item) {
        NodeId nodeId = item.getReadValueId().getNodeId();
        return nodeId == null ? NodeId.NULL_VALUE : nodeId;
    }
}

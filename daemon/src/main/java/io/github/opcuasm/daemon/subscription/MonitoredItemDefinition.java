package io.github.opcuasm.daemon.subscription;

import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * What is needed to create a monitored item, again if need be (Part 4, 5.13.2).
 *
 * @param nodeId by the namespaces of the session that it was created on
 * @param namespaceUri of that namespace: what the node is found by on a server that numbers them anew; null if the server
 *     told none
 * @param attributeId 1 to 27; 12 is EventNotifier, 13 is Value
 * @param monitoringMode 0 disabled, 1 sampling, 2 reporting
 */
public record MonitoredItemDefinition(
        NodeId nodeId, @Nullable String namespaceUri, int attributeId, int monitoringMode, ItemParameters parameters) {
    /** By the namespaces of another session; null if the server has no such namespace there. */
    @Nullable
    MonitoredItemDefinition in(NamespaceTable namespaces) {
        if (namespaceUri == null) {
            return this;
        }
        UShort index = namespaces.getIndex(namespaceUri);
        if (index == null) {
            return null;
        }
        return index.equals(nodeId.getNamespaceIndex())
                ? this
                : new MonitoredItemDefinition(
                        nodeId.withNamespaceIndex(index), namespaceUri, attributeId, monitoringMode, parameters);
    }

    public MonitoredItemDefinition with(ItemParameters changed) {
        return new MonitoredItemDefinition(nodeId, namespaceUri, attributeId, monitoringMode, changed);
    }
}

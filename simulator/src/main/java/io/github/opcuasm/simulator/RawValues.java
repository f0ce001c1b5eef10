package io.github.opcuasm.simulator;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;

/**
 * The variables whose value Read answers with given bytes instead of what Milo would encode: typed nulls, Strings
 * that are not UTF-8. An index range is not applied to bytes: a read with one is answered by Milo, as notifications
 * are, from the plain value that stands in for the bytes.
 */
final class RawValues {
    private static final UInteger VALUE = AttributeId.Value.uid();

    private final Map<NodeId, byte[]> variants = new ConcurrentHashMap<>();

    /** Lets reads of this variable be answered with this Variant. */
    void add(NodeId nodeId, byte[] variant) {
        variants.put(nodeId, variant);
    }

    /** For each result of this answer the bytes to send in place of its value, or null; null for most answers. */
    byte @Nullable [] @Nullable [] in(UaRequestMessageType request, UaResponseMessageType response) {
        if (!(request instanceof ReadRequest read) || !(response instanceof ReadResponse answer)) {
            return null;
        }
        ReadValueId[] nodes = read.getNodesToRead();
        DataValue[] results = answer.getResults();
        if (nodes == null || results == null || nodes.length != results.length) {
            return null;
        }
        byte[][] found = null;
        for (int i = 0; i < nodes.length; i++) {
            byte[] variant = asksForValue(nodes[i]) ? variants.get(nodes[i].getNodeId()) : null;
            if (variant != null && results[i].statusCode().isGood()) {
                found = found == null ? new byte[nodes.length][] : found;
                found[i] = variant;
            }
        }
        return found;
    }

    private static boolean asksForValue(ReadValueId node) {
        return VALUE.equals(node.getAttributeId())
                && (node.getIndexRange() == null || node.getIndexRange().isEmpty());
    }
}

package io.github.opcuasm.simulator;

import java.util.Arrays;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/** Which nodes a request is about. */
final class Requests {
    private Requests() {}

    /** Whether one of the operations of this request is on this node; for a call, on the object or the method. */
    static boolean name(UaRequestMessageType request, NodeId nodeId) {
        if (request instanceof ReadRequest read) {
            return any(read.getNodesToRead(), ReadValueId::getNodeId, nodeId);
        }
        if (request instanceof WriteRequest write) {
            return any(write.getNodesToWrite(), WriteValue::getNodeId, nodeId);
        }
        if (request instanceof BrowseRequest browse) {
            return any(browse.getNodesToBrowse(), BrowseDescription::getNodeId, nodeId);
        }
        if (request instanceof CallRequest call) {
            return any(call.getMethodsToCall(), CallMethodRequest::getObjectId, nodeId)
                    || any(call.getMethodsToCall(), CallMethodRequest::getMethodId, nodeId);
        }
        if (request instanceof HistoryReadRequest history) {
            return any(history.getNodesToRead(), HistoryReadValueId::getNodeId, nodeId);
        }
        if (request instanceof TranslateBrowsePathsToNodeIdsRequest translate) {
            return any(translate.getBrowsePaths(), BrowsePath::getStartingNode, nodeId);
        }
        return request instanceof CreateMonitoredItemsRequest create
                && any(
                        create.getItemsToCreate(),
                        item -> item.getItemToMonitor().getNodeId(),
                        nodeId);
    }

    private static <T> boolean any(T @Nullable [] operations, Function<T, NodeId> nodeOf, NodeId nodeId) {
        return operations != null && Arrays.stream(operations).map(nodeOf).anyMatch(nodeId::equals);
    }
}

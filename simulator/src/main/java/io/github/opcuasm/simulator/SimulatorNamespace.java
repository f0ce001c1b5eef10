package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/**
 * The address space of namespace {@link Simulator#NAMESPACE_URI}. It checks access as Part 3, 5.6.2 has it (not
 * possible at all before not allowed to the user), refuses arrays for scalars, which Milo takes, and logs what
 * was written.
 */
final class SimulatorNamespace extends ManagedNamespaceWithLifecycle {
    private static final UInteger VALUE = AttributeId.Value.uid();
    private static final int READABLE = AccessLevel.CurrentRead.getValue();
    private static final int WRITABLE = AccessLevel.CurrentWrite.getValue();

    private final WriteLog log;
    private final Limits limits;
    private final SubscriptionModel sampling;
    private final ProducedNodes produced;
    private final MethodNodes methods = new MethodNodes();
    private final HistoryNodes history;
    private final FileNodes files;
    private @Nullable EventNodes events;
    private @Nullable NodeManagement nodeManagement;
    private @Nullable ViewNodes views;

    SimulatorNamespace(OpcUaServer server, SimulatorParts parts, CustomModel model) {
        super(server, Simulator.NAMESPACE_URI);
        this.log = parts.writes();
        this.limits = parts.limits();
        this.history = new HistoryNodes(parts.clock(), parts.aggregates());
        this.produced = new ProducedNodes(parts.producers());
        this.files = new FileNodes(server, parts.files(), methods);
        this.sampling = new SubscriptionModel(server, this);
        getLifecycleManager().addLifecycle(sampling);
        getLifecycleManager().addStartupTask(() -> {
            NodeBuilder nodes = new NodeBuilder(getNodeContext(), getNamespaceIndex(), parts.clock());
            ScalarNodes.addTo(nodes);
            OddScalarNodes.addTo(nodes);
            ArrayNodes.addTo(nodes);
            StatusNodes.addTo(nodes);
            DynamicNodes.addTo(nodes, parts.waves());
            AnalogNodes.addTo(nodes);
            produced.addTo(nodes);
            model.addTo(nodes);
            UaObjectNode methodsObject = methods.addTo(nodes);
            history.addTo(nodes);
            files.addTo(nodes);
            events = new EventNodes(server, nodes, methods, methodsObject, history);
            views = new ViewNodes(server, nodes);
            ReferenceRules rules = new ReferenceRules(server);
            ManagedNodes managed = new ManagedNodes(server, getNodeManager(), nodes, rules);
            nodeManagement = new NodeManagement(
                    server, limits, managed, new ManagedReferences(server, getNodeManager(), nodes, rules, managed));
        });
        getLifecycleManager().addShutdownTask(produced::shutdown);
        getLifecycleManager().addShutdownTask(files::close);
    }

    boolean owns(NodeId nodeId) {
        return nodeId.getNamespaceIndex().equals(getNamespaceIndex());
    }

    @Nullable
    UaNode find(NodeId nodeId) {
        UaNode known = getNodeManager().get(nodeId);
        return known == null && files.discover(nodeId) ? getNodeManager().get(nodeId) : known;
    }

    MethodNodes methods() {
        return methods;
    }

    HistoryNodes history() {
        return history;
    }

    /** Null before the startup. */
    @Nullable
    NodeManagement nodeManagement() {
        return nodeManagement;
    }

    @Nullable
    EventNodes events() {
        return events;
    }

    @Override
    public List<ReferenceResult> browse(BrowseContext context, ViewDescription view, List<NodeId> nodeIds) {
        files.refresh(nodeIds);
        List<ReferenceResult> results = super.browse(context, view, nodeIds);
        ViewNodes known = views;
        if (known == null
                || view == null
                || view.getViewId() == null
                || view.getViewId().isNull()) {
            return results;
        }
        return results.stream()
                .map(result -> result instanceof ReferenceResult.ReferenceList list
                        ? ReferenceResult.of(known.shown(view.getViewId(), list.references()))
                        : result)
                .toList();
    }

    @Override
    public List<DataValue> read(
            ReadContext context, Double maxAge, TimestampsToReturn timestamps, List<ReadValueId> nodesToRead) {
        for (ReadValueId nodeToRead : nodesToRead) {
            if (unreadable(nodeToRead) != null) {
                return readEach(context, maxAge, timestamps, nodesToRead);
            }
        }
        return super.read(context, maxAge, timestamps, nodesToRead);
    }

    private List<DataValue> readEach(
            ReadContext context, Double maxAge, TimestampsToReturn timestamps, List<ReadValueId> nodesToRead) {
        List<DataValue> values = new ArrayList<>(nodesToRead.size());
        for (ReadValueId nodeToRead : nodesToRead) {
            StatusCode refusal = unreadable(nodeToRead);
            values.add(
                    refusal != null
                            ? new DataValue(Variant.NULL_VALUE, refusal, null, null)
                            : super.read(context, maxAge, timestamps, List.of(nodeToRead))
                                    .get(0));
        }
        return values;
    }

    @Override
    public List<StatusCode> write(WriteContext context, List<WriteValue> nodesToWrite) {
        List<StatusCode> results = new ArrayList<>(nodesToWrite.size());
        for (WriteValue nodeToWrite : nodesToWrite) {
            StatusCode refusal = unwritable(nodeToWrite);
            if (refusal != null) {
                results.add(refusal);
                continue;
            }
            StatusCode result = super.write(context, List.of(nodeToWrite)).get(0);
            if (result.isGood() && VALUE.equals(nodeToWrite.getAttributeId())) {
                log.add(nodeToWrite.getNodeId(), nodeToWrite.getValue().value());
            }
            results.add(result);
        }
        return results;
    }

    private @Nullable StatusCode unreadable(ReadValueId nodeToRead) {
        UaNode node = find(nodeToRead.getNodeId());
        if (AttributeId.from(nodeToRead.getAttributeId()).isEmpty()) {
            return new StatusCode(StatusCodes.Bad_AttributeIdInvalid);
        }
        return VALUE.equals(nodeToRead.getAttributeId()) && node instanceof UaVariableNode variable
                ? refusal(variable, READABLE, StatusCodes.Bad_NotReadable)
                : null;
    }

    private @Nullable StatusCode unwritable(WriteValue nodeToWrite) {
        UaNode node = getNodeManager().get(nodeToWrite.getNodeId());
        if (AttributeId.from(nodeToWrite.getAttributeId()).isEmpty()) {
            return new StatusCode(StatusCodes.Bad_AttributeIdInvalid);
        }
        if (!VALUE.equals(nodeToWrite.getAttributeId()) || !(node instanceof UaVariableNode variable)) {
            return null;
        }
        StatusCode refusal = refusal(variable, WRITABLE, StatusCodes.Bad_NotWritable);
        if (refusal != null) {
            return refusal;
        }
        Object value = nodeToWrite.getValue().value().value();
        boolean array =
                value instanceof Matrix || (value != null && value.getClass().isArray());
        return array && variable.getValueRank() == ValueRanks.Scalar
                ? new StatusCode(StatusCodes.Bad_TypeMismatch)
                : null;
    }

    private static @Nullable StatusCode refusal(UaVariableNode variable, int access, long impossible) {
        if ((variable.getAccessLevel().intValue() & access) == 0) {
            return new StatusCode(impossible);
        }
        if ((variable.getUserAccessLevel().intValue() & access) == 0) {
            return new StatusCode(StatusCodes.Bad_UserAccessDenied);
        }
        return null;
    }

    @Override
    public RevisedDataItemParameters onCreateDataItem(
            ReadValueId itemToMonitor, Double samplingInterval, UInteger queueSize) {
        return new RevisedDataItemParameters(samplingInterval, limits.revisedQueue(queueSize));
    }

    @Override
    public RevisedDataItemParameters onModifyDataItem(
            ReadValueId itemToModify, Double samplingInterval, UInteger queueSize) {
        return new RevisedDataItemParameters(samplingInterval, limits.revisedQueue(queueSize));
    }

    @Override
    public RevisedEventItemParameters onCreateEventItem(ReadValueId itemToMonitor, UInteger queueSize) {
        return new RevisedEventItemParameters(limits.revisedQueue(queueSize));
    }

    @Override
    public RevisedEventItemParameters onModifyEventItem(ReadValueId itemToModify, UInteger queueSize) {
        return new RevisedEventItemParameters(limits.revisedQueue(queueSize));
    }

    @Override
    public void onDataItemsCreated(List<DataItem> items) {
        produced.created(items, sampling::onDataItemsCreated);
    }

    @Override
    public void onDataItemsModified(List<DataItem> items) {
        produced.modified(items, sampling::onDataItemsModified);
    }

    @Override
    public void onDataItemsDeleted(List<DataItem> items) {
        produced.deleted(items, sampling::onDataItemsDeleted);
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> items) {
        produced.modeChanged(items, sampling::onMonitoringModeChanged);
    }
}

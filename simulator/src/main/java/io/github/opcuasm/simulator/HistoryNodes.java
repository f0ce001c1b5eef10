package io.github.opcuasm.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.model.objects.HistoricalDataConfigurationTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * History: variables with samples from before the start. With S for the start, cut to whole seconds:
 *
 * <ul>
 *   <li>Ramp: a sample every second from S - 1,200 s to S - 1 s with the values 0.0, 1.0 ... 1199.0; sloped
 *   <li>Steps: a sample every 10 s from S - 1,200 s to S - 10 s with the values 0 ... 119; stepped. Those of which
 *       the last digit is 3 are Bad_SensorFailure and have no value, of 6 Uncertain_LastUsableValue; 50 to 59 are
 *       missing
 *   <li>Empty: historizing, no samples
 *   <li>Denied: as Ramp, but not for this user
 * </ul>
 */
final class HistoryNodes {
    static final int RAMP_SAMPLES = 1_200;
    static final int STEPS_SAMPLES = 120;

    private static final String HISTORY = "History";
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Set<AccessLevel> READ_HISTORY = Set.of(AccessLevel.CurrentRead, AccessLevel.HistoryRead);

    private final Map<NodeId, HistoryStore> stores = new ConcurrentHashMap<>();

    void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder folder = nodes.folderOf(HISTORY);
        Instant start = nodes.now().getJavaInstant().truncatedTo(ChronoUnit.SECONDS);
        HistoryStore ramp = ramp(start);
        add(nodes, folder, "Ramp", NodeIds.Double, ramp, READ_HISTORY);
        add(nodes, folder, "Steps", NodeIds.Int32, steps(start), READ_HISTORY);
        add(nodes, folder, "Empty", NodeIds.Double, new HistoryStore(false), READ_HISTORY);
        add(nodes, folder, "Denied", NodeIds.Double, ramp, NodeBuilder.READ);
    }

    /** The samples of a variable, or null if it keeps none. */
    @Nullable
    HistoryStore store(NodeId nodeId) {
        return stores.get(nodeId);
    }

    private void add(
            NodeBuilder nodes,
            NodeBuilder.Folder folder,
            String name,
            NodeId type,
            HistoryStore store,
            Set<AccessLevel> userAccess) {
        var latest = store.samples(true).firstEntry();
        UaVariableNode variable = folder.add(
                name,
                type,
                ValueRanks.Scalar,
                latest == null ? nodes.good(null) : latest.getValue(),
                READ_HISTORY,
                userAccess);
        variable.setHistorizing(true);
        configure(nodes, variable, store);
        stores.put(variable.getNodeId(), store);
    }

    /** Tells clients how to interpolate (Part 11, 5.2.2). */
    private static void configure(NodeBuilder nodes, UaVariableNode variable, HistoryStore store) {
        var configuration = new Instances(nodes.context(), Set.of())
                .create(
                        nodes.id(variable.getNodeId().getIdentifier() + "/HA Configuration"),
                        NodeIds.HistoricalDataConfigurationType,
                        HistoricalDataConfigurationTypeNode.class);
        configuration.setBrowseName(new QualifiedName(0, "HA Configuration"));
        configuration.setDisplayName(LocalizedText.english("HA Configuration"));
        configuration.setStepped(store.stepped());
        variable.addReference(new Reference(
                variable.getNodeId(),
                NodeIds.HasHistoricalConfiguration,
                configuration.getNodeId().expanded(),
                true));
    }

    private static HistoryStore ramp(Instant start) {
        HistoryStore store = new HistoryStore(false);
        for (int i = 0; i < RAMP_SAMPLES; i++) {
            store.put(sample(new Variant((double) i), StatusCodes.Good, start.minusSeconds(RAMP_SAMPLES - i)));
        }
        return store;
    }

    private static HistoryStore steps(Instant start) {
        HistoryStore store = new HistoryStore(true);
        for (int i = 0; i < STEPS_SAMPLES; i++) {
            Instant time = start.minus(STEP.multipliedBy(STEPS_SAMPLES - i));
            if (i / 10 == 5) {
                continue;
            }
            if (i % 10 == 3) {
                store.put(sample(Variant.NULL_VALUE, StatusCodes.Bad_SensorFailure, time));
            } else {
                long status = i % 10 == 6 ? StatusCodes.Uncertain_LastUsableValue : StatusCodes.Good;
                store.put(sample(new Variant(i), status, time));
            }
        }
        return store;
    }

    private static DataValue sample(Variant value, long status, Instant time) {
        DateTime timestamp = new DateTime(time);
        return new DataValue(value, new StatusCode(status), timestamp, timestamp);
    }
}

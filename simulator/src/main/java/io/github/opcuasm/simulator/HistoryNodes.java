package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.model.objects.AggregateConfigurationTypeNode;
import org.eclipse.milo.opcua.sdk.server.model.objects.HistoricalDataConfigurationTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
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
 *   <li>ReadOnly: as Ramp
 *   <li>Editable: no samples until clients insert some; sloped
 *   <li>Historian1 to Historian4: as annex A of Part 13 has them
 * </ul>
 *
 * <p>All but Editable refuse updates. Events/History has {@link #EVENTS} stored events, one at each of the seconds
 * before S.
 */
final class HistoryNodes {
    static final int RAMP_SAMPLES = 1_200;
    static final int STEPS_SAMPLES = 120;
    static final int EVENTS = 10;

    private static final String HISTORY = "History";
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Set<AccessLevel> READ_HISTORY = Set.of(AccessLevel.CurrentRead, AccessLevel.HistoryRead);

    private static final Set<AccessLevel> EDIT_HISTORY =
            Set.of(AccessLevel.CurrentRead, AccessLevel.HistoryRead, AccessLevel.HistoryWrite);

    private final InstantSource clock;
    private final boolean aggregates;
    private final Map<NodeId, HistoryStore> stores = new ConcurrentHashMap<>();
    private final Map<NodeId, EventHistory> events = new ConcurrentHashMap<>();

    /** @param aggregates whether processed reads are possible */
    HistoryNodes(InstantSource clock, boolean aggregates) {
        this.clock = clock;
        this.aggregates = aggregates;
    }

    void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder folder = nodes.folderOf(HISTORY);
        Instant start = nodes.now().getJavaInstant().truncatedTo(ChronoUnit.SECONDS);
        HistoryStore ramp = ramp(start);
        add(nodes, folder, "Ramp", NodeIds.Double, ramp, READ_HISTORY);
        add(nodes, folder, "Steps", NodeIds.Int32, steps(start), READ_HISTORY);
        add(nodes, folder, "Empty", NodeIds.Double, empty(), READ_HISTORY);
        add(nodes, folder, "Denied", NodeIds.Double, ramp, READ_HISTORY, NodeBuilder.READ);
        add(nodes, folder, "ReadOnly", NodeIds.Double, ramp, READ_HISTORY);
        add(nodes, folder, "Editable", NodeIds.Double, empty(), EDIT_HISTORY);
        for (AnnexHistories.AnnexHistory annex : AnnexHistories.all()) {
            add(nodes, folder, annex.name(), annex.type(), annex.store(), READ_HISTORY);
        }
    }

    /** Gives a notifier its stored events, and tells clients which fields they have (Part 11, 5.3.2). */
    void addEventsOf(NodeBuilder nodes, UaObjectNode notifier) {
        Instant start = nodes.now().getJavaInstant().truncatedTo(ChronoUnit.SECONDS);
        EventHistory stored = new EventHistory();
        for (int i = 0; i < EVENTS; i++) {
            long unused = stored.put(
                    StoredEvents.event(notifier, i, start.minusSeconds(EVENTS - i)),
                    PerformUpdateType.Insert,
                    event -> false);
        }
        events.put(notifier.getNodeId(), stored);
        nodes.property(
                notifier,
                new QualifiedName(0, "HistoricalEventFilter"),
                NodeIds.EventFilter,
                ExtensionObject.encode(nodes.context().getServer().getStaticEncodingContext(), StoredEvents.filter()));
    }

    DateTime now() {
        return new DateTime(clock.instant());
    }

    boolean hasAggregates() {
        return aggregates;
    }

    /** The stored events of a notifier, or null if it keeps none. */
    @Nullable
    EventHistory events(NodeId nodeId) {
        return events.get(nodeId);
    }

    /** The samples of a variable, or null if it keeps none. */
    @Nullable
    HistoryStore store(NodeId nodeId) {
        return stores.get(nodeId);
    }

    private static HistoryStore empty() {
        return new HistoryStore(AggregateSettings.standard(false));
    }

    private void add(
            NodeBuilder nodes,
            NodeBuilder.Folder folder,
            String name,
            NodeId type,
            HistoryStore store,
            Set<AccessLevel> access) {
        add(nodes, folder, name, type, store, access, access);
    }

    private void add(
            NodeBuilder nodes,
            NodeBuilder.Folder folder,
            String name,
            NodeId type,
            HistoryStore store,
            Set<AccessLevel> access,
            Set<AccessLevel> userAccess) {
        var latest = store.samples(true).firstEntry();
        UaVariableNode variable = folder.add(
                name,
                type,
                ValueRanks.Scalar,
                latest == null ? nodes.good(null) : latest.getValue(),
                access,
                userAccess);
        variable.setHistorizing(true);
        configure(nodes, variable, store);
        stores.put(variable.getNodeId(), store);
    }

    /** Tells clients how to interpolate and to aggregate (Part 11, 5.2.2). */
    private void configure(NodeBuilder nodes, UaVariableNode variable, HistoryStore store) {
        var configuration = new Instances(nodes.context(), aggregates ? Set.of("AggregateFunctions") : Set.of())
                .create(
                        nodes.id(variable.getNodeId().getIdentifier() + "/HA Configuration"),
                        NodeIds.HistoricalDataConfigurationType,
                        HistoricalDataConfigurationTypeNode.class);
        configuration.setBrowseName(new QualifiedName(0, "HA Configuration"));
        configuration.setDisplayName(LocalizedText.english("HA Configuration"));
        AggregateSettings settings = store.settings();
        configuration.setStepped(settings.stepped());
        AggregateConfigurationTypeNode aggregation = configuration.getAggregateConfigurationNode();
        aggregation.setTreatUncertainAsBad(settings.treatUncertainAsBad());
        aggregation.setPercentDataBad(ubyte(settings.percentDataBad()));
        aggregation.setPercentDataGood(ubyte(settings.percentDataGood()));
        aggregation.setUseSlopedExtrapolation(settings.slopedExtrapolation());
        if (aggregates) {
            UaNode offered = configuration.getAggregateFunctionsNode();
            HistoryAggregates.supported()
                    .forEach(aggregate -> offered.addReference(
                            new Reference(offered.getNodeId(), NodeIds.Organizes, aggregate.expanded(), true)));
        }
        variable.addReference(new Reference(
                variable.getNodeId(),
                NodeIds.HasHistoricalConfiguration,
                configuration.getNodeId().expanded(),
                true));
    }

    private static HistoryStore ramp(Instant start) {
        HistoryStore store = empty();
        for (int i = 0; i < RAMP_SAMPLES; i++) {
            store.put(sample(new Variant((double) i), StatusCodes.Good, start.minusSeconds(RAMP_SAMPLES - i)));
        }
        return store;
    }

    private static HistoryStore steps(Instant start) {
        HistoryStore store = new HistoryStore(AggregateSettings.standard(true));
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

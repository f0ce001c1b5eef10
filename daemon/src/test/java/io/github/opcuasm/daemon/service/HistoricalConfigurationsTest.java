package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Servers that say one thing or another about aggregates, and what is remembered of that. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class HistoricalConfigurationsTest {
    private static final NodeId NODE = NodeId.text(2, "Flow");
    private static final NodeId FUNCTIONS_OF_SERVER = NodeId.numeric(0, 11201);
    private static final String OWN = "ns=2;s=Flow/HA Configuration";
    private static final String DEFAULT = "i=2253/DefaultHAConfiguration";
    private static final String AVERAGE = "i=2342";
    private static final String COUNT = "i=2352";

    private ServiceFixture fixture;
    private CallContext context;

    /** Nodes by their path, some with a value. */
    private static final class Space implements HistoricalConfigurations.AddressSpace {
        private final Map<String, DataValue> nodes = new HashMap<>();
        private final Map<String, List<String>> folders = new HashMap<>();
        private @Nullable Long refusal;
        private int asked;

        Space with(String path, Object value) {
            nodes.put(
                    path,
                    DataValue.of(
                            Variant.scalar(value instanceof Boolean ? BuiltinType.BOOLEAN : BuiltinType.BYTE, value)));
            return this;
        }

        @Override
        public CompletableFuture<List<BrowsePathResult>> translate(CallContext unused, List<BrowsePath> paths) {
            return answer(paths.stream().map(this::result).toList());
        }

        private BrowsePathResult result(BrowsePath path) {
            String text = path.startingNodeId()
                    + path.elements().stream()
                            .map(element -> "/" + element.targetName().name())
                            .collect(Collectors.joining());
            boolean there = nodes.containsKey(text)
                    || folders.containsKey(text)
                    || nodes.keySet().stream().anyMatch(each -> each.startsWith(text + "/"));
            return there
                    ? new BrowsePathResult(
                            StatusCode.GOOD,
                            List.of(new BrowsePathTarget(
                                    ExpandedNodeId.local(NodeId.text(1, text)), ViewService.WHOLE_PATH)))
                    : new BrowsePathResult(new StatusCode(StatusCodes.Bad_NoMatch), List.of());
        }

        @Override
        public CompletableFuture<List<DataValue>> read(CallContext unused, List<ReadItem> items) {
            return answer(items.stream()
                    .map(item -> nodes.get(item.nodeId().toString().substring("ns=1;s=".length())))
                    .toList());
        }

        @Override
        public CompletableFuture<List<ReferenceDescription>> browse(CallContext unused, BrowseRequestItem item) {
            return answer(folders.getOrDefault(item.nodeId().toString().replace("ns=1;s=", ""), List.of()).stream()
                    .map(id -> new ReferenceDescription(
                            NodeId.numeric(0, 35),
                            true,
                            ExpandedNodeId.local(NodeId.parse(id)),
                            new QualifiedName(0, id),
                            new LocalizedText(null, id),
                            1,
                            ExpandedNodeId.NULL))
                    .toList());
        }

        private <T> CompletableFuture<T> answer(T answer) {
            asked++;
            return refusal == null
                    ? CompletableFuture.completedFuture(answer)
                    : CompletableFuture.failedFuture(OpcUaErrors.service("refused", refusal));
        }
    }

    @BeforeAll
    void start() throws Exception {
        fixture = new ServiceFixture();
        context = fixture.context("{}");
    }

    @AfterAll
    void stop() {
        fixture.close();
    }

    /** As the daemon's cache: what is Bad is not kept. */
    private static AggregateService.Memory memory() {
        Map<String, List<DataValue>> kept = new HashMap<>();
        return (context, node, question, ask) -> {
            String key = node + " " + question;
            List<DataValue> known = kept.get(key);
            return known != null
                    ? CompletableFuture.completedFuture(known)
                    : ask.get().thenApply(values -> {
                        if (values.stream()
                                .noneMatch(value -> value.statusCode().isBad())) {
                            kept.put(key, values);
                        }
                        return values;
                    });
        };
    }

    private HistoricalConfigurations.Historical told(HistoricalConfigurations configurations, NodeId node)
            throws Exception {
        return resultOf(configurations.of(context, node));
    }

    private boolean isOffered(HistoricalConfigurations configurations, NodeId node) throws Exception {
        return resultOf(configurations.isOffered(context, node, told(configurations, node), AggregateFunction.AVERAGE));
    }

    @Test
    void nodesWithoutAConfigurationHaveTheDefaultOfTheServer() throws Exception {
        Space space = new Space()
                .with(DEFAULT + "/Stepped", true)
                .with(DEFAULT + "/AggregateConfiguration/TreatUncertainAsBad", false)
                .with(DEFAULT + "/AggregateConfiguration/PercentDataGood", (short) 60);
        space.folders.put(DEFAULT + "/AggregateFunctions", List.of(AVERAGE));
        HistoricalConfigurations configurations = new HistoricalConfigurations(space, memory());

        HistoricalConfigurations.Historical told = told(configurations, NODE);
        int once = space.asked;
        HistoricalConfigurations.Historical again = told(configurations, NodeId.text(2, "Level"));

        assertThat(told.configuration().stepped()).isTrue();
        assertThat(told.configuration().treatUncertainAsBad()).isFalse();
        assertThat(told.configuration().percentDataGood()).isEqualTo(60);
        assertThat(told.functions()).containsExactly(NodeId.parse(AVERAGE));
        assertThat(again).isEqualTo(told);
        assertThat(space.asked).isEqualTo(once + 1);
    }

    @Test
    void configurationOfTheNodeIsAllThatCountsWhereThereIsOne() throws Exception {
        Space space = new Space()
                .with(DEFAULT + "/Stepped", true)
                .with(OWN + "/AggregateConfiguration/PercentDataBad", (short) 70);

        HistoricalConfigurations.Historical told = told(new HistoricalConfigurations(space, memory()), NODE);

        assertThat(told.configuration().stepped()).isFalse();
        assertThat(told.configuration().percentDataBad()).isEqualTo(70);
    }

    /** The list of the server and the configuration of its node are two questions. */
    @Test
    void listOfTheServerMayBeAskedAboutAsANode() throws Exception {
        Space space = new Space();
        space.folders.put("i=11201", List.of(AVERAGE, COUNT));
        HistoricalConfigurations before = new HistoricalConfigurations(space, memory());
        HistoricalConfigurations behind = new HistoricalConfigurations(space, memory());

        boolean asNodeFirst = isOffered(before, FUNCTIONS_OF_SERVER) && isOffered(before, NODE);
        boolean asListFirst = isOffered(behind, NODE) && isOffered(behind, FUNCTIONS_OF_SERVER);

        assertThat(asNodeFirst).isTrue();
        assertThat(asListFirst).isTrue();
    }

    @Test
    void functionsOfServerCapabilitiesStandIn() throws Exception {
        Space space = new Space();
        space.folders.put("i=2997", List.of(AVERAGE));

        assertThat(isOffered(new HistoricalConfigurations(space, memory()), NODE))
                .isTrue();
    }

    @Test
    void refusalThatPassesFailsOnce() throws Exception {
        Space space = new Space().with(OWN + "/Stepped", true);
        HistoricalConfigurations configurations = new HistoricalConfigurations(space, memory());
        space.refusal = StatusCodes.Bad_TooManyOperations;

        assertThat(failureOf(configurations.of(context, NODE)).statusCode())
                .isEqualTo(StatusCodes.Bad_TooManyOperations);
        space.refusal = null;

        assertThat(told(configurations, NODE).configuration().stepped()).isTrue();
    }

    @Test
    void whatIsDeniedOrHasNoValueYetIsAskedAgain() throws Exception {
        Space space = new Space().with(OWN + "/AggregateConfiguration/UseSlopedExtrapolation", true);
        space.nodes.put(
                OWN + "/Stepped",
                new DataValue(Variant.NULL, new StatusCode(StatusCodes.Bad_WaitingForInitialData), null, null));
        HistoricalConfigurations configurations = new HistoricalConfigurations(space, memory());
        space.refusal = StatusCodes.Bad_UserAccessDenied;

        List<Boolean> denied = flags(told(configurations, NODE));
        space.refusal = null;
        List<Boolean> waiting = flags(told(configurations, NODE));
        space.with(OWN + "/Stepped", true);
        List<Boolean> there = flags(told(configurations, NODE));

        assertThat(denied).containsExactly(false, false);
        assertThat(waiting).containsExactly(false, true);
        assertThat(there).containsExactly(true, true);
    }

    /** A server without TranslateBrowsePaths has no configuration, and that stays so. */
    @Test
    void whatAServerDoesNotHaveIsRemembered() throws Exception {
        Space space = new Space();
        HistoricalConfigurations configurations = new HistoricalConfigurations(space, memory());
        space.refusal = StatusCodes.Bad_ServiceUnsupported;

        HistoricalConfigurations.Historical first = told(configurations, NODE);
        int asked = space.asked;
        HistoricalConfigurations.Historical second = told(configurations, NODE);

        assertThat(second).isEqualTo(first);
        assertThat(space.asked).isEqualTo(asked);
    }

    private static List<Boolean> flags(HistoricalConfigurations.Historical told) {
        List<Boolean> flags = new ArrayList<>();
        flags.add(told.configuration().stepped());
        flags.add(told.configuration().useSlopedExtrapolation());
        return flags;
    }
}

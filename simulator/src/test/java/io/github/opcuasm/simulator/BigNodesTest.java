package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BigNodesTest {
    private static final EncodingLimits GENEROUS = new EncodingLimits(65_535, 4_096, 64 * 1024 * 1024, 128);
    private static final int PAGE = 300;

    private final Simulator simulator = Simulator.builder().bigNodes().build();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = OpcUaClient.create(
                simulator.endpointUrl(),
                endpoints -> endpoints.stream().findFirst(),
                transport -> {},
                config -> config.setEncodingLimits(GENEROUS));
        client.connect();
    }

    @AfterEach
    void reset() {
        simulator.limits().reset();
    }

    @AfterAll
    void close() throws Exception {
        client.disconnect();
        simulator.close();
    }

    @Test
    void bigValuesArriveWhole() throws Exception {
        assertThat((Integer[]) value("Big/Array100k")).isEqualTo(BigValues.int32s());
        assertThat((Double[]) value("Big/Doubles100k")).isEqualTo(BigValues.doubles());
        assertThat(value("Big/String5MB").equals(BigValues.string())).isTrue();
        assertThat(value("Big/ByteString5MB").equals(ByteString.of(BigValues.bytes())))
                .isTrue();
        assertThat(BigValues.string()).hasSize(5 * 1024 * 1024);
    }

    @Test
    void bigValueMayBeWritten() throws Exception {
        String shorter = BigValues.string().substring(32);

        StatusCode result = TestClients.writeNow(client, "Big/String5MB", shorter);

        assertThat(result).isEqualTo(StatusCode.GOOD);
        assertThat(value("Big/String5MB").equals(shorter)).isTrue();
        TestClients.writeNow(client, "Big/String5MB", BigValues.string());
    }

    // Part 4, 5.9.2: more references than asked for wait behind a continuation point.
    @Test
    void bigFolderIsBrowsedInPages() throws Exception {
        List<BrowseResult> pages = pages(Simulator.node("Big/Folder"), PAGE);

        Set<NodeId> children =
                new TreeSet<>(Comparator.comparing(id -> id.getIdentifier().toString()));
        pages.forEach(page -> children.addAll(children(page)));
        assertThat(children).hasSize(BigValues.FOLDER_SIZE);
        assertThat(pages).hasSize((BigValues.FOLDER_SIZE + PAGE - 1) / PAGE);
        assertThat(pages.get(0).getReferences()).hasSize(PAGE);
    }

    @Test
    void bigFolderIsPagedByTheServersLimit() throws Exception {
        simulator.limits().maxReferencesPerNode(4_000);

        List<BrowseResult> pages = pages(Simulator.node("Big/Folder"), 0);

        assertThat(pages).extracting(page -> page.getReferences().length).containsExactly(4_000, 4_000, 2_000);
    }

    @Test
    void releasedContinuationPointIsGone() throws Exception {
        BrowseResult first = browse(Simulator.node("Big/Folder"), PAGE);

        client.browseNext(true, List.of(first.getContinuationPoint()));

        BrowseResult next =
                client.browseNext(false, List.of(first.getContinuationPoint())).getResults()[0];
        assertThat(next.getStatusCode()).isEqualTo(new StatusCode(StatusCodes.Bad_ContinuationPointInvalid));
    }

    @Test
    void foldersGoInCycles() throws Exception {
        assertThat(children("Cycle/A")).containsExactly(Simulator.node("Cycle/B"));
        assertThat(children("Cycle/B")).containsExactly(Simulator.node("Cycle/A"));
        assertThat(children("Cycle/Self")).containsExactly(Simulator.node("Cycle/Self"));
    }

    @Test
    void foldersGoDeep() throws Exception {
        assertThat(children("Deep/1")).containsExactly(Simulator.node("Deep/2"));
        assertThat(children("Deep/299")).containsExactly(Simulator.node("Deep/300"));
        assertThat(children("Deep/300")).isEmpty();
    }

    @Test
    void nodesHaveEveryKindOfIdentifier() throws Exception {
        List<NodeId> ids = children("Ids");

        assertThat(ids)
                .extracting(NodeId::toParseableString)
                .containsExactlyInAnyOrder(
                        "ns=2;i=4294967295",
                        "ns=2;i=0",
                        "ns=2;s=Ids/a b;c=\"d\",\u4E09/{e}",
                        "ns=2;g=09087E75-8E5E-499B-954F-F2A9603DB28A",
                        "ns=2;b=AP8v+w==",
                        "ns=2;s=Ids/Name");
        for (NodeId id : ids) {
            assertThat(client.readValue(0, TimestampsToReturn.Both, id).value().value())
                    .as(id.toParseableString())
                    .isNotNull();
        }
    }

    @Test
    void ordinarySimulatorHasNoBigNodes() throws Exception {
        try (Simulator small = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            small.start();

            StatusCode status =
                    TestClients.readNow(clients.connect(small), "Big/Array100k").statusCode();

            assertThat(status).isEqualTo(new StatusCode(StatusCodes.Bad_NodeIdUnknown));
        }
    }

    private List<BrowseResult> pages(NodeId node, int pageSize) throws Exception {
        List<BrowseResult> pages = new ArrayList<>();
        BrowseResult page = browse(node, pageSize);
        pages.add(page);
        while (page.getContinuationPoint() != null
                && page.getContinuationPoint().isNotNull()) {
            page = client.browseNext(false, List.of(page.getContinuationPoint()))
                    .getResults()[0];
            pages.add(page);
        }
        return pages;
    }

    private BrowseResult browse(NodeId node, int pageSize) throws Exception {
        BrowseDescription description = new BrowseDescription(
                node, BrowseDirection.Forward, NodeIds.HierarchicalReferences, true, uint(0), uint(63));
        return client.browse(
                        new ViewDescription(NodeId.NULL_VALUE, null, uint(0)), uint(pageSize), List.of(description))
                .getResults()[0];
    }

    private List<NodeId> children(String path) throws Exception {
        return children(browse(Simulator.node(path), 0));
    }

    private static List<NodeId> children(BrowseResult page) {
        ReferenceDescription[] references = page.getReferences();
        return Arrays.stream(references == null ? new ReferenceDescription[0] : references)
                .map(ReferenceDescription::getNodeId)
                .map(BigNodesTest::local)
                .toList();
    }

    private static NodeId local(ExpandedNodeId id) {
        return id.toNodeId(new NamespaceTable()).orElseThrow();
    }

    private Object value(String path) throws Exception {
        return Objects.requireNonNull(client.readValuesAsync(0, TimestampsToReturn.Both, List.of(Simulator.node(path)))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .get(0)
                .value()
                .value());
    }
}

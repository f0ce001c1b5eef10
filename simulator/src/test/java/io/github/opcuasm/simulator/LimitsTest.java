package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LimitsTest {
    private static final NodeId INT32 = Simulator.node("Scalars/Int32");

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() throws Exception {
        clients.close();
        simulator.close();
    }

    @ParameterizedTest
    @EnumSource
    void operationLimitIsPublished(OperationLimit limit) throws Exception {
        OpcUaClient client = clients.connect(simulator);

        simulator.limits().operations(limit, 3);

        assertThat(client.readValue(0, TimestampsToReturn.Neither, limit.nodeId())
                        .value()
                        .value())
                .isEqualTo(uint(3));
    }

    @Test
    void readsBeyondTheLimitAreRefused() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_READ, 2);

        assertThat(client.readValues(0, TimestampsToReturn.Both, Collections.nCopies(2, INT32)))
                .hasSize(2);
        assertRefused(() -> client.readValues(0, TimestampsToReturn.Both, Collections.nCopies(3, INT32)));

        simulator.limits().operations(OperationLimit.MAX_NODES_PER_READ, 0);
        assertThat(client.readValues(0, TimestampsToReturn.Both, Collections.nCopies(3, INT32)))
                .hasSize(3);
    }

    @Test
    void writesBeyondTheLimitAreRefusedAsAWhole() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_WRITE, 1);

        assertRefused(() -> client.writeValues(
                Collections.nCopies(2, INT32), Collections.nCopies(2, DataValue.valueOnly(new Variant(1)))));

        assertThat(simulator.writeCount()).isZero();
    }

    @Test
    void browsesBeyondTheLimitAreRefused() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_BROWSE, 1);

        assertRefused(() -> client.browse(List.of(children("Scalars"), children("Arrays"))));
    }

    @Test
    void pageLimitMakesEveryBrowseContinue() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        int all = client.browse(children("Scalars")).getReferences().length;
        simulator.limits().maxReferencesPerNode(5);

        List<ReferenceDescription> paged = new ArrayList<>();
        BrowseResult page = client.browse(children("Scalars"));
        int pages = 1;
        paged.addAll(List.of(page.getReferences()));
        while (page.getContinuationPoint() != null
                && page.getContinuationPoint().isNotNull()) {
            assertThat(page.getReferences()).hasSizeLessThanOrEqualTo(5);
            page = client.browseNext(false, List.of(page.getContinuationPoint()))
                    .getResults()[0];
            paged.addAll(List.of(page.getReferences()));
            pages++;
        }

        assertThat(all).isEqualTo(22);
        assertThat(pages).isEqualTo(5);
        assertThat(paged)
                .extracting(ReferenceDescription::getNodeId)
                .doesNotHaveDuplicates()
                .hasSize(all);
    }

    @Test
    void clientMayAskForSmallerPages() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        simulator.limits().maxReferencesPerNode(5);

        BrowseResult[] results = client.browse(
                        new ViewDescription(NodeId.NULL_VALUE, null, uint(0)), uint(2), List.of(children("Scalars")))
                .getResults();

        assertThat(results[0].getReferences()).hasSize(2);
    }

    @Test
    void sessionLimitRefusesTheNextSessionOnly() throws Exception {
        OpcUaClient first = clients.connect(simulator);
        simulator.limits().maxSessions(1);
        OpcUaClient second = clients.create(simulator);

        assertThatThrownBy(second::connect)
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(StatusCodes.Bad_TooManySessions));

        assertThat(TestClients.readNow(first, "Scalars/Int32").statusCode().isGood())
                .isTrue();
        assertThat(first.readValue(0, TimestampsToReturn.Neither, NodeIds.Server_ServerCapabilities_MaxSessions)
                        .value()
                        .value())
                .isEqualTo(uint(1));
        simulator.limits().maxSessions(2);
        clients.connect(simulator);
    }

    @Test
    void sessionTimeoutIsRevisedIntoItsRange() throws Exception {
        simulator.limits().sessionTimeout(Duration.ofMinutes(30), Duration.ofMinutes(30));

        OpcUaClient client = clients.connect(simulator);

        assertThat(client.getSession().getSessionTimeout()).isEqualTo(30 * 60_000.0);
    }

    @Test
    void impossibleLimitsAreNamed() {
        assertThatThrownBy(() -> simulator.limits().maxSessions(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxSessions is at least 0, was -1");
        assertThatThrownBy(() -> simulator.limits().sessionTimeout(Duration.ZERO, Duration.ofSeconds(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5000 ms");
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(StatusCodes.Bad_TooManyOperations));
    }

    private static BrowseDescription children(String folder) {
        return new BrowseDescription(
                Simulator.node(folder),
                BrowseDirection.Forward,
                NodeIds.HierarchicalReferences,
                true,
                uint(0),
                uint(63));
    }
}

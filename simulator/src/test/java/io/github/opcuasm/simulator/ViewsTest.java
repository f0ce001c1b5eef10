package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.List;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ViewsTest {
    private static final NodeId PLANT = Simulator.node("Views/Plant");

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void viewIsFoundUnderTheViewsFolder() throws Exception {
        assertThat(browse(NodeId.NULL_VALUE, NodeIds.ViewsFolder))
                .filteredOn(reference -> reference.getNodeClass() == NodeClass.View)
                .extracting(reference -> reference.getNodeId().toNodeId(client.getNamespaceTable()))
                .singleElement()
                .satisfies(nodeId -> assertThat(nodeId).contains(PLANT));
    }

    @Test
    void viewOrganizesItsMembers() throws Exception {
        assertThat(browse(NodeId.NULL_VALUE, PLANT))
                .extracting(reference -> reference.getBrowseName().name())
                .containsExactlyInAnyOrder("Int32", "Sine", "Ramp");
    }

    // Part 4, 5.9.2.2: with a view, only what belongs to it is found.
    @Test
    void browsingInTheViewFindsMembersOnly() throws Exception {
        assertThat(browse(PLANT, Simulator.node("Scalars")))
                .extracting(reference -> reference.getBrowseName().name())
                .containsExactly("Int32");
        assertThat(browse(NodeId.NULL_VALUE, Simulator.node("Scalars"))).hasSizeGreaterThan(20);
    }

    @Test
    void unknownViewsAreRefused() {
        assertThatThrownBy(() -> browse(Simulator.node("Views/Missing"), PLANT))
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(StatusCodes.Bad_ViewIdUnknown));
    }

    private List<ReferenceDescription> browse(NodeId view, NodeId nodeId) throws UaException {
        BrowseDescription description = new BrowseDescription(
                nodeId, BrowseDirection.Forward, NodeIds.HierarchicalReferences, true, uint(0), uint(63));
        return Stream.of(client.browse(
                                new ViewDescription(view, DateTime.NULL_VALUE, uint(0)), uint(0), List.of(description))
                        .getResults()[0]
                        .getReferences())
                .toList();
    }
}

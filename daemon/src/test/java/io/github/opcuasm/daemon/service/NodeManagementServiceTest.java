package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static io.github.opcuasm.daemon.service.ServiceFixture.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Service;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Many items go in as many calls as the server asks for, each sent once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeManagementServiceTest {
    private final ServiceFixture fixture = new ServiceFixture();
    private final NodeManagementService nodes = new NodeManagementService();

    @AfterAll
    void close() {
        fixture.close();
    }

    @Test
    void asManyCallsAreMadeAsTheServersLimitAsksFor() throws Exception {
        fixture.simulator.limits().operations(OperationLimit.MAX_NODES_PER_NODE_MANAGEMENT, 2);
        CallContext context = fixture.context("{'sessionName':'limited'}");
        long before = fixture.simulator.counters().received(Service.ADD_NODES);

        List<AddNodesResult> added = resultOf(nodes.addNodes(context, folders("Limited", 5)));
        fixture.simulator.limits().reset();

        assertThat(added)
                .hasSize(5)
                .allSatisfy(result -> assertThat(result.statusCode()).isEqualTo(StatusCode.GOOD));
        assertThat(added.stream().map(AddNodesResult::addedNodeId)).contains(node("Managed/Limited4"));
        assertThat(fixture.simulator.counters().received(Service.ADD_NODES) - before)
                .isEqualTo(3);
    }

    @Test
    void callThatFailsAfterAnotherLeavesTheOutcomeOpen() throws Exception {
        CallContext context = fixture.context("{'batchSize':2}");
        long before = fixture.simulator.counters().received(Service.DELETE_NODES);
        Fault held = fixture.simulator.faults().withholdAnswers(Service.DELETE_NODES);
        CompletableFuture<List<StatusCode>> deleted = nodes.deleteNodes(context, deletions(5));
        await().untilAsserted(() -> assertThat(held.held()).isEqualTo(1));

        Fault refused = fixture.simulator.faults().fail(Service.DELETE_NODES, StatusCodes.Bad_UserAccessDenied);
        held.close();
        CommandException failure = failureOf(deleted);
        refused.close();

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(fixture.simulator.counters().received(Service.DELETE_NODES) - before)
                .as("none after the one that failed")
                .isEqualTo(2);
    }

    // Part of the list was carried out; what is left is refused before it is sent, in the thread that took the answer.
    @Test
    void callerThatLeavesAfterACallLeavesTheOutcomeOpen() throws Exception {
        CallContext context = fixture.context("{'batchSize':2}");
        long before = fixture.simulator.counters().received(Service.DELETE_NODES);
        Fault held = fixture.simulator.faults().withholdAnswers(Service.DELETE_NODES);
        CompletableFuture<List<StatusCode>> deleted = nodes.deleteNodes(context, deletions(5));
        await().untilAsserted(() -> assertThat(held.held()).isEqualTo(1));

        context.abandon();
        held.close();
        CommandException failure = failureOf(deleted);

        assertThat(failure.type()).isEqualTo(ErrorType.CANCELLED);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(fixture.simulator.counters().received(Service.DELETE_NODES) - before)
                .isEqualTo(1);
    }

    private static List<NodeToDelete> deletions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new NodeToDelete(node("Managed/Nothing" + i), true))
                .toList();
    }

    private static List<NewNode> folders(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new NewNode(
                        node("Managed"),
                        standard(35),
                        node("Managed/" + name + i),
                        new QualifiedName(2, name + i),
                        NodeClass.OBJECT,
                        standard(61),
                        Map.of(),
                        Set.of()))
                .toList();
    }
}

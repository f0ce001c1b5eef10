package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.NewReference;
import io.github.opcuasm.daemon.service.NodeManagementService;
import io.github.opcuasm.daemon.service.NodeToDelete;
import io.github.opcuasm.daemon.service.ReferenceToDelete;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The methods of the NodeManagement service set. What changes a server's nodes makes answers of the cache wrong that were
 * given for other nodes too (trees, paths, references from the other side), so that all of the server's are forgotten
 * then, also where it is not known whether anything was changed.
 */
final class NodeManagementMethods {
    private static final String NODES = "nodes";
    private static final String REFERENCES = "references";

    private static final Targets SOURCES_AND_TARGETS = p -> p.get(0, REFERENCES).requiredList().stream()
            .flatMap(reference -> Stream.of(
                    reference.member("sourceNodeId").nodeId(),
                    reference.member("targetNodeId").nodeId()))
            .toList();

    private final NodeManagementService service;
    private final Consumer<CallContext> forgetNodes;

    /** @param forgetNodes forgets what is known of the nodes of the call's server */
    NodeManagementMethods(NodeManagementService service, Consumer<CallContext> forgetNodes) {
        this.service = service;
        this.forgetNodes = forgetNodes;
    }

    void addTo(MethodTable.Rows rows) {
        rows.changing6(
                "addNodes",
                Scope.WRITE,
                p -> p.get(0, NODES).requiredList().stream()
                        .flatMap(NodeManagementMethods::parentAndNode)
                        .toList(),
                (context, p) -> forgetting(
                        context, service.addNodes(context, items(p.get(0, NODES), NewNodeParameters::read))));
        rows.changing6(
                "deleteNodes",
                Scope.WRITE,
                p -> items(p.get(0, NODES), item -> item.member("nodeId").nodeId()),
                (context, p) -> forgetting(
                        context,
                        service.deleteNodes(
                                context,
                                items(
                                        p.get(0, NODES),
                                        item -> new NodeToDelete(
                                                item.member("nodeId").nodeId(),
                                                item.member("deleteTargetReferences")
                                                        .flag(true))))));
        rows.changing6(
                "addReferences",
                Scope.WRITE,
                SOURCES_AND_TARGETS,
                (context, p) -> forgetting(
                        context,
                        service.addReferences(
                                context, items(p.get(0, REFERENCES), NodeManagementMethods::newReference))));
        rows.changing6(
                "deleteReferences",
                Scope.WRITE,
                SOURCES_AND_TARGETS,
                (context, p) -> forgetting(
                        context,
                        service.deleteReferences(
                                context,
                                items(
                                        p.get(0, REFERENCES),
                                        item -> new ReferenceToDelete(
                                                item.member("sourceNodeId").nodeId(),
                                                item.member("referenceTypeId").nodeId(),
                                                item.member("isForward").flag(true),
                                                item.member("targetNodeId").nodeId(),
                                                item.member("deleteBidirectional")
                                                        .flag(true))))));
    }

    /** Who may change one node shall not make another of any id below it. */
    private static Stream<NodeReference> parentAndNode(Argument item) {
        return Stream.of(item.member("parentNodeId").nodeId(), NewNodeParameters.requestedNewNodeId(item))
                .filter(Objects::nonNull);
    }

    private static NewReference newReference(Argument item) {
        return new NewReference(
                item.member("sourceNodeId").nodeId(),
                item.member("referenceTypeId").nodeId(),
                item.member("isForward").flag(true),
                item.member("targetServerUri").textOrNull(),
                item.member("targetNodeId").nodeId(),
                NewNodeParameters.nodeClass(item.member("targetNodeClass")));
    }

    private static <T> List<T> items(Argument list, Function<Argument, T> read) {
        return list.requiredList().stream().map(read).toList();
    }

    private <T> CompletableFuture<T> forgetting(CallContext context, CompletableFuture<T> change) {
        return change.whenComplete((result, failure) -> forgetNodes.accept(context));
    }
}

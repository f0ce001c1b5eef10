package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.List;

/** The methods of node management (protocol, section 6), one row each. */
final class NodeManagementQueries {
    private NodeManagementQueries() {}

    static Query<List<AddNodesResult>> addNodes(List<NodeToAdd> nodes) {
        return Query.changing(
                        "addNodes",
                        NodeManagementQueries::added,
                        nodes.stream().map(NodeToAdd::members).toList())
                .ofSection6();
    }

    static Query<AddNodesResult> addNode(NodeToAdd node) {
        return Query.changing("addNodes", json -> one(added(json)), List.of(node.members()))
                .ofSection6();
    }

    static Query<List<StatusCode>> deleteNodes(List<NodeToDelete> nodes) {
        return Query.changing(
                        "deleteNodes",
                        Results::statusCodes,
                        nodes.stream().map(NodeToDelete::members).toList())
                .ofSection6();
    }

    static Query<List<StatusCode>> addReferences(List<ReferenceToAdd> references) {
        return Query.changing(
                        "addReferences",
                        Results::statusCodes,
                        references.stream().map(ReferenceToAdd::members).toList())
                .ofSection6();
    }

    static Query<List<StatusCode>> deleteReferences(List<ReferenceToDelete> references) {
        return Query.changing(
                        "deleteReferences",
                        Results::statusCodes,
                        references.stream().map(ReferenceToDelete::members).toList())
                .ofSection6();
    }

    private static List<AddNodesResult> added(JsonValue json) {
        return Results.list(json, ResultReader::addNodesResult);
    }

    private static AddNodesResult one(List<AddNodesResult> results) {
        if (results.size() != 1) {
            throw new IllegalArgumentException("got " + results.size() + " results, expected 1");
        }
        return results.get(0);
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Adds a reference between two nodes, or deletes one (AddReferences and DeleteReferences, Part 4, 5.8.3 and 5.8.5), once. */
final class ReferenceChangeCommand extends ServerCommand {
    private static final String INVERSE = "--inverse";
    private static final String ONE_WAY = "--one-way";
    private static final int NODE_CLASS = 2;

    private final boolean adds;

    /** @param adds or else deletes */
    ReferenceChangeCommand(boolean adds) {
        this.adds = adds;
    }

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "SOURCE", "the node that it begins at, by node id or path"));
        spec.addPositional(Syntax.argument(2, "DESTINATION", "the node that it leads to"));
        spec.addOption(Syntax.value(
                "NAME",
                "its type: " + String.join(", ", ReferenceTypes.names().subList(0, 3)) + ", … or a node id (Organizes)",
                ReferenceTypes.OPTION));
        spec.addOption(Syntax.flag("it leads from DESTINATION to SOURCE", INVERSE));
        if (!adds) {
            spec.addOption(Syntax.flag("leave what DESTINATION has of it", ONE_WAY));
        }
    }

    @Override
    Work prepare(ParseResult given) {
        String source = given.matchedPositionalValue(1, "");
        String destination = given.matchedPositionalValue(2, "");
        String type = ReferenceTypes.of(given.matchedOptionValue(ReferenceTypes.OPTION, "Organizes"));
        boolean inverse = given.hasMatchedOption(INVERSE);
        boolean oneWay = !adds && given.hasMatchedOption(ONE_WAY);
        return call -> {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("sourceNodeId", call.nodeNow(source));
            item.put("referenceTypeId", call.node(type));
            item.put("isForward", !inverse);
            Object target = call.nodeNow(destination);
            item.put("targetNodeId", target);
            if (adds) {
                item.put("targetNodeClass", nodeClass(call, destination, target));
            } else {
                item.put("deleteBidirectional", !oneWay);
            }
            List<StatusCode> statuses =
                    ItemStatuses.of(call.query(adds ? "addReferences" : "deleteReferences", List.of(item)));
            var results = new ItemStatuses(call);
            statuses.forEach(status -> results.add(
                    source + (inverse ? " ← " : " → ") + destination,
                    status,
                    Shown.members("sourceNodeId", source, "targetNodeId", destination)));
            return results.print();
        };
    }

    /** The server wants to be told what it knows. */
    private static JsonValue nodeClass(Call call, String destination, Object nodeId) {
        List<JsonValue.Obj> answers =
                Shown.objects(call.query("readMulti", List.of(Map.of("nodeId", nodeId, "attributeId", NODE_CLASS))));
        Set<String> unknown = unknown(List.of(destination), answers);
        JsonValue nodeClass = answers.isEmpty() ? null : answers.get(0).get("value");
        if (!unknown.isEmpty() || nodeClass == null) {
            throw new UsageException("DESTINATION: there is no node " + destination + call.suggestion(destination)
                    + " (nothing was sent)");
        }
        return nodeClass;
    }
}

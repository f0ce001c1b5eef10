package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Deletes nodes (DeleteNodes, Part 4, 5.8.4), once. Whether what is below a node goes with it is for the server to decide, so
 * that is looked at before and again afterwards, and what went is said.
 */
final class NodeDeleteCommand extends ServerCommand {
    private static final String KEEP_REFERENCES = "--keep-references";
    private static final String HIERARCHICAL_REFERENCES = "i=33";
    private static final int NODE_ID = 1;
    private static final int MAX_DEPTH = 8;
    private static final int MAX_SHOWN = 20;

    /** Those of a request whose frame stays small. */
    private static final int NODES_AT_ONCE = 200;

    /** A node below one that is deleted. */
    private record Below(JsonValue nodeId, String name) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.arguments(1, "NODE", "node ids or paths"));
        spec.addOption(Syntax.flag("leave the references that other nodes have to them", KEEP_REFERENCES));
    }

    @Override
    Work prepare(ParseResult given) {
        List<String> nodes = given.matchedPositionalValue(1, List.of());
        boolean deleteReferences = !given.hasMatchedOption(KEEP_REFERENCES);
        return call -> {
            List<Map<String, Object>> items = new ArrayList<>();
            List<List<Below>> below = new ArrayList<>();
            for (String node : nodes) {
                Object nodeId = call.nodeNow(node);
                items.add(Map.of("nodeId", nodeId, "deleteTargetReferences", deleteReferences));
                below.add(below(call, nodeId));
            }
            List<StatusCode> statuses = ItemStatuses.of(call.query("deleteNodes", items));
            return report(call, nodes, statuses, below);
        };
    }

    private static ExitCode report(Call call, List<String> nodes, List<StatusCode> statuses, List<List<Below>> below) {
        var results = new ItemStatuses(call);
        List<String> notes = new ArrayList<>();
        for (int i = 0; i < Math.min(nodes.size(), statuses.size()); i++) {
            boolean bad = statuses.get(i).isBad();
            List<String> gone = bad ? List.of() : gone(call, below.get(i));
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("nodeId", nodes.get(i));
            members.put("deletedBelow", gone);
            results.add(nodes.get(i), statuses.get(i), members);
            if (!gone.isEmpty()) {
                String more = gone.size() > MAX_SHOWN ? " and " + (gone.size() - MAX_SHOWN) + " more" : "";
                notes.add(nodes.get(i) + ": gone with it: "
                        + String.join(", ", gone.subList(0, Math.min(MAX_SHOWN, gone.size()))) + more);
            }
            int left = below.get(i).size() - gone.size();
            if (!bad && left > 0) {
                notes.add(nodes.get(i) + ": " + left
                        + " below it are there still; `read` and `browse` find them by their" + " node ids");
            }
        }
        Set<String> unknown = new LinkedHashSet<>();
        for (int i = 0; i < Math.min(nodes.size(), statuses.size()); i++) {
            if (statuses.get(i).name().equals("Bad_NodeIdUnknown")) {
                unknown.add(nodes.get(i));
            }
        }
        ExitCode code = results.print();
        if (!call.json()) {
            unknown.forEach(node -> call.console().complain("there is no node " + node + call.suggestion(node)));
        }
        if (!call.json()) {
            notes.forEach(note -> call.print("  " + CellText.line(note)));
        }
        return code;
    }

    /** What is below a node, as far as a glance goes; nothing of one that is not there. */
    private static List<Below> below(Call call, Object nodeId) {
        List<Below> found = new ArrayList<>();
        try {
            List<JsonValue.Obj> level = Shown.objects(
                    call.query("browseRecursive", nodeId, 0, MAX_DEPTH, HIERARCHICAL_REFERENCES, true, List.of()));
            while (!level.isEmpty()) {
                List<JsonValue.Obj> next = new ArrayList<>();
                for (JsonValue.Obj node : level) {
                    JsonValue.Obj reference = DataTypes.object(node.get("reference"));
                    JsonValue id = reference.get("nodeId");
                    if (id != null) {
                        found.add(new Below(id, Shown.qualifiedName(reference.get("browseName"))));
                    }
                    next.addAll(Shown.objects(node.get("children")));
                }
                level = next;
            }
        } catch (RequestFailedException e) {
            return List.of(); // deleteNodes tells
        }
        return found;
    }

    private static List<String> gone(Call call, List<Below> below) {
        List<String> gone = new ArrayList<>();
        for (int from = 0; from < below.size(); from += NODES_AT_ONCE) {
            List<Below> some = below.subList(from, Math.min(below.size(), from + NODES_AT_ONCE));
            List<Map<String, Object>> reads = new ArrayList<>();
            some.forEach(node -> reads.add(Map.of("nodeId", node.nodeId(), "attributeId", NODE_ID)));
            List<JsonValue.Obj> answers = Shown.objects(call.query("readMulti", reads));
            for (int i = 0; i < Math.min(some.size(), answers.size()); i++) {
                if (Shown.status(answers.get(i)).isBad()) {
                    gone.add(
                            some.get(i).name() + " (" + Shown.nodeId(some.get(i).nodeId()) + ")");
                }
            }
        }
        return gone;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows what is below a node, as a tree. */
final class BrowseCommand extends ServerCommand {
    private static final String DEPTH = "--depth";
    private static final String INVERSE = "--inverse";
    private static final String ALL_REFERENCES = "--all-references";
    private static final String NODE_CLASS = "--class";
    private static final String OBJECTS = "i=85";
    private static final String HIERARCHICAL_REFERENCES = "i=33";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.optionalArgument(
                1, "NODE", "where to begin: a node id, or a path such as /Objects/2:Line1 (Objects)"));
        spec.addOption(Syntax.value("N", "how many levels; all = as deep as it goes (1)", DEPTH));
        spec.addOption(Syntax.flag("towards the root", INVERSE));
        spec.addOption(
                Syntax.flag("types, properties of types and the like too, not only what is below", ALL_REFERENCES));
        spec.addOption(
                Syntax.values("CLASS", "only nodes of this class, such as Variable; may be repeated", NODE_CLASS));
    }

    @Override
    Work prepare(ParseResult given) {
        String start = given.matchedPositionalValue(1, OBJECTS);
        int depth = depth(given.matchedOptionValue(DEPTH, "1"));
        int direction = given.hasMatchedOption(INVERSE) ? 1 : 0;
        String references = given.hasMatchedOption(ALL_REFERENCES) ? null : HIERARCHICAL_REFERENCES;
        List<Integer> classes = new ArrayList<>();
        for (String name : given.matchedOptionValue(NODE_CLASS, List.<String>of())) {
            int bit = Shown.nodeClassBit(name);
            if (bit == 0) {
                throw new UsageException(NODE_CLASS + ": got " + name
                        + NearestName.hint(
                                name,
                                Shown.nodeClassNames(),
                                "expected one of " + String.join(", ", Shown.nodeClassNames())));
            }
            classes.add(bit);
        }
        return call -> {
            JsonValue found =
                    call.query("browseRecursive", call.node(start), direction, depth, references, true, classes);
            if (call.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("nodeId", start);
                answer.put("nodes", found);
                call.printJson(answer);
            } else {
                List<JsonValue> nodes = found.asArray() == null ? List.of() : found.asArray();
                call.print(start);
                print(call, nodes);
                if (nodes.isEmpty()) {
                    call.print("(nothing found; " + ALL_REFERENCES + " looks further)");
                }
            }
            return ExitCode.OK;
        };
    }

    private static int depth(String text) {
        if (text.equals("all")) {
            return -1;
        }
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 256) {
            throw new UsageException(DEPTH + ": got " + text + ", expected 1 to 256, or all");
        }
        return Integer.parseInt(text);
    }

    /** Depth first with a stack of its own: a server decides how deep its tree is. */
    private static void print(Call call, List<JsonValue> roots) {
        record Level(List<JsonValue> nodes, int next, String indent) {}
        List<Level> stack = new ArrayList<>(List.of(new Level(roots, 0, "")));
        while (!stack.isEmpty()) {
            Level level = stack.remove(stack.size() - 1);
            if (level.next() == level.nodes().size()) {
                continue;
            }
            stack.add(new Level(level.nodes(), level.next() + 1, level.indent()));
            boolean last = level.next() == level.nodes().size() - 1;
            if (level.nodes().get(level.next()) instanceof JsonValue.Obj node
                    && node.get("reference") instanceof JsonValue.Obj reference) {
                call.printCut(level.indent() + (last ? "└─ " : "├─ ") + line(reference));
                JsonValue children = node.get("children");
                List<JsonValue> below = children == null ? null : children.asArray();
                if (below != null) {
                    stack.add(new Level(below, 0, level.indent() + (last ? "   " : "│  ")));
                }
            }
        }
    }

    private static String line(JsonValue.Obj reference) {
        return Shown.qualifiedName(reference.get("browseName")) + "  " + Shown.nodeClass(reference.get("nodeClass"))
                + "  " + Shown.nodeId(reference.get("nodeId"));
    }
}

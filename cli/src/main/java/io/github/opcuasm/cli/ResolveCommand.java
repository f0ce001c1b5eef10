package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Finds the node at the end of a path of browse names. */
final class ResolveCommand extends ServerCommand {
    private static final String START = "--start";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                1, "PATH", "browse names, with the index of their namespace unless it is 0: /Objects/2:Line1/2:Speed"));
        spec.addOption(Syntax.value("NODE", "the node that the path begins at (Root)", START));
    }

    @Override
    Work prepare(ParseResult given) {
        String path = given.matchedPositionalValue(1, "");
        String start = given.matchedOptionValue(START, (String) null);
        return call -> {
            if (start == null) {
                call.named(path);
            }
            JsonValue nodeId = call.query("resolveNodeId", path, start);
            if (call.json()) {
                call.printJson(Shown.members("path", path, "nodeId", Shown.nodeId(nodeId)));
            } else {
                call.print(printable(Shown.nodeId(nodeId)));
            }
            return ExitCode.OK;
        };
    }

    /** The node id; as a JSON string if it has what a terminal takes for a command. */
    private static String printable(String nodeId) {
        return CellText.line(nodeId).equals(nodeId) ? nodeId : Json.text(new JsonValue.Str(nodeId));
    }
}

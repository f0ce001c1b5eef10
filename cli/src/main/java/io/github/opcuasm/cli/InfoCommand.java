package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows what a server says about itself: its make, its state, its limits, its namespaces. */
final class InfoCommand extends ServerCommand {
    private static final List<String> STATES = List.of(
            "Running", "Failed", "NoConfiguration", "Suspended", "Shutdown", "Test", "CommunicationFault", "Unknown");

    /** What is read, and under which name it is shown (Part 5, annex of node ids). */
    private static final Map<String, String> NODES = nodes();

    @Override
    void declareOwn(CommandSpec spec) {}

    @Override
    Work prepare(ParseResult given) {
        return call -> {
            List<Map<String, String>> items = new ArrayList<>();
            NODES.keySet().forEach(node -> items.add(Map.of("nodeId", node)));
            List<JsonValue.Obj> values = Shown.objects(call.query("readMulti", items));
            Map<String, Object> info = new LinkedHashMap<>();
            int index = 0;
            for (String name : NODES.values()) {
                info.put(name, values.get(index).members().get("value"));
                index++;
            }
            if (call.json()) {
                call.printJson(info);
            } else {
                print(call, info);
            }
            return ExitCode.OK;
        };
    }

    private static void print(Call call, Map<String, Object> info) {
        var table = new Table().keepingAll();
        info.forEach((name, value) -> {
            if (name.equals("namespaces") && value instanceof JsonValue.Arr uris) {
                for (int i = 0; i < uris.elements().size(); i++) {
                    table.row("namespace " + i, Shown.plain(uris.elements().get(i)));
                }
            } else if (value instanceof JsonValue known && !(known instanceof JsonValue.Null)) {
                table.row(name, name.equals("state") ? state(known) : Shown.plain(known));
            }
        });
        table.print(call.console());
    }

    private static String state(@Nullable JsonValue value) {
        String number = Shown.plain(value);
        return number.matches("[0-7]") ? STATES.get(Integer.parseInt(number)) : number;
    }

    private static Map<String, String> nodes() {
        Map<String, String> nodes = new LinkedHashMap<>();
        nodes.put("i=2261", "productName");
        nodes.put("i=2263", "manufacturerName");
        nodes.put("i=2264", "softwareVersion");
        nodes.put("i=2265", "buildNumber");
        nodes.put("i=2266", "buildDate");
        nodes.put("i=2262", "productUri");
        nodes.put("i=2259", "state");
        nodes.put("i=2257", "startTime");
        nodes.put("i=2258", "currentTime");
        nodes.put("i=11705", "maxNodesPerRead");
        nodes.put("i=11707", "maxNodesPerWrite");
        nodes.put("i=11709", "maxNodesPerMethodCall");
        nodes.put("i=11710", "maxNodesPerBrowse");
        nodes.put("i=2735", "maxBrowseContinuationPoints");
        nodes.put("i=2255", "namespaces");
        return nodes;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The subscriptions of the open sessions: what state they are in, how fresh they are, and what waits to be read. */
final class SubscriptionsCommand implements Command {
    @Override
    public void declare(CommandSpec spec) {
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        try (DaemonClient client = access.connect()) {
            List<Map<String, Object>> all = new ArrayList<>();
            for (JsonValue.Obj session : client.list()) {
                for (JsonValue.Obj subscription : Shown.objects(session.get("subscriptions"))) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("sessionId", session.get("id"));
                    row.putAll(subscription.members());
                    all.add(row);
                }
            }
            if (access.json()) {
                console.out().println(Json.text(Json.of(Shown.members("count", all.size(), "subscriptions", all))));
            } else if (all.isEmpty()) {
                console.out().println("No session has a subscription.");
            } else {
                print(all, console);
            }
        }
        return ExitCode.OK;
    }

    private static void print(List<Map<String, Object>> all, Console console) {
        var table = new Table(
                        "SESSION", "ID", "STATE", "EPOCH", "ITEMS", "SEEN", "MESSAGE", "WAITING", "UNACKED", "DROPPED")
                .keeping(0);
        for (Map<String, Object> row : all) {
            table.row(
                    text(row.get("sessionId")),
                    text(row.get("subscriptionId")),
                    text(row.get("state")),
                    text(row.get("epoch")),
                    text(row.get("items")),
                    ListCommand.ago(json(row.get("lastSeen"))),
                    ListCommand.ago(json(row.get("lastMessage"))),
                    text(row.get("waiting")),
                    text(row.get("unacknowledged")),
                    text(row.get("dropped")));
        }
        table.print(console);
    }

    private static JsonValue json(@Nullable Object value) {
        return Json.of(value);
    }

    private static String text(@Nullable Object value) {
        JsonValue json = json(value);
        return json instanceof JsonValue.Null ? "-" : Shown.plain(json);
    }
}

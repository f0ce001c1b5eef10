package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The open sessions, as lines or as the daemon's own answer. */
final class ListCommand implements Command {
    @Override
    public void declare(CommandSpec spec) {
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        try (DaemonClient client = access.connect()) {
            List<JsonValue.Obj> sessions = client.list();
            if (access.json()) {
                console.out()
                        .println(Json.text(Json.of(Shown.members("count", sessions.size(), "sessions", sessions))));
            } else if (sessions.isEmpty()) {
                console.out().println("No session is open.");
            } else {
                print(sessions, console);
            }
        }
        return ExitCode.OK;
    }

    private static void print(List<JsonValue.Obj> sessions, Console console) {
        boolean named = sessions.stream().anyMatch(session -> session.get("connection") != null);
        // Without a name anywhere there is no column of them.
        var table = named
                ? new Table("SESSION", "STATE", "HOLDERS", "IDLE", "CONNECTION", "ENDPOINT")
                        .cuttingAtBegin(5)
                        .keeping(0)
                : new Table("SESSION", "STATE", "HOLDERS", "IDLE", "ENDPOINT")
                        .cuttingAtBegin(4)
                        .keeping(0);
        for (JsonValue.Obj session : sessions) {
            row(
                    table,
                    named,
                    text(session.get("id")),
                    text(session.get("state")),
                    text(session.get("holders")),
                    ago(session.get("lastUsed")),
                    text(session.get("connection")),
                    text(session.get("endpointUrl")));
        }
        table.print(console);
    }

    private static void row(Table table, boolean named, String... cells) {
        List<String> row = new ArrayList<>(List.of(cells));
        if (!named) {
            String unused = row.remove(cells.length - 2);
        }
        table.row(row.toArray(String[]::new));
    }

    /** How long ago some seconds of the epoch are; {@code -} for never. */
    static String ago(@Nullable JsonValue then) {
        if (!(then instanceof JsonValue.Num seconds)) {
            return "-";
        }
        Instant instant =
                Instant.ofEpochMilli(seconds.decimal().movePointRight(3).longValue());
        Duration ago = Duration.between(instant, Instant.now());
        return Math.max(0, ago.toSeconds()) + " s";
    }

    private static String text(@Nullable JsonValue value) {
        if (value == null) {
            return "-";
        }
        return value instanceof JsonValue.Str string ? string.value() : value.toString();
    }
}

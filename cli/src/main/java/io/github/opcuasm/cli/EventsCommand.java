package io.github.opcuasm.cli;

import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows the events of a node, a line each. */
final class EventsCommand extends ServerCommand {
    private static final String SELECT = "--select";
    private static final String WHERE = "--where";
    private static final String SEVERITY = "--severity";
    private static final String SERVER = "i=2253";
    private static final List<String> FIELDS = List.of("Time", "Severity", "EventType", "SourceName", "Message");
    private static final int MAX_SEVERITY = 1_000;

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(
                Syntax.optionalArgument(1, "NODE", "whose events, by node id or path (i=2253, the server's)"));
        spec.addOption(Syntax.values(
                "FIELDS",
                "what of them, with commas between (" + String.join(",", FIELDS) + "); may be repeated",
                SELECT));
        spec.addOption(Syntax.value(
                "CONDITION",
                "which of them, such as \"ofType(AlarmConditionType) and SourceName like 'Pump%'\" (docs/filters.md)",
                WHERE));
        spec.addOption(Syntax.value("N", "of this severity at least, 1 to 1000", SEVERITY));
        StreamBounds.declare(spec, "events");
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, SERVER);
        List<String> fields = fields(given.matchedOptionValue(SELECT, List.of()));
        String where = where(given);
        StreamBounds bounds = StreamBounds.of(given);
        return call -> show(call, node, fields, where, bounds);
    }

    private static ExitCode show(
            Call call, String node, List<String> fields, @Nullable String where, StreamBounds bounds) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("nodeId", call.node(node));
        event.put("selectFields", fields);
        event.put("where", where);
        event.put("clientHandle", 1);
        NotificationStream stream = call.client()
                .subscribe(StreamRequest.ofSession(call.session().sessionId())
                        .publishingInterval(Duration.ofNanos((long) (bounds.intervalMs() * 1e6)))
                        .event(event));
        StreamRun run = new StreamRun(
                stream, new EventLines(call.console().out(), fields, call.json()), bounds, call.console(), call.json());
        run.complainOf(List.of(node), stream.events());
        return run.run();
    }

    private static List<String> fields(List<String> given) {
        List<String> fields = new ArrayList<>();
        given.forEach(some -> fields.addAll(List.of(some.split(",", -1))));
        if (fields.stream().anyMatch(String::isBlank)) {
            throw new UsageException(SELECT + ": got an empty name, expected fields such as Time,Severity,2:Batch");
        }
        return fields.isEmpty() ? FIELDS : fields.stream().map(String::strip).toList();
    }

    private static @Nullable String where(ParseResult given) {
        String where = given.matchedOptionValue(WHERE, (String) null);
        if (!given.hasMatchedOption(SEVERITY)) {
            return where;
        }
        String atLeast = "Severity >= " + StreamBounds.whole(given, SEVERITY, 1, MAX_SEVERITY);
        return where == null ? atLeast : "(" + where + ") and " + atLeast;
    }
}

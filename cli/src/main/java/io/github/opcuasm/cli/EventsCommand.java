package io.github.opcuasm.cli;

import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows the events of a node, a line each. */
final class EventsCommand extends ServerCommand {
    static final String SELECT = "--select";
    static final String WHERE = "--where";
    private static final String SEVERITY = "--severity";
    private static final String SERVER = "i=2253";
    private static final List<String> FIELDS = List.of("Time", "Severity", "EventType", "SourceName", "Message");
    private static final int MAX_SEVERITY = 1_000;

    /** A complaint of the daemon about what was given: which of the two, and what. */
    private static final Pattern PLACE =
            Pattern.compile("(?:events\\[0]\\.)?(where|selectFields)(?:\\[[0-9]+])?: (.*)");

    private static final Pattern CHARACTER = Pattern.compile("at character ([0-9]{1,6})");

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
    ExitCode[] exitCodes() {
        return StreamRun.exitCodes();
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, SERVER);
        List<String> fields = fields(given.matchedOptionValue(SELECT, List.of()));
        Condition condition = condition(given);
        StreamBounds bounds = StreamBounds.of(given);
        return call -> show(call, node, fields, condition, bounds);
    }

    private static ExitCode show(
            Call call, String node, List<String> fields, Condition condition, StreamBounds bounds) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("nodeId", call.node(node));
        event.put("selectFields", fields);
        event.put("where", condition.sent());
        event.put("clientHandle", 1);
        NotificationStream stream = subscribe(call, event, condition, bounds);
        List<String> names = new ArrayList<>();
        fields.forEach(field -> names.add(EventFields.first(field)));
        names.addAll(condition.where() == null ? List.of() : EventFields.ofClause(condition.where()));
        StreamRun run = new StreamRun(
                stream, new EventLines(call.console().out(), fields, call.json()), bounds, call.console(), call.json());
        EventFields.warnings(call, names).forEach(warning -> run.tell("field", warning, Map.of()));
        run.complainOf(List.of(node), stream.events(), call::suggestion);
        return run.run();
    }

    /** What cannot be read of the options is the caller's mistake, though only the daemon can tell. */
    private static NotificationStream subscribe(
            Call call, Map<String, Object> event, Condition condition, StreamBounds bounds) {
        try {
            return call.client()
                    .subscribe(StreamRequest.ofSession(call.session().sessionId())
                            .publishingInterval(Duration.ofNanos((long) (bounds.intervalMs() * 1e6)))
                            .event(event));
        } catch (RequestFailedException e) {
            throw misread(e, condition::placed);
        }
    }

    /**
     * What the daemon cannot read of the options, as the caller's mistake; other failures as they are.
     *
     * @param placed a complaint about the condition in terms of what was given
     */
    static RuntimeException misread(RequestFailedException e, UnaryOperator<String> placed) {
        Matcher place = PLACE.matcher(e.messageText());
        if (!e.errorType().filter(ErrorType.INVALID_ARGUMENT::equals).isPresent() || !place.matches()) {
            return e;
        }
        boolean isWhere = place.group(1).equals("where");
        return new UsageException((isWhere ? WHERE : SELECT) + ": "
                + (isWhere ? placed.apply(place.group(2)) : place.group(2)) + " (docs/filters.md)");
    }

    /**
     * Which events are shown.
     *
     * @param where as it was given; null if it was not
     * @param sent what the daemon gets: the same, and the severity
     */
    private record Condition(
            @Nullable String where, @Nullable String sent) {
        static Condition of(@Nullable String where, @Nullable String atLeast) {
            return new Condition(
                    where, where == null ? atLeast : atLeast == null ? where : atLeast + " and (" + where + ")");
        }

        /** A message of the daemon in terms of what was given: characters count from where the user's text begins. */
        String placed(String message) {
            if (where == null || sent == null || where.equals(sent)) {
                return message;
            }
            int before = sent.indexOf(where);
            String own = where.endsWith(")") ? message : message.replace(")\" at character", "\" at character");
            return CHARACTER
                    .matcher(own)
                    .replaceAll(found -> "at character " + Math.max(1, Integer.parseInt(found.group(1)) - before));
        }
    }

    /** The fields that were asked for, in their order. */
    static List<String> fields(List<String> given) {
        List<String> fields = new ArrayList<>();
        given.forEach(some -> fields.addAll(List.of(some.split(",", -1))));
        if (fields.stream().anyMatch(String::isBlank)) {
            throw new UsageException(SELECT + ": got an empty name, expected fields such as Time,Severity,2:Batch");
        }
        return fields.isEmpty() ? FIELDS : fields.stream().map(String::strip).toList();
    }

    private static Condition condition(ParseResult given) {
        String where = given.matchedOptionValue(WHERE, (String) null);
        return Condition.of(
                where,
                given.hasMatchedOption(SEVERITY)
                        ? "Severity >= " + StreamBounds.whole(given, SEVERITY, 1, MAX_SEVERITY)
                        : null);
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Deletes values or events from a history (HistoryUpdate, Part 11, 6.9.5 to 6.9.7), once. */
final class HistoryDeleteCommand extends ServerCommand {
    private static final String FROM = "--from";
    private static final String TO = "--to";
    private static final String AT = "--at";
    private static final String EVENT = "--event";
    private static final String MODIFIED = "--modified";

    private static final String NOTHING_THERE = "Bad_NoEntryExists|Bad_NoData";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "NODE", "the variable, or the object with events, by node id or path"));
        spec.addOption(
                Syntax.value("TIME", "values from this time on: 2026-05-15T10:30:00Z, 2h for two hours ago", FROM));
        spec.addOption(Syntax.value("TIME", "and before this one", TO));
        spec.addOption(Syntax.flag("what such values were before they were changed, and not the values", MODIFIED));
        spec.addOption(Syntax.values("TIME", "the value of this time; may be repeated", AT));
        spec.addOption(Syntax.values(
                "ID",
                "the event with this EventId, as `history --events --select EventId` shows it; may be repeated",
                EVENT));
    }

    @Override
    Map<String, String> labels() {
        return Map.of("eventIds[0]", EVENT);
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, "");
        List<String> at = given.matchedOptionValue(AT, List.of());
        List<String> events = given.matchedOptionValue(EVENT, List.of());
        boolean from = given.hasMatchedOption(FROM);
        boolean to = given.hasMatchedOption(TO);
        boolean modified = given.hasMatchedOption(MODIFIED);
        int ways = (from || to ? 1 : 0) + (at.isEmpty() ? 0 : 1) + (events.isEmpty() ? 0 : 1);
        if (ways != 1 || from != to) {
            throw new UsageException(
                    "history delete: expected " + FROM + " and " + TO + ", or " + AT + ", or " + EVENT);
        }
        if (modified && !from) {
            throw new UsageException(MODIFIED + ": expected " + FROM + " and " + TO + " beside it");
        }
        Instant now = Instant.now();
        if (from) {
            Instant begin = time(FROM, given.matchedOptionValue(FROM, ""), now);
            Instant end = time(TO, given.matchedOptionValue(TO, ""), now);
            if (!begin.isBefore(end)) {
                throw new UsageException(FROM + ": got " + begin + ", expected a time before " + TO + ", " + end);
            }
            return call -> report(
                    call,
                    List.of(begin + " to " + end),
                    ask(call, "historyDeleteRawModified", node, begin.toString(), end.toString(), modified));
        }
        if (!events.isEmpty()) {
            return call -> report(call, events, ask(call, "historyDeleteEvent", node, events));
        }
        List<String> times = new ArrayList<>();
        at.forEach(text -> times.add(time(AT, text, now).toString()));
        return call -> report(call, times, ask(call, "historyDeleteAtTime", node, times));
    }

    private static Instant time(String option, String text, Instant now) {
        return PointInTime.parse(option, text, now, ZoneId.systemDefault());
    }

    private static List<StatusCode> ask(Call call, String method, String node, Object... params) {
        List<Object> all = new ArrayList<>();
        all.add(call.node(node));
        all.addAll(List.of(params));
        try {
            JsonValue answer = call.query(method, all.toArray());
            return answer.asArray() == null ? List.of(Shown.statusCode(answer)) : ItemStatuses.of(answer);
        } catch (RequestFailedException e) {
            boolean nothing = e.status()
                    .filter(status -> status.name().matches(NOTHING_THERE))
                    .isPresent();
            String advice = nothing
                    ? "; there is nothing to delete: `history` shows what there is"
                    : HistoryChangeCommand.advice(e);
            throw advice.isEmpty() ? e : new AdvisedException(e, advice);
        }
    }

    private static ExitCode report(Call call, List<String> labels, List<StatusCode> statuses) {
        var results = new ItemStatuses(call);
        boolean nothing = false;
        for (int i = 0; i < Math.min(labels.size(), statuses.size()); i++) {
            results.add(labels.get(i), statuses.get(i), Map.of("deleted", labels.get(i)));
            nothing |= statuses.get(i).name().matches(NOTHING_THERE);
        }
        ExitCode code = results.print(status -> status.name().matches(NOTHING_THERE) ? null : StatusAdvice.of(status));
        if (nothing && !call.json()) {
            call.console().complain("there is nothing to delete: `history` shows what there is");
        }
        return code;
    }
}

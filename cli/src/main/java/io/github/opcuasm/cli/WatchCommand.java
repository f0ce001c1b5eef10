package io.github.opcuasm.cli;

import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.NearestName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows how values change: as a live table on a terminal, else as a line for each change. */
final class WatchCommand extends ServerCommand {
    private static final String SAMPLING = "--sampling";
    private static final String QUEUE = "--queue";
    private static final String DEADBAND = "--deadband";
    private static final String TRIGGER = "--trigger";
    private static final String TIMESTAMPS = "--timestamps";
    private static final List<String> TRIGGERS = List.of("status", "status-value", "status-value-timestamp");
    private static final Pattern NUMBER = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,15})?)(%?)");
    private static final int WHOLE_RANGE = 100;

    /** So many values of a node may come in one message, where the server samples faster than it sends. */
    private static final int QUEUE_SIZE = 10;

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.arguments(
                1,
                "NODE",
                "node ids (ns=2;s=Speed, i=2258, nsu=http://example.org/;s=Speed) or paths (/Objects/2:Speed)"));
        StreamBounds.declare(spec, "changes");
        spec.addOption(Syntax.value("MS", "how often the server looks, in milliseconds (the interval)", SAMPLING));
        spec.addOption(Syntax.value("N", "how many values of a node wait on the server to be sent (10)", QUEUE));
        spec.addOption(
                Syntax.value("N|N%", "only changes by more than this, or than this part of the range", DEADBAND));
        spec.addOption(Syntax.value(
                "WHAT",
                "what counts as a change: status, status-value (the default) or status-value-timestamp",
                TRIGGER));
        spec.addOption(Syntax.flag("show when values are from", TIMESTAMPS));
        Csv.declare(spec);
    }

    @Override
    ExitCode[] exitCodes() {
        return StreamRun.exitCodes();
    }

    @Override
    Work prepare(ParseResult given) {
        List<String> nodes = given.matchedPositionalValue(1, List.of());
        if (nodes.isEmpty()) {
            throw new UsageException("NODE: expected at least one node id, such as i=2258");
        }
        StreamBounds bounds = StreamBounds.of(given);
        Map<String, Object> item = item(given);
        boolean csv = Csv.of(given);
        boolean timestamps = given.hasMatchedOption(TIMESTAMPS);
        return call -> {
            ChangeLines.Form form =
                    csv ? ChangeLines.Form.CSV : call.json() ? ChangeLines.Form.JSON : ChangeLines.Form.TEXT;
            return watch(call, nodes, item, bounds, form, timestamps);
        };
    }

    private static ExitCode watch(
            Call call,
            List<String> nodes,
            Map<String, Object> common,
            StreamBounds bounds,
            ChangeLines.Form form,
            boolean timestamps) {
        StreamRequest request = StreamRequest.ofSession(call.session().sessionId())
                .publishingInterval(Duration.ofNanos((long) (bounds.intervalMs() * 1e6)));
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Object> item = new LinkedHashMap<>(common);
            item.put("nodeId", call.node(nodes.get(i)));
            item.put("clientHandle", i + 1);
            request.item(item);
        }
        NotificationStream stream = call.client().subscribe(request);
        Terminal terminal =
                form == ChangeLines.Form.TEXT ? Terminal.of(call.console().environment()) : null;
        StreamOutput output = terminal == null
                ? new ChangeLines(call.console().out(), nodes, form, timestamps)
                : new LiveTable(call.console().out(), terminal, nodes, timestamps, System::nanoTime);
        StreamRun run = new StreamRun(stream, output, bounds, call.console(), call.json());
        run.complainOf(nodes, stream.items(), call::suggestion);
        return run.run();
    }

    private static Map<String, Object> item(ParseResult given) {
        Map<String, Object> item = new LinkedHashMap<>();
        Double sampling = StreamBounds.millis(given, SAMPLING);
        item.put("samplingInterval", sampling == null ? -1.0 : sampling);
        item.put(
                "queueSize",
                given.hasMatchedOption(QUEUE) ? StreamBounds.whole(given, QUEUE, 0, 999_999_999) : QUEUE_SIZE);
        Map<String, Object> filter = new LinkedHashMap<>();
        String trigger = given.matchedOptionValue(TRIGGER, (String) null);
        if (trigger != null) {
            filter.put("trigger", trigger(trigger));
        }
        String deadband = given.matchedOptionValue(DEADBAND, (String) null);
        if (deadband != null) {
            addDeadband(deadband, filter);
        }
        if (!filter.isEmpty()) {
            item.put("filter", filter);
        }
        return item;
    }

    private static String trigger(String text) {
        if (!TRIGGERS.contains(text)) {
            throw new UsageException(TRIGGER + ": got " + text
                    + NearestName.hint(text, TRIGGERS, "expected " + String.join(", ", TRIGGERS)));
        }
        return text;
    }

    private static void addDeadband(String text, Map<String, Object> filter) {
        Matcher matcher = NUMBER.matcher(text);
        boolean isNumber = matcher.matches();
        boolean percent = isNumber && !matcher.group(2).isEmpty();
        @Nullable Double value = isNumber ? Double.valueOf(matcher.group(1)) : null;
        if (value == null || (percent && value > WHOLE_RANGE)) {
            throw new UsageException(DEADBAND + ": got " + text
                    + ", expected a number such as 0.5, or 0% to 100% of the node's EURange");
        }
        filter.put("deadbandType", percent ? "percent" : "absolute");
        filter.put("deadbandValue", value);
    }
}

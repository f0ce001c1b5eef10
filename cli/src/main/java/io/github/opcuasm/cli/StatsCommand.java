package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.daemon.lifecycle.Signals;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What the daemon has done since its start, and its sessions since theirs; times are milliseconds. */
final class StatsCommand implements Command {
    private static final String WATCH = "--watch";
    private static final String COUNT = "--count";

    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("S", "again and again, so many seconds apart, until Ctrl-C", WATCH));
        spec.addOption(Syntax.value("N", "with " + WATCH + ": end after so many times", COUNT));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.INTERRUPTED);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws InterruptedException {
        DaemonAccess access = DaemonAccess.of(given, console);
        Duration pause = DaemonAccess.seconds(given, WATCH);
        int count = given.hasMatchedOption(COUNT) ? StreamBounds.whole(given, COUNT, 1, 999_999_999) : 0;
        if (pause == null && count > 0) {
            throw new UsageException(COUNT + ": expected " + WATCH + " beside it");
        }
        var stop = new CountDownLatch(1);
        Signals signals = pause == null
                ? null
                : Signals.install(
                        stop::countDown,
                        () -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code()),
                        stop::countDown,
                        unhandled -> {});
        try (DaemonClient client = access.connect()) {
            for (int times = 1; ; times++) {
                show(client.command("stats", Map.of(), true), access.json(), console);
                if (console.out().checkError()) {
                    return ExitCode.READER_GONE;
                }
                if (pause == null || times == count) {
                    return ExitCode.OK;
                }
                if (stop.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    return ExitCode.INTERRUPTED;
                }
                if (!access.json()) {
                    console.out().println();
                }
            }
        } finally {
            if (signals != null) {
                signals.close();
            }
        }
    }

    private static void show(JsonValue answer, boolean json, Console console) {
        if (json) {
            console.out().println(Json.text(answer));
            return;
        }
        JsonValue.Obj data = DataTypes.object(answer);
        daemon(DataTypes.object(data.get("daemon")), console);
        List<JsonValue.Obj> sessions = Shown.objects(data.get("sessions"));
        console.out().println();
        if (sessions.isEmpty()) {
            console.out().println("No session is open.");
            return;
        }
        var table = new Table(
                        "SESSION",
                        "STATE",
                        "HOLDERS",
                        "REQUESTS",
                        "ERRORS",
                        "UNDER WAY",
                        "QUEUED",
                        "RECONNECTS",
                        "P50",
                        "P99",
                        "MAX",
                        "ENDPOINT")
                .cuttingAtBegin(11)
                .keeping(0);
        for (JsonValue.Obj session : sessions) {
            JsonValue.Obj latency = DataTypes.object(session.get("latency"));
            table.row(
                    text(session, "sessionId"),
                    text(session, "state"),
                    text(session, "holders"),
                    text(session, "requests"),
                    text(session, "errors"),
                    text(session, "underWay"),
                    text(session, "queued"),
                    text(session, "reconnects"),
                    millis(latency.get("p50")),
                    millis(latency.get("p99")),
                    millis(latency.get("max")),
                    text(session, "endpointUrl"));
        }
        table.print(console);
    }

    private static void daemon(JsonValue.Obj daemon, Console console) {
        var table = new Table().keepingAll();
        table.row("daemon", text(daemon, "version") + ", PID " + text(daemon, "pid") + ", up " + uptime(daemon));
        table.row(
                "connections",
                text(daemon, "connections") + " open, " + text(daemon, "accepted") + " accepted, "
                        + text(daemon, "refused") + " refused, " + text(daemon, "timedOut") + " timed out");
        table.row(
                "requests",
                text(daemon, "requests") + ", " + text(daemon, "answers") + " answers, " + text(daemon, "overloaded")
                        + " overloaded, " + text(daemon, "discarded") + " discarded");
        Map<String, JsonValue> errors = DataTypes.object(daemon.get("errors")).members();
        if (!errors.isEmpty()) {
            table.row(
                    "errors",
                    errors.entrySet().stream()
                            .map(error -> Shown.plain(error.getValue()) + " " + error.getKey())
                            .collect(Collectors.joining(", ")));
        }
        table.row("latency", latency(DataTypes.object(daemon.get("latency"))));
        table.row(
                "streams",
                text(daemon, "streams") + ", " + text(daemon, "events") + " events; " + text(daemon, "subscriptions")
                        + " subscriptions");
        table.row("sessions", text(daemon, "sessions") + ", " + text(daemon, "handles") + " handles");
        table.row("heap", mebibytes(daemon.get("heapUsed")) + " of " + mebibytes(daemon.get("heapMax")) + " MiB");
        table.print(console);
    }

    private static String latency(JsonValue.Obj latency) {
        return "p50 " + millis(latency.get("p50")) + ", p90 " + millis(latency.get("p90")) + ", p99 "
                + millis(latency.get("p99")) + ", p99.9 " + millis(latency.get("p999")) + ", max "
                + millis(latency.get("max")) + " ms";
    }

    private static String text(JsonValue.Obj object, String member) {
        JsonValue value = object.get(member);
        return value == null ? "-" : Shown.plain(value);
    }

    private static String uptime(JsonValue.Obj daemon) {
        if (!(daemon.get("uptime") instanceof JsonValue.Num seconds)) {
            return "-";
        }
        Duration up = Duration.ofSeconds(seconds.decimal().longValue());
        return up.toDays() > 0
                ? up.toDays() + " d " + up.toHoursPart() + " h"
                : up.toHours() > 0
                        ? up.toHours() + " h " + up.toMinutesPart() + " min"
                        : up.toMinutes() + " min " + up.toSecondsPart() + " s";
    }

    private static String millis(@Nullable JsonValue value) {
        return value instanceof JsonValue.Num number
                ? String.format(Locale.ROOT, "%.1f", number.decimal().doubleValue())
                : "-";
    }

    private static String mebibytes(@Nullable JsonValue bytes) {
        return bytes instanceof JsonValue.Num number
                ? Long.toString(number.decimal().longValue() >> 20)
                : "-";
    }
}

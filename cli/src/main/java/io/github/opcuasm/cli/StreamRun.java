package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.daemon.lifecycle.Signals;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Shows a stream until it ends, enough was shown, Ctrl-C comes, or nobody reads the output any more. What is not a change or
 * an event (overflow, gaps, state) goes to standard error. The stream's connection is closed at the end, with which the
 * daemon gives up what it created for it.
 */
final class StreamRun {
    private final NotificationStream stream;
    private final StreamOutput output;
    private final StreamBounds bounds;
    private final Console console;
    private final boolean json;
    private long shown;
    private boolean refused;
    private boolean inVain;
    private volatile boolean stopped;
    private volatile boolean readerGone;

    StreamRun(NotificationStream stream, StreamOutput output, StreamBounds bounds, Console console, boolean json) {
        this.stream = stream;
        this.output = output;
        this.bounds = bounds;
        this.console = console;
        this.json = json;
    }

    /**
     * Says which of the items the server refused, or refused parts of.
     *
     * @param suggestion for a node that the server does not know
     */
    void complainOf(List<String> labels, List<MonitoredItemResult> results, UnaryOperator<String> suggestion) {
        inVain = !results.isEmpty() && results.stream().allMatch(StreamRun::isUseless);
        for (int i = 0; i < Math.min(labels.size(), results.size()); i++) {
            MonitoredItemResult result = results.get(i);
            if (result.statusCode().isBad()) {
                refused = true;
                output.refused(i, result.statusCode().toString());
                boolean unknown = result.statusCode().name().equals("Bad_NodeIdUnknown");
                tell(
                        "refused",
                        labels.get(i) + ": " + result.statusCode() + (unknown ? suggestion.apply(labels.get(i)) : ""),
                        Map.of("nodeId", labels.get(i)));
            }
            if (isUseless(result)) {
                refused = true;
            }
            for (String error : result.filterErrors()) {
                tell(
                        "filter",
                        labels.get(i) + ": the server does not take all of the filter, and may report nothing: "
                                + error,
                        Map.of("nodeId", labels.get(i)));
            }
        }
    }

    /** Nothing will come of it: there is no item, or none of its events passes a clause that the server does not know. */
    private static boolean isUseless(MonitoredItemResult result) {
        return result.statusCode().isBad()
                || result.filterErrors().stream().anyMatch(error -> error.startsWith("where"));
    }

    ExitCode run() {
        Signals signals = Signals.install(
                this::stop, () -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code()), this::stop, unhandled -> {});
        PipeWatch reader = PipeWatch.ofStandardOutput(this::leave);
        try (stream;
                output) {
            return inVain ? ended() : follow();
        } catch (ClientException e) {
            if (stopped || readerGone) {
                return ended();
            }
            throw e;
        } finally {
            reader.close();
            signals.close();
        }
    }

    private ExitCode follow() {
        long start = System.nanoTime();
        Duration duration = bounds.duration();
        long lasts = duration == null ? Long.MAX_VALUE : duration.toNanos();
        while (true) {
            long left = lasts - (System.nanoTime() - start);
            if (left <= 0 || stopped || readerGone) {
                return ended();
            }
            Duration patience = output.patience();
            StreamEvent event = stream.next(patience.toNanos() < left ? patience : Duration.ofNanos(left));
            ExitCode code = event == null ? null : take(event);
            output.flush();
            if (console.out().checkError()) {
                return ExitCode.READER_GONE;
            }
            if (code != null) {
                return code;
            }
        }
    }

    private ExitCode ended() {
        if (readerGone) {
            return ExitCode.READER_GONE;
        }
        if (stopped) {
            return ExitCode.INTERRUPTED;
        }
        return refused ? ExitCode.BAD_STATUS : ExitCode.OK;
    }

    private void stop() {
        stopped = true;
        stream.close();
    }

    private void leave() {
        readerGone = true;
        stream.close();
    }

    /** What may come of it. */
    static ExitCode[] exitCodes() {
        return new ExitCode[] {ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.BAD_STATUS, ExitCode.INTERRUPTED
        };
    }

    /** Null if it goes on. */
    private @Nullable ExitCode take(StreamEvent event) {
        if (event instanceof StreamEvent.Notifications message) {
            for (Notification notification : message.notifications()) {
                output.show(notification, message);
                if (++shown == bounds.count()) {
                    return ended();
                }
            }
        } else if (event instanceof StreamEvent.Overflow overflow) {
            tell(
                    "overflow",
                    overflow.dropped() + " messages were dropped: they were not read in time",
                    Map.of("dropped", overflow.dropped()));
        } else if (event instanceof StreamEvent.Gap gap) {
            tell(
                    "gap",
                    "values from " + time(gap.from()) + " to " + time(gap.to()) + " may be missing: " + gap.reason(),
                    Shown.members("from", time(gap.from()), "to", time(gap.to()), "reason", gap.reason()));
        } else if (event instanceof StreamEvent.State state) {
            String reason = state.reason() == null ? "" : ": " + state.reason();
            output.fares(state.state().equals("Live") ? null : state.state().toLowerCase(Locale.ROOT));
            tell("state", state.state().toLowerCase(Locale.ROOT) + reason, Map.of("state", state.state()));
        } else if (event instanceof StreamEvent.End end) {
            return end(end.error());
        }
        return null;
    }

    private ExitCode end(StreamEvent.@Nullable StreamError error) {
        if (error == null) {
            return ended();
        }
        new Failure(
                        error.type(),
                        error.message(),
                        error.statusCode() == null ? null : error.statusCode().value(),
                        null)
                .print(json, console);
        return ExitCode.FAILURE;
    }

    /** Says something beside the stream, on standard error: to people a line, to machines an object. */
    void tell(String what, String message, Map<String, ?> details) {
        if (!json) {
            output.aside(() -> console.complain(message));
            return;
        }
        Map<String, Object> notice = new LinkedHashMap<>();
        notice.put("type", what);
        notice.put("message", message);
        notice.putAll(details);
        console.err().println(Json.text(Json.of(Map.of("notice", notice))));
        console.err().flush();
    }

    private static String time(@Nullable DateTime time) {
        return time == null ? "an unknown time" : time.toInstant().toString();
    }
}

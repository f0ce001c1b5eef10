package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command on one session: its target and the options that all of them share, then what is its own. */
abstract class ServerCommand implements Command {
    private static final int NODE_ID = 1;
    /** What the daemon calls a mistake of whoever asks. */
    private static final Set<ErrorType> MISTAKES = Set.of(
            ErrorType.INVALID_ARGUMENT,
            ErrorType.INVALID_NODE_ID,
            ErrorType.WRITE_TYPE_MISMATCH,
            ErrorType.WRITE_TYPE_DETECTION,
            ErrorType.ENCODING);

    private static final String NODE_ID_UNKNOWN = "Bad_NodeIdUnknown";
    private static final String NO_MATCH = "Bad_NoMatch";

    /** Adds the command's own arguments, from index 1 on, and options. */
    abstract void declareOwn(CommandSpec spec);

    /**
     * Checks what was given, before anything is connected.
     *
     * @return does the work
     */
    abstract Work prepare(ParseResult given);

    /** What is left to do once there is a session. */
    @FunctionalInterface
    interface Work {
        ExitCode run(Call call);
    }

    /** To the microsecond. */
    static double millisSince(long nanoTime) {
        return Math.round((System.nanoTime() - nanoTime) / 1e3) / 1e3;
    }

    @Override
    public final void declare(CommandSpec spec) {
        Target.declare(spec);
        declareOwn(spec);
        SessionConfig.declare(spec);
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, exitCodes());
    }

    /** Those that {@code --help} shows. */
    ExitCode[] exitCodes() {
        return new ExitCode[] {ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.BAD_STATUS};
    }

    @Override
    public final ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String target = Target.check(given);
        Work work = prepare(given);
        Map<String, JsonValue> config = SessionConfig.of(given, console);
        try (DaemonClient client = access.connect()) {
            long start = System.nanoTime();
            OpenedSession session = Target.session(client, given, config);
            Call call = new Call(access, client, session, millisSince(start), target, console);
            try {
                return work.run(call);
            } catch (RequestFailedException e) {
                throw explained(e, "", call);
            } catch (AdvisedException e) {
                throw e.failure() instanceof RequestFailedException failed ? explained(failed, e.advice(), call) : e;
            }
        }
    }

    /** What the parameters of requests are called on the command line, by how the daemon's complaints about them begin. */
    Map<String, String> labels() {
        return Map.of();
    }

    private RuntimeException explained(RequestFailedException e, String given, Call call) {
        String message = e.messageText();
        for (Map.Entry<String, String> label : labels().entrySet()) {
            boolean mistaken = e.errorType().filter(MISTAKES::contains).isPresent();
            if (mistaken && message.startsWith(label.getKey() + ":")) {
                return new UsageException(
                        label.getValue() + message.substring(label.getKey().length()) + " (nothing was sent)");
            }
        }
        String advice = !given.isEmpty() || call.json() ? given : advice(e, call);
        return new AdvisedException(e, subject(e, call), advice, call.changes() == 1);
    }

    /** Of what a server refused, the node; empty if the message names it, or if nobody knows which one it was. */
    private static String subject(RequestFailedException e, Call call) {
        boolean service = e.errorType()
                .filter(type -> type == ErrorType.SERVICE || type == ErrorType.SERVICE_UNSUPPORTED)
                .isPresent();
        if (!service || e.status().isEmpty()) {
            return "";
        }
        if (!call.subject().isEmpty()) {
            return e.messageText().contains(call.subject()) ? "" : call.subject();
        }
        List<String> nodes = call.nodes();
        return nodes.size() != 1 || e.messageText().contains(nodes.get(0)) ? "" : nodes.get(0);
    }

    /** What was perhaps meant; empty if nothing is near. */
    private static String advice(RequestFailedException e, Call call) {
        String status = e.statusCode()
                .map(code -> new StatusCode(code & 0xFFFF_FFFFL).name())
                .orElse("");
        try {
            if (e.errorType().filter(ErrorType.SESSION_NOT_FOUND::equals).isPresent()) {
                return sessionAdvice(call);
            }
            if (status.equals("Bad_AggregateNotSupported")) {
                return ": the server does not make it; the daemon makes " + String.join(", ", Aggregates.daemonNames());
            }
            if (status.equals("Bad_HistoryOperationUnsupported")) {
                return ": it has no such history; of objects --events reads it, and `read` with --attribute AccessLevel"
                        + " tells what variables have";
            }
            if (status.equals(NO_MATCH) && !call.nodes().isEmpty()) {
                return call.suggestion(call.nodes().get(call.nodes().size() - 1));
            }
            boolean unknown = status.equals(NODE_ID_UNKNOWN) || e.messageText().contains(NODE_ID_UNKNOWN);
            Set<String> nodes = unknown ? unknown(call) : Set.of();
            return nodes.isEmpty() ? "" : call.suggestion(nodes.iterator().next());
        } catch (ClientException unavailable) {
            return ""; // the failure itself is what counts
        }
    }

    private static String sessionAdvice(Call call) {
        List<String> ids = new ArrayList<>();
        call.client().list().forEach(session -> ids.add(Shown.plain(session.get("id"))));
        return NearestName.to(call.target(), ids)
                .map(id -> "; did you mean " + id + "?")
                .orElse("");
    }

    /** The nodes that were named and that the server does not have; the failure did not say which. */
    private static Set<String> unknown(Call call) {
        List<String> nodes =
                call.nodes().stream().filter(node -> !node.startsWith("/")).toList();
        List<Map<String, Object>> items = new ArrayList<>();
        for (String node : nodes) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("nodeId", node);
            item.put("attributeId", NODE_ID);
            items.add(item);
        }
        return items.isEmpty() ? Set.of() : unknown(nodes, Shown.objects(call.query("readMulti", items)));
    }

    /** Those of the nodes whose answers say that the server does not have them. */
    static Set<String> unknown(List<String> nodes, List<JsonValue.Obj> answers) {
        Set<String> unknown = new LinkedHashSet<>();
        for (int i = 0; i < Math.min(nodes.size(), answers.size()); i++) {
            if (Shown.status(answers.get(i)).name().equals(NODE_ID_UNKNOWN)) {
                unknown.add(nodes.get(i));
            }
        }
        return unknown;
    }
}

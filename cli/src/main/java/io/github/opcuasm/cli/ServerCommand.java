package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command on one session: its target and the options that all of them share, then what is its own. */
abstract class ServerCommand implements Command {

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

    /** A session, and where the result goes. */
    record Call(
            DaemonClient client, OpenedSession session, double openMs, String target, boolean json, Console console) {
        JsonValue query(String method, @Nullable Object... params) {
            return client.query(session.sessionId(), method, params);
        }

        /** A node as people name it: a node id, or a path that begins with a slash and is resolved from the root. */
        Object node(String text) {
            return text.startsWith("/") ? query("resolveNodeId", text) : text;
        }

        void print(String line) {
            console.out().println(line);
        }

        /** Prints what {@code --json} asks for: the target, the session, and what the command adds. */
        void printJson(Map<String, ?> result) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("target", target);
            answer.put("sessionId", session.sessionId());
            answer.put("reused", session.reused());
            answer.put("openMs", openMs);
            answer.putAll(result);
            print(Json.text(Json.of(answer)));
        }
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
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.BAD_STATUS);
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
            return work.run(new Call(client, session, millisSince(start), target, access.json(), console));
        }
    }
}

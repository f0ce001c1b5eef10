package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * What {@code read}, {@code write} and the others work on: a server's URL or the name of a connection that the daemon's
 * configuration has, opened or reused and left open, or an open session.
 */
final class Target {
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{32}");

    private Target() {}

    static void declare(CommandSpec spec) {
        spec.addPositional(
                Syntax.argument(
                        0,
                        "TARGET",
                        "opc.tcp://host:port/path or the name of a connection (opened or reused, and left open), or a session's id"));
    }

    /** Whether it can be the id of a session. */
    static boolean isSession(String target) {
        return SESSION_ID.matcher(target).matches();
    }

    /** Whether it is a URL, and not the name of a connection; whether it is a good one, the daemon says. */
    static boolean isUrl(String target) {
        return target.contains("://");
    }

    /**
     * A URL or the name of a connection; before anything is connected.
     *
     * @throws UsageException if it is neither, or if a name comes with options of a session
     */
    static String checkServer(ParseResult given, String label) {
        String server = given.matchedPositionalValue(0, "");
        if (isUrl(server)) {
            return server;
        }
        if (!NamedConnection.isName(server)) {
            throw new UsageException(
                    label + ": got " + server + ", expected opc.tcp://host:port/path or the name of a connection");
        }
        refuseOptions(given, server + " has its own config");
        return server;
    }

    private static void refuseOptions(ParseResult given, String why) {
        String option = SessionConfig.given(given);
        if (option != null) {
            throw new UsageException(option + " is for opening a URL: " + why);
        }
    }

    static OpenedSession session(DaemonClient client, ParseResult given, Map<String, JsonValue> config) {
        String target = check(given);
        if (isSession(target)) {
            return new OpenedSession(target, true);
        }
        return isUrl(target) ? client.open(target, config, false) : client.openConnection(target, false);
    }

    /** The members of a request that name a checked target: it is opened or reused for the request, and left open. */
    static Map<String, JsonValue> members(String target, Map<String, JsonValue> config) {
        if (isSession(target)) {
            return Map.of("sessionId", new JsonValue.Str(target));
        }
        return isUrl(target)
                ? Map.of("endpointUrl", new JsonValue.Str(target), "config", new JsonValue.Obj(config))
                : Map.of("connection", new JsonValue.Str(target));
    }

    /** The target, if it can be one; before anything is connected. */
    static String check(ParseResult given) {
        String target = given.matchedPositionalValue(0, "");
        if (isSession(target)) {
            refuseOptions(given, "an open session has its own config");
            return target;
        }
        if (!target.toLowerCase(Locale.ROOT).startsWith("opc.tcp://") && !NamedConnection.isName(target)) {
            throw new UsageException(
                    "TARGET: got " + target
                            + ", expected opc.tcp://host:port/path, the name of a connection or the 32 hex digits of a session");
        }
        return checkServer(given, "TARGET");
    }
}

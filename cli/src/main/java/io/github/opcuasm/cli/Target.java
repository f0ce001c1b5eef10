package io.github.opcuasm.cli;

import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What {@code read} and {@code write} work on: a server's URL, opened or reused and left open, or an open session. */
final class Target {
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{32}");

    private Target() {}

    static void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                0, "TARGET", "opc.tcp://host:port/path (opened or reused, and left open), or the id of a session"));
    }

    static OpenedSession session(ManagedClient client, ParseResult given, Map<String, JsonValue> config) {
        String target = check(given);
        return SESSION_ID.matcher(target).matches()
                ? new OpenedSession(target, true)
                : client.open(target, config, false);
    }

    /** The target, if it can be one; before anything is connected. */
    static String check(ParseResult given) {
        String target = given.matchedPositionalValue(0, "");
        if (SESSION_ID.matcher(target).matches()) {
            if (SessionConfig.given(given) != null) {
                throw new UsageException(
                        SessionConfig.given(given) + " is for opening: an open session has its own config");
            }
        } else if (!target.toLowerCase(Locale.ROOT).startsWith("opc.tcp://")) {
            throw new UsageException(
                    "TARGET: got " + target + ", expected opc.tcp://host:port/path or the 32 hex digits of a session");
        }
        return target;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that say how a session is opened: {@code --config JSON} and {@code -c key=value}, the latter on top. */
final class SessionConfig {
    private static final String CONFIG = "--config";
    private static final String KEY_VALUE = "-c";

    private SessionConfig() {}

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("JSON", "the session's config as a JSON object", CONFIG));
        spec.addOption(
                Syntax.values("KEY=VALUE", "one member of it, such as -c opcuaTimeout=10; may be repeated", KEY_VALUE));
    }

    static Map<String, JsonValue> of(ParseResult given) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        String json = given.matchedOptionValue(CONFIG, (String) null);
        if (json != null) {
            JsonValue value = PlainValue.parse(json);
            if (!(value instanceof JsonValue.Obj object)) {
                // The text itself is not repeated: it may hold a password.
                throw new UsageException(CONFIG + ": got " + value.kind() + ", expected a JSON object");
            }
            members.putAll(object.members());
        }
        List<String> pairs = given.matchedOptionValue(KEY_VALUE, List.of());
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new UsageException(KEY_VALUE + ": expected KEY=VALUE, such as opcuaTimeout=10");
            }
            members.put(pair.substring(0, equals), PlainValue.parse(pair.substring(equals + 1)));
        }
        return members;
    }

    /** Whether any was given. */
    static boolean isGiven(ParseResult given) {
        return given.hasMatchedOption(CONFIG) || given.hasMatchedOption(KEY_VALUE);
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options that say how a session is opened: {@code --config JSON}, {@code -c key=value} on top, and on top of both the
 * ones that are named after what they do ({@link SessionOption}). A password is never an option: it comes from a file,
 * the environment or the terminal.
 */
final class SessionConfig {
    private static final String CONFIG = "--config";
    private static final String KEY_VALUE = "-c";
    private static final String PASSWORD_FILE = "--password-file";
    private static final String PASSWORD_ENVIRONMENT = "OPCUA_PASSWORD";
    private static final String USERNAME = "username";
    private static final String PASSWORD = "password";

    /** Two members that mean nothing without each other. */
    private static final List<List<SessionOption>> PAIRS = List.of(
            List.of(SessionOption.CERT, SessionOption.KEY), List.of(SessionOption.USER_CERT, SessionOption.USER_KEY));

    private SessionConfig() {}

    static void declare(CommandSpec spec) {
        for (SessionOption option : SessionOption.values()) {
            spec.addOption(
                    option.isFlag()
                            ? Syntax.flag(option.description(), option.option())
                            : Syntax.value(option.label(), option.description(), option.option()));
            if (option == SessionOption.USER) {
                spec.addOption(Syntax.value(
                        "PATH",
                        "file with the user's password; else " + PASSWORD_ENVIRONMENT + ", else it is asked for",
                        PASSWORD_FILE));
            }
        }
        spec.addOption(Syntax.value("JSON", "the session's config as a JSON object", CONFIG));
        spec.addOption(
                Syntax.values("KEY=VALUE", "one member of it, such as -c opcuaTimeout=10; may be repeated", KEY_VALUE));
    }

    /**
     * The config, complete.
     *
     * @throws UsageException naming the option
     */
    static Map<String, JsonValue> of(ParseResult given, Console console) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.putAll(object(given));
        List<String> pairs = given.matchedOptionValue(KEY_VALUE, List.of());
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new UsageException(KEY_VALUE + ": expected KEY=VALUE, such as opcuaTimeout=10");
            }
            String key = pair.substring(0, equals);
            String value = pair.substring(equals + 1);
            members.put(
                    key,
                    SessionOption.SECRETS.contains(key) || key.equals(USERNAME)
                            ? new JsonValue.Str(value)
                            : ValueInput.untyped(value));
        }
        SessionOption.SECRETS.stream()
                .filter(members::containsKey)
                .sorted()
                .forEach(secret -> console.complain("warning: " + secret
                        + " on the command line shows in the process list and in the shell's history: "
                        + wayOut(secret)));
        for (SessionOption option : SessionOption.values()) {
            if (given.hasMatchedOption(option.option())) {
                String text = option.isFlag() ? "" : given.matchedOptionValue(option.option(), "");
                members.put(option.member(), option.value(text, console::complain));
            }
        }
        checkPairs(given, members);
        addPassword(given, console, members);
        return members;
    }

    private static Map<String, JsonValue> object(ParseResult given) {
        String json = given.matchedOptionValue(CONFIG, (String) null);
        if (json == null) {
            return Map.of();
        }
        JsonValue value = ValueInput.untyped(json);
        if (!(value instanceof JsonValue.Obj object)) {
            // The text itself is not repeated: it may hold a password.
            throw new UsageException(CONFIG + ": got " + value.kind() + ", expected a JSON object");
        }
        return object.members();
    }

    private static String wayOut(String secret) {
        return switch (secret) {
            case PASSWORD -> "use --user with " + PASSWORD_FILE + " or " + PASSWORD_ENVIRONMENT;
            case "clientKeyPassphrase" -> "use " + SessionOption.KEY_PASSPHRASE.option();
            default -> "use " + SessionOption.USER_KEY_PASSPHRASE.option();
        };
    }

    /** The daemon ignores one half of a pair: who wrote it meant something. */
    private static void checkPairs(ParseResult given, Map<String, JsonValue> members) {
        for (List<SessionOption> pair : PAIRS) {
            for (int i = 0; i < 2; i++) {
                SessionOption half = pair.get(i);
                SessionOption other = pair.get(1 - i);
                if (given.hasMatchedOption(half.option()) && !members.containsKey(other.member())) {
                    throw new UsageException(half.option() + ": expected " + other.option() + " beside it");
                }
            }
        }
        if (given.hasMatchedOption(SessionOption.MODE.option())
                && !given.matchedOptionValue(SessionOption.MODE.option(), "").equalsIgnoreCase("None")
                && !members.containsKey(SessionOption.POLICY.member())) {
            throw new UsageException("--mode: expected a --policy beside it, such as Basic256Sha256");
        }
    }

    private static void addPassword(ParseResult given, Console console, Map<String, JsonValue> members) {
        String file = given.matchedOptionValue(PASSWORD_FILE, (String) null);
        if (!members.containsKey(USERNAME)) {
            if (file != null) {
                throw new UsageException(PASSWORD_FILE + ": expected --user beside it");
            }
            return;
        }
        if (file != null) {
            String password =
                    SecretFile.readAny(PASSWORD_FILE, SessionOption.path(PASSWORD_FILE, file), console::complain);
            members.put(PASSWORD, new JsonValue.Str(password));
        } else if (!members.containsKey(PASSWORD)) {
            String password = console.environment().get(PASSWORD_ENVIRONMENT);
            if (password == null && given.hasMatchedOption(SessionOption.USER.option())) {
                password = asked(given.matchedOptionValue(SessionOption.USER.option(), ""), console);
            }
            if (password != null) {
                members.put(PASSWORD, new JsonValue.Str(password));
            }
        }
    }

    private static String asked(String user, Console console) {
        String password = console.prompt().secret("Password of " + user + ": ");
        if (password == null) {
            throw new UsageException(
                    "--user: the password of " + user + " is missing and there is no terminal to ask at:" + " pass "
                            + PASSWORD_FILE + " or set " + PASSWORD_ENVIRONMENT);
        }
        return password;
    }

    /** One of the options that were given; null if none was. */
    static @Nullable String given(ParseResult given) {
        for (SessionOption option : SessionOption.values()) {
            if (given.hasMatchedOption(option.option())) {
                return option.option();
            }
        }
        for (String name : List.of(PASSWORD_FILE, CONFIG, KEY_VALUE)) {
            if (given.hasMatchedOption(name)) {
                return name;
            }
        }
        return null;
    }
}

package io.github.opcuasm.daemon;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A server that the configuration gives a name to (docs/daemon.md, <em>Named connections</em>), so that those who use it
 * need to know neither its address nor its secrets.
 *
 * @param name what {@code open} and the client commands take: 1 to 64 letters, digits, dots, underscores and hyphens, the
 *     first a letter or a digit, and not the 32 hex digits of a session's id
 * @param endpointUrl {@code opc.tcp://host[:port][/path]}
 * @param config as an {@code open} would give it; holds secrets
 * @param autoConnect whether the daemon itself opens it, and keeps it open
 * @param subscriptions what the daemon itself subscribes to there, at most {@value #MOST_SUBSCRIPTIONS}; with {@code
 *     autoConnect} only
 */
public record NamedConnection(
        String name,
        String endpointUrl,
        JsonValue.Obj config,
        boolean autoConnect,
        List<ConfiguredSubscription> subscriptions) {
    public static final int MOST_SUBSCRIPTIONS = 100;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern SESSION_ID = Pattern.compile("[0-9A-Fa-f]{32}");
    private static final int MAX_SHOWN = 64;

    /** @throws IllegalArgumentException for what {@link #checkName} refuses, and for subscriptions that cannot be */
    public NamedConnection {
        String unused = checkName(name);
        subscriptions = List.copyOf(subscriptions);
        if (!autoConnect && !subscriptions.isEmpty()) {
            throw new IllegalArgumentException("subscriptions: got some for " + name
                    + ", expected them for connections that the daemon opens itself");
        }
        if (subscriptions.size() > MOST_SUBSCRIPTIONS) {
            throw new IllegalArgumentException(
                    "subscriptions: got " + subscriptions.size() + ", expected at most " + MOST_SUBSCRIPTIONS);
        }
    }

    /** Without subscriptions. */
    public NamedConnection(String name, String endpointUrl, JsonValue.Obj config, boolean autoConnect) {
        this(name, endpointUrl, config, autoConnect, List.of());
    }

    /** Whether this can be the name of a connection. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches() && !SESSION_ID.matcher(text).matches();
    }

    /**
     * The name, if it can be one.
     *
     * @throws IllegalArgumentException that says what was got and what is expected
     */
    public static String checkName(String name) {
        if (isName(name)) {
            return name;
        }
        String shown = name.length() > MAX_SHOWN ? name.substring(0, MAX_SHOWN) + "…" : name;
        throw new IllegalArgumentException("got " + shown + ", expected "
                + (SESSION_ID.matcher(name).matches()
                        ? "a name that is not the 32 hex digits of a session's id"
                        : "1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or a digit"));
    }

    /** Never shows the config. */
    @Override
    public String toString() {
        return "NamedConnection[" + name + "]";
    }
}

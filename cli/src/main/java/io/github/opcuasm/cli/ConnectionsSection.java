package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sections {@code connections} and {@code auto-connect} of the config file: servers by name. Each value is read by
 * itself, and all of a config together as an {@code open} would, so that a wrong one is named with its line. Messages show
 * neither secrets nor what a variable or a file held.
 */
final class ConnectionsSection {
    private static final List<String> KEYS = List.of("endpoint", "config");
    private static final List<String> AUTO_CONNECT_KEYS = List.of("endpoint", "config", "subscriptions", "sink");
    private static final Pattern OF_MEMBER = Pattern.compile("config\\.([A-Za-z]+): (.*)", Pattern.DOTALL);

    /** Its members by their names in kebab-case, as {@link ConfigNode#members} has them. */
    private static final Map<String, String> CONFIG_KEYS = configKeys();

    private ConnectionsSection() {}

    /**
     * One of them, and what may be shown of it.
     *
     * @param endpoint as it was written
     * @param place where its policy stands, or it itself if it has none: file, line and key
     */
    record Configured(NamedConnection connection, String endpoint, String place) {}

    /**
     * Those of both sections, in the file's order.
     *
     * @throws ConfigurationException naming file, line and key
     */
    static List<Configured> read(@Nullable ConfigNode connections, @Nullable ConfigNode autoConnect) {
        List<Configured> found = new ArrayList<>();
        Map<String, String> places = new HashMap<>();
        Map<Path, SinkConfig> sinks = new HashMap<>();
        if (connections != null) {
            read(connections, false, places, sinks, found);
        }
        if (autoConnect != null) {
            read(autoConnect, true, places, sinks, found);
        }
        return List.copyOf(found);
    }

    private static void read(
            ConfigNode section,
            boolean autoConnect,
            Map<String, String> places,
            Map<Path, SinkConfig> sinks,
            List<Configured> found) {
        if (section.isNull()) {
            return;
        }
        for (ConfigNode.Entry entry : section.entries("a mapping of names, each with an endpoint and a config")) {
            String name = entry.key();
            try {
                String unused = NamedConnection.checkName(name);
            } catch (IllegalArgumentException e) {
                throw entry.refuse(String.valueOf(e.getMessage()));
            }
            String before = places.put(name.toLowerCase(Locale.ROOT), entry.place());
            if (before != null) {
                throw entry.refuse(
                        "a second connection of this name, the first is at " + before
                                + "; expected names of their own over connections and auto-connect, which differ in more than case");
            }
            Configured configured = configured(name, entry.value(), autoConnect);
            requireEqualSinks(sinks, entry.value(), configured.connection());
            found.add(configured);
        }
    }

    /** A file cannot be rotated in two ways. */
    private static void requireEqualSinks(Map<Path, SinkConfig> sinks, ConfigNode node, NamedConnection connection) {
        for (ConfiguredSubscription subscription : connection.subscriptions()) {
            SinkConfig sink = subscription.sink();
            SinkConfig before = sink == null ? null : sinks.putIfAbsent(sink.path(), sink);
            if (sink != null && before != null && !before.equals(sink)) {
                throw node.refuse("got two sinks with the path " + sink.path()
                        + ", expected the same max_bytes and keep wherever it is named");
            }
        }
    }

    private static Configured configured(String name, ConfigNode node, boolean autoConnect) {
        Map<String, ConfigNode> members = autoConnect
                ? node.members(
                        AUTO_CONNECT_KEYS,
                        "a mapping of endpoint and config",
                        "expected one of " + String.join(", ", AUTO_CONNECT_KEYS))
                : node.members(
                        KEYS,
                        "a mapping of endpoint and config",
                        "expected endpoint or config; what the daemon subscribes to stands under auto-connect");
        ConfigNode endpoint = members.get("endpoint");
        if (endpoint == null) {
            throw node.refuse("a connection without endpoint, expected endpoint: opc.tcp://host:port");
        }
        ConfigNode config = members.get("config");
        JsonValue.Obj given = config == null || config.isNull() ? new JsonValue.Obj(Map.of()) : config(config);
        ConfigNode policy =
                config == null || config.isNull() ? null : given(config).get("security-policy");
        return new Configured(
                new NamedConnection(
                        name,
                        endpointUrl(endpoint),
                        given,
                        autoConnect,
                        SubscriptionsSection.read(members.get("subscriptions"), members.get("sink"))),
                endpoint.written(),
                (policy == null ? node : policy).place());
    }

    private static String endpointUrl(ConfigNode node) {
        String text = node.text();
        try {
            return EndpointUrl.parse(text).text();
        } catch (CommandException e) {
            String expected = "opc.tcp://host[:port][/path]";
            throw text.indexOf('@') < 0
                    ? node.refuse(text, expected)
                    : node.refuse("got a URL with user info, expected " + expected);
        }
    }

    private static Map<String, ConfigNode> given(ConfigNode config) {
        return config.members(
                CONFIG_KEYS.keySet(), "a mapping, such as {username: joe}", "docs/protocol.md lists the members");
    }

    private static JsonValue.Obj config(ConfigNode node) {
        Map<String, ConfigNode> given = given(node);
        Map<String, JsonValue> members = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            if (!value.isNull()) {
                String member = CONFIG_KEYS.getOrDefault(key, key);
                String text = value.textOrEmpty();
                members.put(member, checked(given, node, () -> SessionConfig.ofText(member, path(member, text))));
            }
        });
        var config = new JsonValue.Obj(members);
        SessionConfig unused = checked(given, node, () -> SessionConfig.parse(config));
        return config;
    }

    /** Absolute, as clients give theirs: who names the same file gets the same session. */
    private static String path(String member, String text) {
        try {
            return SessionConfig.isPath(member) && !text.isEmpty()
                    ? Path.of(text).toAbsolutePath().normalize().toString()
                    : text;
        } catch (InvalidPathException e) {
            throw CommandException.invalidArgument("config." + member, "a text", "a path");
        }
    }

    /** Says at the line of its member what is wrong, and nothing of a value that is not in the file itself. */
    private static <T> T checked(Map<String, ConfigNode> given, ConfigNode config, Supplier<T> check) {
        try {
            return check.get();
        } catch (CommandException e) {
            Matcher matcher = OF_MEMBER.matcher(e.messageText());
            if (!matcher.matches()) {
                throw config.refuse(e.messageText());
            }
            ConfigNode node = given.get(ConfigNode.kebab(matcher.group(1)));
            String message = matcher.group(2);
            if (node == null) {
                throw config.refuse(matcher.group(1) + ": " + message);
            }
            int expected = message.lastIndexOf(", expected ");
            throw node.refuse(
                    node.isConcealed()
                            ? "got a value that does not fit" + (expected < 0 ? "" : message.substring(expected))
                            : message);
        }
    }

    private static Map<String, String> configKeys() {
        Map<String, String> keys = new LinkedHashMap<>();
        SessionConfig.memberNames().forEach(name -> keys.put(ConfigNode.kebab(name), name));
        return keys;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A session that a command works on, and where the result goes. */
final class Call {
    /** What may take long, and what it does meanwhile. */
    private static final Map<String, String> LONG = Map.ofEntries(
            Map.entry("browseRecursive", "browsing"),
            Map.entry("historyReadRaw", "reading the history"),
            Map.entry("historyReadModified", "reading the history"),
            Map.entry("historyReadEvents", "reading the history"),
            Map.entry("historyReadAtTime", "reading the history"),
            Map.entry("historyReadProcessed", "aggregating the history"),
            Map.entry("historyAggregate", "aggregating the history"),
            Map.entry("historyDeleteRawModified", "deleting from the history"),
            Map.entry("discoverDataTypes", "looking at the data types"),
            Map.entry("moveOrCopyFileSystemObject", "waiting for the server"),
            Map.entry("deleteFileSystemObject", "waiting for the server"),
            Map.entry("call", "calling"));

    /** What changes something on a server; what became of such a call may be in doubt. */
    private static final Set<String> CHANGES = Set.of(
            "call",
            "write",
            "writeMulti",
            "addNodes",
            "deleteNodes",
            "addReferences",
            "deleteReferences",
            "historyInsertData",
            "historyReplaceData",
            "historyUpdateData",
            "historyDeleteRawModified",
            "historyDeleteAtTime",
            "historyDeleteEvent",
            "openFile",
            "writeFile",
            "createDirectory",
            "createFileInDirectory",
            "deleteFileSystemObject",
            "moveOrCopyFileSystemObject");

    /** Of more nodes nobody reads suggestions. */
    private static final int MAX_SUGGESTIONS = 5;

    private final DaemonAccess access;
    private final DaemonClient client;
    private final OpenedSession session;
    private final double openMs;
    private final String target;
    private final Console console;
    private final DataTypes types = new DataTypes(this);
    private final List<String> nodes = new ArrayList<>();
    private int changes;
    private String subject = "";
    private @Nullable Style style;

    Call(
            DaemonAccess access,
            DaemonClient client,
            OpenedSession session,
            double openMs,
            String target,
            Console console) {
        this.access = access;
        this.client = client;
        this.session = session;
        this.openMs = openMs;
        this.target = target;
        this.console = console;
    }

    DaemonAccess access() {
        return access;
    }

    DaemonClient client() {
        return client;
    }

    OpenedSession session() {
        return session;
    }

    String target() {
        return target;
    }

    boolean json() {
        return access.json();
    }

    Console console() {
        return console;
    }

    DataTypes types() {
        return types;
    }

    /** Says what the calls from now on are about: a message that does not name it gets it in front. */
    void about(String text) {
        subject = text;
    }

    /** What {@link #about} said last; empty if it never did. */
    String subject() {
        return subject;
    }

    /** How many calls were made that change something. */
    int changes() {
        return changes;
    }

    JsonValue query(String method, @Nullable Object... params) {
        changes += CHANGES.contains(method) ? 1 : 0;
        String what = LONG.get(method);
        if (what == null) {
            return client.query(session.sessionId(), method, params);
        }
        return Progress.during(console, what, () -> client.query(session.sessionId(), method, params));
    }

    /** The asynchronous twin of {@link #query}. */
    CompletableFuture<JsonValue> queryAsync(String method, @Nullable Object... params) {
        changes += CHANGES.contains(method) ? 1 : 0;
        return client.queryAsync(io.github.opcuasm.client.Target.session(session.sessionId()), method, params);
    }

    /** What is there now, for those who change it: the daemon's cache is not asked. */
    Object nodeNow(String text) {
        named(text);
        return text.startsWith("/") ? query("resolveNodeId", text, null, false) : text;
    }

    /** A node as people name it: a node id, or a path that begins with a slash and is resolved from the root. */
    Object node(String text) {
        named(text);
        return text.startsWith("/") ? query("resolveNodeId", text) : text;
    }

    /** Keeps a node for {@link #nodes}. */
    void named(String text) {
        nodes.add(text);
    }

    /** The nodes that were named so far: one of them is to blame if there is no such node. */
    List<String> nodes() {
        return List.copyOf(nodes);
    }

    void print(String line) {
        console.out().println(line);
    }

    /** Prints a line that may be cut to the terminal's width. */
    void printCut(String line) {
        console.out().println(style().line(line));
    }

    /** How this command prints; found out when it first does, since a terminal must be asked for its width. */
    Style style() {
        Style found = style == null ? Style.of(console) : style;
        style = found;
        return found;
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

    /** A suggestion for a node that the server does not know: {@code ; did you mean …?}, or nothing. None for machines. */
    String suggestion(String node) {
        return json()
                ? ""
                : new NearestNodes(access, session.sessionId())
                        .to(node)
                        .map(name -> "; did you mean " + name + "?")
                        .orElse("");
    }

    /** Says on standard error what was perhaps meant by nodes that the server does not know. */
    void suggest(Set<String> unknown) {
        unknown.stream().limit(MAX_SUGGESTIONS).forEach(node -> {
            String suggestion = suggestion(node);
            if (!suggestion.isEmpty()) {
                console.out().flush();
                console.complain("there is no node " + node + suggestion);
            }
        });
    }
}

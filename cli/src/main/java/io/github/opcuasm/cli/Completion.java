package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * Says what may come next on a command line: {@code --complete WORD…}, where the last word, maybe empty, is the one to be
 * completed. Prints a candidate a line, with what it is behind a tab; nothing where there is nothing to offer or anything
 * goes wrong, so that the shell can offer files.
 *
 * <p>Commands and options are those of the specifications. What only the daemon knows (servers, sessions and nodes) it is
 * asked for within {@link #PATIENCE}, or as many seconds as {@link #ENVIRONMENT} says. Nodes are browsed by an open session of the server that the line names, along their
 * path, a step at a time; nothing is opened for it.
 */
final class Completion {
    /** The shells' own option. */
    static final String OPTION = "--complete";

    /** For servers and machines that are slow: in seconds. */
    private static final String ENVIRONMENT = "OPCUA_COMPLETION_TIMEOUT";

    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final int DEPTH_OF_IDS = 3;
    private static final int MAX_CANDIDATES = 1000;
    private static final String ROOT = "i=84";
    private static final String FILE_TYPE = "i=11575";
    private static final String DIRECTORY_TYPE = "i=13353";
    private static final String HIERARCHICAL_REFERENCES = "i=33";

    private final List<String> before;
    private final String current;
    private final Console console;
    private final Map<String, String> candidates = new LinkedHashMap<>();

    private Completion(List<String> before, String current, Console console) {
        this.before = before;
        this.current = current;
        this.console = console;
    }

    /** Prints the candidates for the last of these words. */
    static void print(List<String> words, Console console) {
        int last = words.size() - 1;
        var completion =
                new Completion(last < 0 ? List.of() : words.subList(0, last), last < 0 ? "" : words.get(last), console);
        try {
            completion.find();
        } catch (ClientException | UsageException e) {
            // What was found until then is worth showing.
        }
        completion.candidates.forEach((candidate, meaning) ->
                console.out().println(meaning.isEmpty() ? candidate : candidate + "\t" + meaning));
    }

    /** Those of all commands, the daemon's first. */
    static List<CommandSpec> specifications() {
        List<CommandSpec> specs = new ArrayList<>();
        specs.add(CompletionCommand.declared(new DaemonCommand(), Console.PROGRAM));
        for (Subcommand subcommand : Subcommand.values()) {
            specs.add(CompletionCommand.declared(subcommand.create(), subcommand.commandName()));
        }
        return specs;
    }

    /** Names are a server's: one that would be more than a line, or hold a tab, would forge candidates. */
    private void offer(String candidate, String meaning) {
        if (candidate.startsWith(current)
                && candidates.size() < MAX_CANDIDATES
                && CellText.line(candidate).equals(candidate)) {
            candidates.putIfAbsent(candidate, CellText.line(meaning));
        }
    }

    private void find() {
        Subcommand subcommand = Subcommand.of(before.toArray(new String[0])).orElse(null);
        if (subcommand != null) {
            CommandSpec spec = CompletionCommand.declared(subcommand.create(), subcommand.commandName());
            findArgument(spec, before.subList(subcommand.words(), before.size()));
            if (before.size() == 1) {
                offerSecondWords(); // history is a command, and the first word of others
            }
        } else if (before.isEmpty() || before.get(0).startsWith("-")) {
            if (before.isEmpty() && !current.startsWith("-")) {
                for (Subcommand candidate : Subcommand.values()) {
                    String name = candidate.commandName();
                    int space = name.indexOf(' ');
                    offer(space < 0 ? name : name.substring(0, space), space < 0 ? candidate.summary() : "");
                }
            } else {
                findArgument(CompletionCommand.declared(new DaemonCommand(), Console.PROGRAM), before);
            }
        } else if (before.size() == 1) {
            offerSecondWords();
        }
    }

    private void offerSecondWords() {
        for (Subcommand candidate : Subcommand.group(before.get(0))) {
            offer(candidate.commandName().substring(before.get(0).length() + 1), candidate.summary());
        }
    }

    /** An option, or the next positional argument by its label. */
    private void findArgument(CommandSpec spec, List<String> given) {
        List<String> positionals = new ArrayList<>();
        boolean isValue = false;
        for (String word : given) {
            OptionSpec option = isValue ? null : spec.findOption(word);
            if (!isValue && option == null && !word.startsWith("-")) {
                positionals.add(word);
            }
            isValue = option != null && option.arity().max() > 0;
        }
        if (isValue) {
            findValue(given.get(given.size() - 1));
            return;
        }
        if (current.startsWith("-")) {
            spec.options().forEach(option -> offer(option.longestName(), String.join(" ", option.description())));
            return;
        }
        for (PositionalParamSpec positional : spec.positionalParameters()) {
            if (positional.index().contains(positionals.size())) {
                findPositional(positional.paramLabel(), positionals, given);
                return;
            }
        }
    }

    /** Those of an option that are names which the specification gives. */
    private void findValue(String option) {
        switch (option) {
            case "--class" -> Shown.nodeClassNames().forEach(name -> offer(name, ""));
            case Aggregates.OPTION -> Aggregates.names().forEach(name -> offer(name, ""));
            case ReferenceTypes.OPTION -> ReferenceTypes.names().forEach(name -> offer(name, ""));
            case "--type" -> {
                for (BuiltinType type : BuiltinType.values()) {
                    offer(type.displayName(), "");
                }
            }
            default -> {}
        }
    }

    private void findPositional(String label, List<String> positionals, List<String> given) {
        switch (label) {
            case "SHELL" -> CompletionCommand.shells().forEach(shell -> offer(shell, ""));
            case "TARGET", "URL", "SESSION" -> {
                try (DaemonClient client = connect(given)) {
                    for (JsonValue.Obj session : client.list()) {
                        String url = Shown.plain(session.get("endpointUrl"));
                        if (label.equals("SESSION")) {
                            offer(Shown.plain(session.get("id")), url);
                            continue;
                        }
                        if (session.get("connection") instanceof JsonValue.Str name) {
                            offer(name.value(), url);
                        }
                        offer(url, "");
                    }
                }
            }
            case "NODE", "PATH", "OBJECT", "METHOD", "FILE", "DIR", "REMOTE", "PARENT", "SOURCE", "DESTINATION" -> {
                try (DaemonClient client = connect(given)) {
                    String session = session(client, positionals.get(0));
                    if (session != null) {
                        findNode(client, session);
                    }
                }
            }
            default -> {}
        }
    }

    /** The open session of a target; null if there is none. */
    private static @Nullable String session(DaemonClient client, String target) {
        for (JsonValue.Obj session : client.list()) {
            for (String member : List.of("id", "endpointUrl", "connection")) {
                if (Shown.plain(session.get(member)).equals(target)) {
                    return Shown.plain(session.get("id"));
                }
            }
        }
        return null;
    }

    private void findNode(DaemonClient client, String session) {
        if (current.isEmpty() || current.startsWith("/")) {
            int slash = current.lastIndexOf('/');
            String parent = slash <= 0 ? "" : current.substring(0, slash);
            Object start = parent.isEmpty() ? ROOT : client.query(session, "resolveNodeId", parent);
            for (JsonValue.Obj reference : below(client, session, start, 1)) {
                String name = Shown.qualifiedName(reference.get("browseName"));
                boolean other = before.get(0).equals("file")
                        && !Shown.nodeClass(reference.get("nodeClass")).equals("Object");
                if (name.indexOf('/') < 0 && !other) {
                    offer(parent + "/" + name, Shown.nodeClass(reference.get("nodeClass")));
                }
            }
            return;
        }
        boolean files = before.get(0).equals("file");
        for (JsonValue.Obj reference : below(client, session, "i=85", DEPTH_OF_IDS)) {
            if (files && !isFile(reference)) {
                continue;
            }
            offer(Shown.nodeId(reference.get("nodeId")), Shown.qualifiedName(reference.get("browseName")));
        }
    }

    /** A file or a directory by its type, of which a server may have subtypes. */
    private static boolean isFile(JsonValue.Obj reference) {
        String type = Shown.nodeId(reference.get("typeDefinition"));
        return Shown.nodeClass(reference.get("nodeClass")).equals("Object")
                && (type.equals(FILE_TYPE) || type.equals(DIRECTORY_TYPE) || type.startsWith("ns"));
    }

    private static List<JsonValue.Obj> below(DaemonClient client, String session, Object start, int depth) {
        List<JsonValue.Obj> references = new ArrayList<>();
        List<JsonValue.Obj> level = Shown.objects(
                client.query(session, "browseRecursive", start, 0, depth, HIERARCHICAL_REFERENCES, true, List.of()));
        while (!level.isEmpty()) {
            List<JsonValue.Obj> next = new ArrayList<>();
            for (JsonValue.Obj node : level) {
                if (node.get("reference") instanceof JsonValue.Obj reference) {
                    references.add(reference);
                }
                next.addAll(Shown.objects(node.get("children")));
            }
            level = next;
        }
        return references;
    }

    private Duration patience() {
        String given = console.environment().get(ENVIRONMENT);
        try {
            Duration patience = given == null ? PATIENCE : Seconds.parse(given);
            return patience.isZero() ? PATIENCE : patience;
        } catch (IllegalArgumentException e) {
            return PATIENCE;
        }
    }

    /** To the daemon that the line names, in the short time that somebody waits for a tab. */
    private DaemonClient connect(List<String> given) {
        CommandSpec spec = Syntax.specification(Console.PROGRAM);
        DaemonAccess.declare(spec);
        ParseResult options =
                Syntax.parser(spec).setUnmatchedArgumentsAllowed(true).parseArgs(given.toArray(new String[0]));
        DaemonAccess access = DaemonAccess.of(
                options,
                new Console(
                        console.out(), new PrintWriter(Writer.nullWriter()), console.environment(), question -> null));
        ClientOptions hasty = access.options().withConnectTimeout(patience()).withRequestTimeout(patience());
        return DaemonClient.connect(access.endpoint(), hasty);
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Makes a directory, and with {@code -p} those that it is to be in. */
final class FileMakeDirectoryCommand extends ServerCommand {
    private static final String PARENTS = "--parents";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                1,
                "DIR",
                "a path whose last step is new (/Objects/FileSystem/logs), or the directory that it is to be in"));
        spec.addPositional(Syntax.optionalArgument(2, "NAME", "its name in that directory; with -p also a/b/c"));
        spec.addOption(Syntax.flag("make those on the way too; one that is there is no error", PARENTS, "-p"));
    }

    @Override
    Work prepare(ParseResult given) {
        String text = given.matchedPositionalValue(1, "");
        String name = given.matchedPositionalValue(2, (String) null);
        boolean parents = given.hasMatchedOption(PARENTS);
        if (name == null && !text.startsWith("/")) {
            throw new UsageException("NAME: expected one behind " + text
                    + ": file mkdir TARGET DIR NAME, or a path whose last step is new");
        }
        Deque<String> below = new ArrayDeque<>();
        if (name != null) {
            below.addAll(parents ? List.of(name.split("/", -1)) : List.of(name));
            if (below.contains("")) {
                throw new UsageException("NAME: got " + name + ", expected a name" + (parents ? " such as a/b" : ""));
            }
        }
        return call -> make(call, text, below, parents);
    }

    private static ExitCode make(Call call, String text, Deque<String> below, boolean parents) {
        var files = new RemoteFiles(call);
        String start = text;
        RemoteFile found = files.existing("DIR", start);
        while (found == null
                && (below.isEmpty() || parents)
                && Destination.steps(start).size() > 1) {
            List<String> steps = Destination.steps(start);
            below.addFirst(Destination.name("DIR", steps.get(steps.size() - 1)));
            start = Destination.parent(start);
            found = files.existing("DIR", start);
        }
        if (found == null || !found.isDirectory()) {
            throw new UsageException("DIR: " + start
                    + (found == null ? " is not there" : " is " + found.kind().described())
                    + ", expected a directory" + (found == null && !parents ? "; -p makes those on the way" : "")
                    + " (nothing was sent)");
        }
        return make(call, files, found, below, parents);
    }

    private static ExitCode make(Call call, RemoteFiles files, RemoteFile start, Deque<String> names, boolean parents) {
        List<Map<String, @Nullable Object>> made = new ArrayList<>();
        Object directory = start.nodeId();
        if (names.isEmpty() && !parents) {
            throw new UsageException(
                    "DIR: " + start.name() + " (" + start.id() + ") is there already; -p takes it as it is");
        }
        boolean isNew = false;
        for (String name : names) {
            // Nothing is in what was made just now.
            RemoteFile existing = parents && !isNew ? files.child(directory, name) : null;
            if (existing != null) {
                directory = existingDirectory(existing);
                continue;
            }
            JsonValue created = create(call, directory, name);
            directory = created;
            isNew = true;
            made.add(Shown.members("nodeId", Shown.nodeId(created), "name", name));
            if (!call.json()) {
                call.printCut(Shown.nodeId(created) + "  made");
            }
        }
        if (call.json()) {
            call.printJson(Map.of("made", made));
        } else if (made.isEmpty()) {
            call.print("(it is there already)");
        }
        return ExitCode.OK;
    }

    private static JsonValue create(Call call, Object directory, String name) {
        call.about(name);
        try {
            return call.query("createDirectory", directory, name);
        } catch (RequestFailedException e) {
            throw FileFailure.named(e, name);
        }
    }

    private static Object existingDirectory(@Nullable RemoteFile existing) {
        if (existing == null || !existing.isDirectory()) {
            throw new UsageException("DIR: " + (existing == null ? "" : existing.name() + " (" + existing.id() + ")")
                    + " is no directory");
        }
        return existing.nodeId();
    }
}

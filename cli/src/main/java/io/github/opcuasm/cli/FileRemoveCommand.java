package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Deletes files, and directories with {@code -r}: whether all that was named may be deleted is looked at before the first one
 * is. The first failure ends it; what was deleted until then is printed.
 */
final class FileRemoveCommand extends ServerCommand {
    private static final String RECURSIVE = "--recursive";

    /** What is deleted, and the directory that does it. */
    private record Item(RemoteFile file, Object directory) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.arguments(1, "FILE", "files, by node id or path"));
        spec.addOption(Syntax.flag("directories too, with all that is in them", RECURSIVE, "-r"));
    }

    @Override
    Work prepare(ParseResult given) {
        List<String> names = given.matchedPositionalValue(1, List.of());
        boolean recursive = given.hasMatchedOption(RECURSIVE);
        return call -> {
            List<Item> items = items(new RemoteFiles(call), names, recursive);
            List<Map<String, @Nullable Object>> deleted = new ArrayList<>();
            try {
                for (Item item : items) {
                    delete(call, item);
                    deleted.add(Shown.members(
                            "nodeId", item.file().id(), "name", item.file().name()));
                    if (!call.json()) {
                        call.printCut(item.file().id() + "  deleted");
                    }
                }
            } finally {
                if (call.json()) {
                    call.printJson(Map.of("deleted", deleted));
                }
            }
            return ExitCode.OK;
        };
    }

    private static void delete(Call call, Item item) {
        call.about(item.file().id());
        try {
            Object unused = call.query(
                    "deleteFileSystemObject", item.directory(), item.file().nodeId());
        } catch (RequestFailedException e) {
            throw FileFailure.deleted(e, item.file());
        }
    }

    private static List<Item> items(RemoteFiles files, List<String> names, boolean recursive) {
        List<Item> items = new ArrayList<>();
        for (String name : names) {
            RemoteFile file = files.named("FILE", name);
            if (file.kind() == RemoteFile.Kind.OTHER) {
                throw new UsageException("FILE: got " + name + ", which is neither a file nor a directory (nothing was"
                        + " sent): `node delete` deletes other nodes");
            }
            if (file.isDirectory() && !recursive) {
                throw new UsageException("FILE: got " + name
                        + ", which is a directory: -r deletes it with all that is in it (nothing was" + " sent)");
            }
            items.add(new Item(file, files.directoryOf("FILE", file)));
        }
        return items;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Moves or copies a file, or a directory with all that is in it, within one server; the server does it by itself. */
final class FileMoveCommand extends ServerCommand {
    private static final String NAME = "--name";

    private final boolean copies;

    /** @param copies or else moves */
    FileMoveCommand(boolean copies) {
        this.copies = copies;
    }

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "SOURCE", "a file or a directory, by node id or path"));
        spec.addPositional(Syntax.argument(
                2, "DESTINATION", "a directory, or a path whose last step is new and what it is called then"));
        spec.addOption(Syntax.value("NAME", "what it is called in the directory (as before)", NAME));
    }

    private JsonValue move(Call call, Object directory, RemoteFile file, Destination destination) {
        call.about(file.id());
        try {
            return call.query(
                    "moveOrCopyFileSystemObject",
                    directory,
                    file.nodeId(),
                    destination.directory(),
                    copies,
                    destination.name());
        } catch (RequestFailedException e) {
            throw FileFailure.moved(e, file, destination.name());
        }
    }

    @Override
    Work prepare(ParseResult given) {
        String source = given.matchedPositionalValue(1, "");
        String to = given.matchedPositionalValue(2, "");
        String name = given.matchedOptionValue(NAME, "");
        return call -> {
            var files = new RemoteFiles(call);
            RemoteFile file = files.named("SOURCE", source);
            if (file.kind() == RemoteFile.Kind.OTHER) {
                throw new UsageException("SOURCE: got " + source + ", which is neither a file nor a directory");
            }
            Destination destination = Destination.of(files, "DESTINATION", to, name.isEmpty() ? file.name() : name);
            if (!destination.isInNamedDirectory() && !name.isEmpty()) {
                throw new UsageException(
                        NAME + " is for a directory, got " + to + " as DESTINATION (nothing was sent)");
            }
            RemoteFile existing = destination.existing();
            if (existing != null || destination.directory() == null) {
                throw new UsageException("DESTINATION: there is " + destination.name()
                        + (existing == null ? "" : " (" + existing.id() + ")")
                        + " already: choose another name, or `file rm` it first (nothing was sent)");
            }
            JsonValue created = move(call, files.directoryOf("SOURCE", file), file, destination);
            String id = Shown.nodeId(created);
            if (call.json()) {
                call.printJson(Shown.members("source", file.id(), "nodeId", id, "name", destination.name()));
            } else {
                call.printCut(id + "  " + (copies ? "copied" : "moved"));
            }
            return ExitCode.OK;
        };
    }
}

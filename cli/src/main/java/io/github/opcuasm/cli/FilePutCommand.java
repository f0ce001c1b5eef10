package io.github.opcuasm.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Copies a file of ours, or standard input, to a server. */
final class FilePutCommand extends ServerCommand {
    private static final String NAME = "--name";
    private static final String APPEND = "--append";
    private static final String RESUME = "--resume";
    private static final String FORCE = "--force";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "LOCAL", "the file, or - for standard input"));
        spec.addPositional(
                Syntax.argument(
                        2,
                        "REMOTE",
                        "where it goes: a directory, a path whose last step is new, or a file that is there (with --force, --append or --resume)"));
        spec.addOption(Syntax.value("NAME", "what it is called in the directory (as here)", NAME));
        spec.addOption(Syntax.flag("at the end of what is there", APPEND));
        spec.addOption(Syntax.flag("go on at the end of what is there, after comparing it with LOCAL", RESUME));
        spec.addOption(Syntax.flag("write over what is there", FORCE));
        ChunkSize.declare(spec);
    }

    @Override
    ExitCode[] exitCodes() {
        return new ExitCode[] {ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.INTERRUPTED};
    }

    @Override
    Work prepare(ParseResult given) {
        String text = given.matchedPositionalValue(1, "");
        String remote = given.matchedPositionalValue(2, "");
        boolean standard = text.equals(FileGetCommand.STANDARD);
        Path local = standard ? null : SessionOption.path("LOCAL", text);
        if (local != null) {
            LocalFile.checkReadable(local);
        }
        FileUpload.Manner manner = manner(given);
        if (standard && manner == FileUpload.Manner.RESUME) {
            throw new UsageException(RESUME + ": expected a file as LOCAL beside it, not standard input");
        }
        String own = local == null ? "" : String.valueOf(local.getFileName());
        String name = given.matchedOptionValue(NAME, own);
        ChunkSize chunk = ChunkSize.of(given);
        return call -> {
            var files = new RemoteFiles(call);
            Destination destination = Destination.of(files, "REMOTE", remote, name);
            if (!destination.isInNamedDirectory() && given.hasMatchedOption(NAME)) {
                throw new UsageException(NAME + " is for a directory, got " + remote + " as REMOTE (nothing was sent)");
            }
            if (destination.name().isEmpty()) {
                throw new UsageException("REMOTE: " + remote + " is a directory: give the file's name with " + NAME);
            }
            String words = FileUpload.words(call.target(), text, remote)
                    + (given.hasMatchedOption(NAME) ? " " + FileUpload.words(NAME, name) : "");
            return new FileUpload(call, files, local, destination, words).run(manner, chunk);
        };
    }

    private static FileUpload.Manner manner(ParseResult given) {
        boolean append = given.hasMatchedOption(APPEND);
        boolean resume = given.hasMatchedOption(RESUME);
        boolean force = given.hasMatchedOption(FORCE);
        if ((append && resume) || (append && force) || (resume && force)) {
            throw new UsageException(APPEND + ", " + RESUME + " and " + FORCE + " exclude each other");
        }
        return append
                ? FileUpload.Manner.APPEND
                : resume ? FileUpload.Manner.RESUME : force ? FileUpload.Manner.REPLACE : FileUpload.Manner.CREATE;
    }
}

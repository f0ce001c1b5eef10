package io.github.opcuasm.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Copies a file of a server into one of ours, or to standard output. */
final class FileGetCommand extends ServerCommand {
    private static final String RESUME = "--resume";
    private static final String FORCE = "--force";

    /** What stands for standard output and input. */
    static final String STANDARD = "-";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(
                Syntax.argument(1, "FILE", "node id (ns=2;s=Files/log.txt) or path (/Objects/FileSystem/log.txt)"));
        spec.addPositional(Syntax.optionalArgument(
                2, "LOCAL", "where it goes: a file, a directory, or - for standard output (its name, here)"));
        spec.addOption(Syntax.flag("go on with LOCAL.part, if there is one, after comparing its end", RESUME));
        spec.addOption(Syntax.flag("write over what is there", FORCE));
        ChunkSize.declare(spec);
    }

    @Override
    ExitCode[] exitCodes() {
        return new ExitCode[] {ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.INTERRUPTED};
    }

    @Override
    Work prepare(ParseResult given) {
        String file = given.matchedPositionalValue(1, "");
        String local = given.matchedPositionalValue(2, (String) null);
        boolean resume = given.hasMatchedOption(RESUME);
        boolean force = given.hasMatchedOption(FORCE);
        ChunkSize chunk = ChunkSize.of(given);
        if (STANDARD.equals(local)) {
            refuse(given, RESUME);
            refuse(given, "--json");
            return call -> FileDownload.toStandardOutput(call, new RemoteFiles(call).file("FILE", file), chunk);
        }
        Path path = local == null ? null : SessionOption.path("LOCAL", local);
        if (local != null && path != null && !Files.isDirectory(path)) {
            LocalFile.checkWritable(path, local);
            refuseExisting(path, force);
        }
        return call -> {
            RemoteFile remote = new RemoteFiles(call).file("FILE", file);
            Path target = target(path, remote);
            refuseExisting(target, force);
            return new FileDownload(call, remote, file, target, chunk).run(resume, force);
        };
    }

    private static void refuse(ParseResult given, String option) {
        if (given.hasMatchedOption(option)) {
            throw new UsageException(option + ": expected a file as LOCAL beside it, not standard output");
        }
    }

    private static void refuseExisting(Path path, boolean force) {
        if (Files.isDirectory(path)) {
            throw new UsageException("LOCAL: " + path + " is a directory: give another name");
        }
        if (!force && Files.exists(path)) {
            throw new UsageException("LOCAL: " + path + " exists: " + FORCE + " writes over it");
        }
    }

    /** What a server calls a file may lead anywhere. */
    private static Path target(@Nullable Path given, RemoteFile remote) {
        if (given != null && !Files.isDirectory(given)) {
            return given;
        }
        String name = remote.name();
        if (name.isEmpty()
                || name.matches("\\.{1,2}")
                || !name.equals(CellText.line(name))
                || name.matches(".*[/\\\\].*")) {
            throw new UsageException(
                    "LOCAL: the server calls the file " + CellText.line(name) + ", which is no name here: give one");
        }
        Path named = SessionOption.path("LOCAL", name);
        return given == null ? named : given.resolve(named);
    }
}

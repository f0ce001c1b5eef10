package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows what is in a directory of a server, or what a file is. */
final class FileListCommand extends ServerCommand {
    /** Objects/FileSystem (Part 20, 4.3.1): servers that have it keep their files there. */
    private static final String FILE_SYSTEM = "i=16314";

    /** How far down from Objects directories are looked for. */
    private static final int DEPTH = 4;

    private static final int MAX_SHOWN = 10;

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.optionalArgument(
                1, "DIR", "a directory or a file, by node id or path (/Objects/FileSystem, the server's own)"));
    }

    @Override
    Work prepare(ParseResult given) {
        String directory = given.matchedPositionalValue(1, (String) null);
        return call -> {
            var files = new RemoteFiles(call);
            RemoteFile found = directory == null ? fileSystem(call, files) : files.named("DIR", directory);
            return switch (found.kind()) {
                case DIRECTORY -> {
                    List<RemoteFile> inside = sorted(files.in(found.nodeId()));
                    String elsewhere = directory == null && inside.isEmpty() && !call.json() ? hint(files) : "";
                    yield list(call, found, inside, elsewhere);
                }
                case FILE -> show(call, found);
                case OTHER ->
                    throw new UsageException("DIR: got " + (directory == null ? found.id() : directory)
                            + ", which is neither a file nor a directory" + hint(files));
            };
        };
    }

    private static RemoteFile fileSystem(Call call, RemoteFiles files) {
        List<JsonValue.Obj> answers =
                Shown.objects(call.query("readMulti", List.of(Map.of("nodeId", FILE_SYSTEM, "attributeId", 1))));
        if (!answers.isEmpty() && !Shown.status(answers.get(0)).isBad()) {
            return files.of(FILE_SYSTEM);
        }
        throw new UsageException(
                "DIR: the server has no FileSystem (" + FILE_SYSTEM + "): name a directory" + hint(files));
    }

    private static String hint(RemoteFiles files) {
        List<RemoteFile> directories = files.directories(DEPTH);
        if (directories.isEmpty()) {
            return "; none is found on the first " + DEPTH + " levels below Objects";
        }
        List<String> names = new ArrayList<>();
        directories.stream()
                .limit(MAX_SHOWN)
                .forEach(directory -> names.add(directory.name() + " (" + FileUpload.words(directory.id()) + ")"));
        return "; there are " + String.join(", ", names) + (directories.size() > MAX_SHOWN ? ", …" : "");
    }

    private static List<RemoteFile> sorted(List<RemoteFile> files) {
        return files.stream().sorted(Comparator.comparing(RemoteFile::name)).toList();
    }

    /** @param elsewhere where there are files if there are none here */
    private static ExitCode list(Call call, RemoteFile directory, List<RemoteFile> files, String elsewhere) {
        if (call.json()) {
            Map<String, @Nullable Object> answer = new LinkedHashMap<>(directory.members());
            answer.put("files", files.stream().map(RemoteFile::members).toList());
            call.printJson(answer);
            return ExitCode.OK;
        }
        if (files.isEmpty()) {
            call.print(CellText.line("(no files in " + directory.name() + elsewhere + ")"));
            return ExitCode.OK;
        }
        var table = new Table("NAME", "TYPE", "SIZE", "WRITABLE", "NODE").cuttingAtBegin(4);
        for (RemoteFile file : files) {
            boolean isFile = file.kind() == RemoteFile.Kind.FILE;
            table.row(
                    file.name(),
                    file.kind().shown(),
                    isFile && file.size() >= 0 ? Long.toString(file.size()) : "-",
                    isFile ? yes(file.isWritable()) : "-",
                    file.id());
        }
        table.print(call.console());
        return ExitCode.OK;
    }

    private static ExitCode show(Call call, RemoteFile file) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>(file.members());
        members.put("openCount", file.properties().get(RemoteFile.OPEN_COUNT));
        members.put("mimeType", file.properties().get(RemoteFile.MIME_TYPE));
        members.put("lastModifiedTime", file.properties().get(RemoteFile.LAST_MODIFIED));
        members.put("maxByteStringLength", file.properties().get(RemoteFile.MAX_BYTE_STRING_LENGTH));
        if (call.json()) {
            call.printJson(members);
            return ExitCode.OK;
        }
        var table = new Table().keepingAll();
        members.forEach((name, value) -> {
            String text =
                    value == null ? "null" : value instanceof Boolean flag ? yes(flag) : Shown.plain(Json.of(value));
            if (!text.equals("null")) {
                table.row(name, text);
            }
        });
        table.print(call.console());
        return ExitCode.OK;
    }

    private static String yes(@Nullable Boolean flag) {
        return flag == null ? "-" : flag ? "yes" : "no";
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file of ours to a server, one chunk after the other. None is sent twice: what became of one whose answer never
 * came nobody knows, so that is where it ends. To go on, the end of what the server has is compared with ours, and what
 * follows is written behind it.
 */
final class FileUpload {
    /** What to do about a file that is there. */
    enum Manner {
        /** It is left alone. */
        CREATE,
        REPLACE,
        APPEND,
        RESUME
    }

    /** The way out where a server wants a file closed first. */
    static final String IS_OPEN =
            "; it is open already, perhaps by a program that forgot it: the end of its session closes it (`"
                    + Console.PROGRAM + " list` shows the sessions, `close SESSION --force` ends one)";

    private final Call call;
    private final RemoteFiles files;
    private final @Nullable Path local;
    private final Destination destination;
    private final String words;
    private @Nullable RemoteFile appendedTo;

    /**
     * @param local null for standard input
     * @param words of the command line, with which it goes on
     */
    FileUpload(Call call, RemoteFiles files, @Nullable Path local, Destination destination, String words) {
        this.call = call;
        this.files = files;
        this.local = local;
        this.destination = destination;
        this.words = words;
    }

    ExitCode run(Manner manner, ChunkSize chunk) {
        RemoteFile existing = destination.existing();
        appendedTo = manner == Manner.APPEND ? existing : null;
        if (existing != null) {
            check(existing, manner);
        }
        try (var interruption = Interruption.install();
                InputStream input = local == null ? call.console().in() : new FileInputStream(local.toFile());
                var meter = new TransferMeter(call.console(), local == null ? -1 : Files.size(local))) {
            OpenFile open = existing == null ? create(interruption) : open(interruption, existing, manner);
            if (open == null) {
                return ExitCode.INTERRUPTED;
            }
            try {
                RemoteFile remote = files.of(open.nodeId());
                ExitCode code = send(open, remote, input, manner, chunk.writing(call, remote), interruption, meter);
                if (code == ExitCode.OK) {
                    open.close();
                    report(remote, meter);
                }
                return code;
            } catch (ClientException e) {
                throw new AdvisedException(e, howToGoOn(meter));
            } finally {
                open.abandon();
            }
        } catch (IOException e) {
            throw new TransferException(
                    "cannot read " + (local == null ? "standard input" : local) + ": " + LocalFile.reason(e));
        }
    }

    private void check(RemoteFile existing, Manner manner) {
        if (existing.isDirectory()) {
            throw new UsageException("REMOTE: " + destination.name() + " is a directory there (" + existing.id()
                    + "): choose another name with --name");
        }
        if (manner == Manner.CREATE) {
            throw new UsageException("REMOTE: there is a file " + destination.name() + " (" + existing.id()
                    + "): --force writes over it"
                    + (local == null ? "" : ", --resume goes on after an interruption")
                    + ", --append adds all of " + (local == null ? "standard input" : "it") + " behind it");
        }
    }

    private OpenFile create(Interruption interruption) {
        JsonValue.Obj created;
        call.about(destination.name());
        try {
            created = DataTypes.object(
                    call.query("createFileInDirectory", destination.directory(), destination.name(), true, true));
        } catch (RequestFailedException e) {
            throw FileFailure.named(e, destination.name());
        }
        JsonValue nodeId = created.get("fileNodeId");
        JsonValue handle = created.get("fileHandle");
        if (nodeId == null || handle == null) {
            throw new TransferException("the daemon gave neither node nor handle of the new file " + destination.name()
                    + ": `file ls` shows whether it is there");
        }
        return new OpenFile(call, interruption, nodeId, handle);
    }

    private @Nullable OpenFile open(Interruption interruption, RemoteFile existing, Manner manner) {
        int mode = switch (manner) {
            case APPEND -> OpenFile.WRITE + OpenFile.APPEND;
            case RESUME -> OpenFile.READ + OpenFile.WRITE;
            case CREATE, REPLACE -> OpenFile.WRITE + OpenFile.ERASE_EXISTING;
        };
        try {
            return OpenFile.open(call, interruption, existing.nodeId(), mode);
        } catch (RequestFailedException e) {
            throw new AdvisedException(e, whyNotOpened(existing, e));
        }
    }

    /** What may be the reason that a server opens a file for nobody. */
    static String whyNotOpened(RemoteFile file, RequestFailedException e) {
        if (e.status().isEmpty()) {
            return "";
        }
        if (file.openCount() > 0) {
            return IS_OPEN;
        }
        return Boolean.FALSE.equals(file.isWritable())
                ? "; the server says that this user may not write it (Writable, UserWritable)"
                : "";
    }

    private ExitCode send(
            OpenFile open,
            RemoteFile remote,
            InputStream input,
            Manner manner,
            int chunk,
            Interruption interruption,
            TransferMeter meter)
            throws IOException {
        if (manner == Manner.RESUME && remote.size() != 0 && !isBegun(open, remote, input, meter)) {
            return stopped(meter);
        }
        long begin = manner == Manner.RESUME || manner == Manner.APPEND ? open.position() : 0;
        byte[] buffer = new byte[chunk];
        while (true) {
            int length = input.readNBytes(buffer, 0, chunk);
            if (length == 0) {
                break;
            }
            if (interruption.isRequested() || !open.write(buffer, length)) {
                return stopped(meter);
            }
            meter.add(length);
        }
        long end = open.position();
        if (begin >= 0 && end >= 0 && end != begin + meter.copied()) {
            throw new TransferException(remote.name() + " (" + remote.id() + "): the server is at byte " + end
                    + ", expected " + (begin + meter.copied()) + ": it did not take all of it");
        }
        return ExitCode.OK;
    }

    private ExitCode stopped(TransferMeter meter) {
        call.console().complain("interrupted" + howToGoOn(meter));
        return ExitCode.INTERRUPTED;
    }

    /** Whether what the server has is a beginning of ours, behind which both are then; false for the interruption. */
    private boolean isBegun(OpenFile open, RemoteFile remote, InputStream input, TransferMeter meter)
            throws IOException {
        Path ours = local;
        long size = remote.size();
        if (ours == null || size < 0) {
            throw new TransferException(
                    "the server does not say how much it has of " + remote.name() + ": --force writes all of it anew");
        }
        int length = (int) Math.min(size, FileDownload.COMPARED);
        byte[] expected = new byte[length];
        boolean begun = size <= Files.size(ours);
        if (begun) {
            try (var file = new RandomAccessFile(ours.toFile(), "r")) {
                file.seek(size - length);
                file.readFully(expected);
            }
            open.position(size - length);
            byte[] theirs = open.readFully(length);
            if (theirs == null) {
                return false;
            }
            begun = Arrays.equals(expected, theirs);
        }
        if (!begun) {
            throw new TransferException(remote.name() + " (" + remote.id() + "), of " + size
                    + " bytes, is no beginning of " + ours + ": --force writes all of it anew");
        }
        input.skipNBytes(size);
        meter.beginAt(size);
        return true;
    }

    private void report(RemoteFile remote, TransferMeter meter) {
        if (!call.json()) {
            call.print(CellText.line(remote.id()) + "  " + meter.summary());
            return;
        }
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("name", remote.name());
        answer.put("nodeId", remote.id());
        answer.put("local", local == null ? null : local.toString());
        answer.put("bytes", meter.bytes());
        answer.put("copied", meter.copied());
        answer.put("seconds", Math.round(meter.seconds() * 1e3) / 1e3);
        call.printJson(answer);
    }

    private String howToGoOn(TransferMeter meter) {
        String took = ": the server took " + meter.bytes() + " bytes";
        if (local == null) {
            return took + " of standard input, which cannot be gone on with: look at what is there (`file ls`), then"
                    + " send " + (appendedTo != null ? "what is missing with --append" : "all of it with --force");
        }
        RemoteFile existing = appendedTo;
        if (existing != null) {
            return took + "; `tail -c +" + (meter.bytes() + 1) + " "
                    + words(local.toString()) + " | " + Console.PROGRAM + " file put "
                    + words(call.target(), FileGetCommand.STANDARD, existing.id())
                    + " --append` goes on, once `file ls` shows that they are there";
        }
        return took + "; `" + Console.PROGRAM + " file put " + words + " --resume` goes on";
    }

    /** As a shell takes them. */
    static String words(String... words) {
        List<String> quoted = new ArrayList<>();
        for (String word : words) {
            quoted.add(word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return String.join(" ", quoted);
    }
}

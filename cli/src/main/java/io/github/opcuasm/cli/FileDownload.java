package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file of a server into {@code LOCAL.part}, which becomes {@code LOCAL} once it is complete; what there was of it
 * stays if anything comes between. It is read until the server gives nothing more, since files may grow meanwhile, a chunk
 * at a time: the next one is under way while the last one is written.
 *
 * <p>To go on, the last bytes of the part are compared with the server's, since a file that has changed would be put together
 * of two. A chunk that is too large for an answer is asked for again with half the length.
 */
final class FileDownload {
    /** How much of the end of a part is compared. */
    static final int COMPARED = 64 * 1024;

    private static final int SMALLEST_CHUNK = 1_024;
    private static final Set<String> TOO_LARGE =
            Set.of("Bad_ResponseTooLarge", "Bad_EncodingLimitsExceeded", "Bad_TcpMessageTooLarge", "Bad_OutOfMemory");

    private final Call call;
    private final RemoteFile remote;
    private final String named;
    private final Path local;
    private final Path part;
    private int chunk;

    /** @param named the file as it was named */
    FileDownload(Call call, RemoteFile remote, String named, Path local, ChunkSize chunk) {
        this.call = call;
        this.remote = remote;
        this.named = named;
        this.local = local;
        this.part = local.resolveSibling(local.getFileName() + ".part");
        this.chunk = chunk.reading(remote);
    }

    static ExitCode toStandardOutput(Call call, RemoteFile remote, ChunkSize chunk) {
        var download = new FileDownload(call, remote, "", Path.of("-"), chunk);
        OutputStream output = call.console().bytes();
        try (var interruption = Interruption.install();
                var meter = new TransferMeter(call.console(), remote.size())) {
            OpenFile open = download.open(interruption);
            if (open == null) {
                return ExitCode.INTERRUPTED;
            }
            try {
                if (download.receive(open, output, meter)) {
                    return ExitCode.OK;
                }
                call.console()
                        .complain(
                                "interrupted: " + meter.bytes()
                                        + " bytes were written to standard output; to a file `file get` can go on with --resume");
                return ExitCode.INTERRUPTED;
            } finally {
                open.abandon();
            }
        } catch (IOException e) {
            if (PipeWatch.standardOutputIsPipe()) {
                return ExitCode.READER_GONE;
            }
            throw new UncheckedIOException("standard output: " + e.getMessage(), e);
        }
    }

    /**
     * Copies it.
     *
     * @param resume go on with a part that is there
     * @param force write over a part, or a file, that is there
     */
    ExitCode run(boolean resume, boolean force) {
        if (Files.isDirectory(part)) {
            throw new UsageException(
                    "LOCAL: " + part + ", which it is to be copied into, is a directory: name another file");
        }
        if (!resume && !force && Files.exists(part)) {
            throw new UsageException("LOCAL: " + part
                    + " is there, of an earlier time: --resume goes on with it, --force" + " begins anew");
        }
        try (var interruption = Interruption.install();
                var meter = new TransferMeter(call.console(), remote.size())) {
            OpenFile open = open(interruption);
            if (open == null) {
                return ExitCode.INTERRUPTED;
            }
            try {
                boolean complete = receive(open, resume, meter);
                if (!complete) {
                    call.console().complain("interrupted" + howToGoOn());
                    return ExitCode.INTERRUPTED;
                }
            } catch (ClientException e) {
                throw new AdvisedException(e, howToGoOn());
            } catch (IOException e) {
                throw new TransferException("cannot write " + part + ": " + LocalFile.reason(e) + howToGoOn());
            } finally {
                open.abandon();
            }
            rename(force);
            report(meter);
            return ExitCode.OK;
        }
    }

    private @Nullable OpenFile open(Interruption interruption) {
        try {
            return OpenFile.open(call, interruption, remote.nodeId(), OpenFile.READ);
        } catch (RequestFailedException e) {
            throw new AdvisedException(e, FileUpload.whyNotOpened(remote, e));
        }
    }

    private boolean receive(OpenFile open, boolean resume, TransferMeter meter) throws IOException {
        long begin = resume && Files.exists(part) ? Files.size(part) : 0;
        if (begin > 0 && !isSame(open, begin)) {
            return false;
        }
        meter.beginAt(begin);
        try (OutputStream output = new FileOutputStream(part.toFile(), begin > 0)) {
            return receive(open, output, meter);
        }
    }

    /** Whether the end of the part is what the server has there, with which the position is behind it; false for the interruption. */
    private boolean isSame(OpenFile open, long begin) throws IOException {
        int length = (int) Math.min(begin, COMPARED);
        byte[] ours = new byte[length];
        try (var file = new RandomAccessFile(part.toFile(), "r")) {
            file.seek(begin - length);
            file.readFully(ours);
        }
        open.position(begin - length);
        byte[] theirs = open.readFully(length);
        if (theirs == null) {
            return false;
        }
        if (!Arrays.equals(ours, theirs)) {
            throw new TransferException(part + " is no beginning of " + remote.name() + " (" + remote.id()
                    + "): one of them has changed since; --force without --resume begins anew");
        }
        return true;
    }

    /** Reads to the end; false for the interruption. */
    private boolean receive(OpenFile open, OutputStream output, TransferMeter meter) throws IOException {
        CompletableFuture<JsonValue> next = open.read(chunk);
        try {
            while (true) {
                byte[] bytes;
                try {
                    bytes = open.bytes(next);
                } catch (RequestFailedException e) {
                    if (!isTooLarge(e) || chunk <= SMALLEST_CHUNK) {
                        throw e;
                    }
                    chunk /= 2;
                    open.position(meter.bytes());
                    next = open.read(chunk);
                    continue;
                }
                if (bytes == null || bytes.length == 0) {
                    output.flush();
                    return bytes != null;
                }
                next = open.read(chunk);
                output.write(bytes);
                meter.add(bytes.length);
            }
        } finally {
            next.cancel(false);
        }
    }

    private static boolean isTooLarge(RequestFailedException e) {
        return e.status().filter(status -> TOO_LARGE.contains(status.name())).isPresent();
    }

    private void rename(boolean force) {
        try {
            Path unused =
                    force ? Files.move(part, local, StandardCopyOption.REPLACE_EXISTING) : Files.move(part, local);
        } catch (FileAlreadyExistsException e) {
            throw new TransferException(
                    local + " was made meanwhile: the whole file is in " + part + "; move it where you want it");
        } catch (IOException e) {
            throw new TransferException("cannot rename " + part + " to " + local + " (" + e.getMessage()
                    + "): the whole file is in " + part);
        }
    }

    private void report(TransferMeter meter) {
        long expected = remote.size();
        if (call.json()) {
            Map<String, @Nullable Object> answer = new LinkedHashMap<>(remote.members());
            answer.put("local", local.toString());
            answer.put("bytes", meter.bytes());
            answer.put("copied", meter.copied());
            answer.put("seconds", Math.round(meter.seconds() * 1e3) / 1e3);
            call.printJson(answer);
        } else {
            call.print(CellText.line(local.toString()) + "  " + meter.summary());
        }
        if (expected >= 0 && expected != meter.bytes() && !call.json()) {
            call.console().out().flush();
            call.console()
                    .complain(remote.name() + ": it had " + expected + " bytes at the beginning and "
                            + meter.bytes() + " at the end: somebody "
                            + (meter.bytes() > expected ? "added to it" : "cut it off")
                            + " meanwhile");
        }
    }

    /** What there is, and the command that goes on. */
    private String howToGoOn() {
        try {
            long bytes = Files.size(part);
            return ": " + bytes + " bytes are in " + part + "; `" + Console.PROGRAM + " file get "
                    + FileUpload.words(call.target(), named, local.toString()) + " --resume` goes on";
        } catch (IOException e) {
            return "";
        }
    }
}

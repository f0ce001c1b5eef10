package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.jspecify.annotations.Nullable;

/**
 * One read of an open file: in as many calls, one after the other, as the length takes.
 *
 * <p>It ends early, with what there is, at the end of the file; when another call would exceed a bound of its own (bytes,
 * calls, memory of the daemon, half of its time); and when the server refuses one but the first. In none of these cases
 * are bytes lost: the position is behind those that are given. Only when an answer does not come at all may the server have
 * moved on without anybody having seen what it read; then the read fails and says so.
 */
final class FileReading {
    /** What one call asks for at most, whatever the server takes. */
    static final int MAX_CALL_BYTES = 1024 * 1024;
    /** What one read gives at most. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final int MAX_CALLS = 1024;
    /** Bytes are copied when they are put together. Text, in two bytes a character, twice. */
    private static final int COPIES = 2;

    private static final int COPIES_OF_TEXT = 5;

    private final FileCalls calls;
    private final CallContext context;
    private final FileOperation operation;
    private final OpenFiles.OpenFile file;
    private final int length;
    private final int callBytes;
    private final GatheredPages.Share share;
    private final Duration halfTime;
    private final List<byte[]> parts = new ArrayList<>(1);
    private int size;

    /**
     * @param length how many bytes are wanted
     * @param callBytes how many one call may ask for
     */
    FileReading(
            FileCalls calls,
            CallContext context,
            FileOperation operation,
            OpenFiles.OpenFile file,
            int length,
            int callBytes,
            GatheredPages.Share share) {
        this.calls = calls;
        this.context = context;
        this.operation = operation;
        this.file = file;
        this.length = Math.min(length, MAX_BYTES);
        this.callBytes = callBytes;
        this.share = share;
        this.halfTime = context.left().dividedBy(2);
    }

    /** The bytes; none at the end of the file. */
    CompletableFuture<byte[]> bytes() {
        return share.endWith(all().thenApply(done -> joined()));
    }

    /** The same as text: complete characters only, the position is set back before one that is cut. */
    CompletableFuture<String> text() {
        return share.endWith(all().thenCompose(done -> {
            byte[] bytes = joined();
            FileText text;
            try {
                text = FileText.of(bytes);
            } catch (FileText.NotTextException e) {
                return setBack(bytes.length).thenApply(refusal -> {
                    throw notText(
                            e.getMessage() + " of those that were read fits no UTF-8",
                            refusal == null
                                    ? "the position is where it was"
                                    : "the position is behind the " + bytes.length
                                            + " bytes that were read, since the server does not set it back ("
                                            + refusal.messageText() + ")");
                });
            }
            if (text.cut() == 0) {
                return CompletableFuture.completedFuture(text.text());
            }
            return setBack(text.cut()).thenApply(refusal -> {
                if (refusal != null) {
                    file.rest().putBack(Arrays.copyOfRange(bytes, bytes.length - text.cut(), bytes.length));
                }
                if (text.text().isEmpty()) {
                    throw notText(
                            "the " + text.cut() + " bytes that were read are only part of a character; "
                                    + "read 4 or more, unless the file ends here",
                            "the position is where it was");
                }
                return text.text();
            });
        }));
    }

    /** What the read before left, and what the server gives. */
    private CompletableFuture<Void> all() {
        byte[] left = file.rest().take(length);
        if (left.length > 0) {
            parts.add(left);
            size = left.length;
        }
        CompletableFuture<Void> gathered =
                size == length ? CompletableFuture.completedFuture(null) : gather(left.length);
        return gathered.whenComplete((done, failure) -> {
            if (failure != null) {
                file.rest().putBack(left);
            }
        });
    }

    /** @param enough with more bytes than these, a refusal only ends the read */
    private CompletableFuture<Void> gather(int enough) {
        int asked = Math.min(length - size, callBytes);
        CompletableFuture<FileCalls.Outputs> answer;
        try {
            share.add((long) asked * (context.isInBytes() ? COPIES : COPIES_OF_TEXT));
            answer = calls.onOpen(
                    context, operation, file, FileMethod.READ, FileCalls.handleOf(file), Variant.ofInt32(asked));
        } catch (CommandException e) {
            // In the future, so that whatever is held is given back.
            return size > enough ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(e);
        }
        return answer.handle((outputs, failure) -> {
                    if (outputs != null) {
                        return take(asked, outputs, enough);
                    }
                    if (isRefusal(failure) && size > enough) {
                        return CompletableFuture.<Void>completedFuture(null);
                    }
                    return CompletableFuture.<Void>failedFuture(positionUnknown(failure));
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<Void> take(int asked, FileCalls.Outputs outputs, int enough) {
        Object value = outputs.value(0);
        byte[] data =
                value == null ? new byte[0] : outputs.get(0, ByteString.class).bytesOrEmpty();
        if (data.length > asked) {
            throw operation.refused(
                    "the server gave " + data.length + " bytes where " + asked
                            + " were asked for; set the position before reading on",
                    StatusCodes.Bad_UnexpectedError);
        }
        parts.add(data);
        size += data.length;
        boolean over = data.length < asked
                || size == length
                || parts.size() == MAX_CALLS
                || context.left().compareTo(halfTime) < 0;
        return over ? CompletableFuture.completedFuture(null) : gather(enough);
    }

    private byte[] joined() {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream(size);
        parts.forEach(all::writeBytes);
        parts.clear();
        return all.toByteArray();
    }

    /**
     * Takes back the last bytes, and what is still left of the read before.
     *
     * @return null, or what the server refused it with: then the position is behind them
     */
    private CompletableFuture<@Nullable CommandException> setBack(int bytes) {
        BigInteger ahead = BigInteger.valueOf((long) bytes + file.rest().size());
        return calls.onOpen(context, operation, file, FileMethod.GET_POSITION, FileCalls.handleOf(file))
                .thenCompose(outputs -> {
                    BigInteger position = outputs.get(0, ULong.class).toBigInteger();
                    return calls.onOpen(
                            context,
                            operation,
                            file,
                            FileMethod.SET_POSITION,
                            FileCalls.handleOf(file),
                            Variant.ofUInt64(ulong(position.subtract(ahead).max(BigInteger.ZERO))));
                })
                .handle((outputs, failure) -> {
                    if (failure == null) {
                        file.rest().clear();
                        return null;
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof CommandException refusal && isRefusal(refusal)) {
                        return refusal;
                    }
                    throw new CompletionException(positionUnknown(failure));
                });
    }

    private CommandException notText(String why, String position) {
        return new CommandException(
                ErrorType.ENCODING,
                operation.text() + ": " + why + "; " + position + ". Protocol 2 gives bytes (base64)");
    }

    private static boolean isRefusal(Throwable failure) {
        return OpcUaErrors.unwrap(failure) instanceof CommandException error
                && (error.type() == ErrorType.SERVICE || error.type() == ErrorType.SERVICE_UNSUPPORTED);
    }

    /** An answer that did not come may have moved the position. */
    private Throwable positionUnknown(Throwable failure) {
        Throwable cause = OpcUaErrors.unwrap(failure);
        if (cause instanceof CommandException error && error.type() == ErrorType.CONNECTION) {
            return new CommandException(
                    error.type(),
                    operation.text() + ": " + error.messageText()
                            + "; the position may have moved: set it before reading on",
                    error.statusCode(),
                    null,
                    error.getCause());
        }
        return cause;
    }
}

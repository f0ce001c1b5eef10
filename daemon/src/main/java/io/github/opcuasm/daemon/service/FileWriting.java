package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * One write to an open file: in as many calls, in order, as its bytes take, all on one activation of the session. The
 * first that fails ends it. Then what came before it is in the file, so the outcome is unknown, and the message tells how
 * much that is.
 */
final class FileWriting {
    private final FileCalls calls;
    private final CallContext context;
    private final SessionState.Active active;
    private final FileOperation operation;
    private final OpenFiles.OpenFile file;
    private final FileNode node;
    private final byte[] content;
    private final int callBytes;

    /** @param callBytes how many one call may carry */
    FileWriting(
            FileCalls calls,
            CallContext context,
            SessionState.Active active,
            FileOperation operation,
            OpenFiles.OpenFile file,
            FileNode node,
            byte[] content,
            int callBytes) {
        this.calls = calls;
        this.context = context;
        this.active = active;
        this.operation = operation;
        this.file = file;
        this.node = node;
        this.content = content;
        this.callBytes = callBytes;
    }

    CompletableFuture<Void> run() {
        return from(0);
    }

    private CompletableFuture<Void> from(int start) {
        int end = (int) Math.min(content.length, (long) start + callBytes);
        ByteString part =
                ByteString.of(start == 0 && end == content.length ? content : Arrays.copyOfRange(content, start, end));
        CompletableFuture<FileCalls.Outputs> written;
        try {
            written = calls.change(context, active, operation, node, FileMethod.WRITE, namespaces -> {
                file.requireOpen(operation, context.session());
                return new Variant[] {FileCalls.handleOf(file), Variant.ofByteString(part)};
            });
        } catch (CommandException e) {
            written = CompletableFuture.failedFuture(e);
        }
        return written.handle((done, failure) -> {
                    if (failure != null) {
                        throw new CompletionException(afterSome(start, OpcUaErrors.unwrap(failure)));
                    }
                    return end;
                })
                .thenCompose(done -> done == content.length ? CompletableFuture.completedFuture(null) : from(done));
    }

    private Throwable afterSome(int start, Throwable failure) {
        if (start == 0 || !(failure instanceof CommandException error)) {
            return failure;
        }
        String message = error.messageText();
        return new CommandException(
                error.type(),
                (message.startsWith(operation.text()) ? "" : operation.text() + ": ") + message + "; the first " + start
                        + " of " + content.length + " bytes are written",
                error.statusCode(),
                Outcome.UNKNOWN,
                error.getCause());
    }
}

package io.github.opcuasm.daemon.opcua;

import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;

/** What became of one request: one of the futures has it, the others fail with it. */
final class RecordedReply implements UascChannel.Listener {
    final CompletableFuture<UaResponseMessageType> response = new CompletableFuture<>();
    final CompletableFuture<UaException> fault = new CompletableFuture<>();
    final CompletableFuture<UaException> closed = new CompletableFuture<>();

    @Override
    public void onResponse(UaResponseMessageType answer) {
        response.complete(answer);
        fault.completeExceptionally(new AssertionError("answered with " + answer));
        closed.completeExceptionally(new AssertionError("answered with " + answer));
    }

    @Override
    public void onFault(UaException cause) {
        fault.complete(cause);
        response.completeExceptionally(cause);
        closed.completeExceptionally(cause);
    }

    @Override
    public void onNotSent(UaException cause) {
        onClosed(cause);
    }

    @Override
    public void onClosed(UaException cause) {
        closed.complete(cause);
        response.completeExceptionally(cause);
        fault.completeExceptionally(cause);
    }
}

package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;

/**
 * Requests that stand outside a session's queue: those of a handshake, and GetEndpoints. One timeout bounds each. Confined
 * to one event loop.
 */
record ChannelCalls(EventLoop loop, Duration timeout) {

    /**
     * Sends one request.
     *
     * @param authenticationToken of the session; null NodeId where there is none yet
     * @return fails with what the channel failed with, a fault, or Bad_Timeout
     */
    <T extends UaResponseMessageType> CompletableFuture<T> call(
            UascChannel channel,
            NodeId authenticationToken,
            Class<T> responseType,
            Function<RequestHeader, UaRequestMessageType> message) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        long timeoutMs = Math.max(1, Math.min(timeout.toMillis(), 0xFFFF_FFFFL));
        RequestHeader header =
                new RequestHeader(authenticationToken, DateTime.now(), uint(0), uint(0), null, uint(timeoutMs), null);
        long requestId = channel.send(message.apply(header), new Answer<>(responseType, answer));
        var timer = loop.schedule(
                () -> {
                    channel.forget(requestId);
                    answer.completeExceptionally(
                            new UaException(StatusCodes.Bad_Timeout, responseType.getSimpleName() + " did not come"));
                },
                timeoutMs,
                TimeUnit.MILLISECONDS);
        answer.whenComplete((response, failure) -> timer.cancel(false));
        return answer;
    }

    /** Completes a future with whatever becomes of one request. */
    private record Answer<T extends UaResponseMessageType>(Class<T> type, CompletableFuture<T> future)
            implements UascChannel.Listener {
        @Override
        public void onResponse(UaResponseMessageType response) {
            if (type.isInstance(response)) {
                future.complete(type.cast(response));
            } else {
                future.completeExceptionally(new UaException(
                        StatusCodes.Bad_UnknownResponse,
                        "got " + response.getClass().getSimpleName()));
            }
        }

        @Override
        public void onFault(UaException fault) {
            future.completeExceptionally(fault);
        }

        @Override
        public void onNotSent(UaException cause) {
            future.completeExceptionally(cause);
        }

        @Override
        public void onClosed(UaException cause) {
            future.completeExceptionally(cause);
        }
    }
}

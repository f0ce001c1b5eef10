package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Does RSA off the event loop ({@link OpcUaTransport#rsa}); what follows is on the loop again. */
record RsaWork(OpcUaTransport transport, EventLoop loop) {
    <T> CompletableFuture<T> run(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        transport.rsa().execute(() -> {
            try {
                T result = work.call();
                loop.execute(() -> done.complete(result));
            } catch (Throwable e) {
                loop.execute(() -> done.completeExceptionally(OpcUaErrors.unwrap(e)));
            }
        });
        return done;
    }
}

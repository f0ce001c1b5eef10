package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** Finds a server's addresses, anew at each connect, off the event loops. */
final class HostResolver {
    private HostResolver() {}

    /**
     * Completes on {@code loop} with at least one address, or with an exception whose message says what failed.
     * Literal addresses never wait for the resolver threads.
     */
    static CompletableFuture<List<InetSocketAddress>> resolve(
            OpcUaTransport transport, EventLoop loop, EndpointUrl url) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(url.host());
        if (literal != null) {
            try {
                return CompletableFuture.completedFuture(
                        List.of(new InetSocketAddress(InetAddress.getByAddress(literal), url.port())));
            } catch (UnknownHostException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        CompletableFuture<List<InetSocketAddress>> result = new CompletableFuture<>();
        try {
            transport.resolvers().execute(() -> {
                try {
                    List<InetSocketAddress> addresses = new ArrayList<>();
                    for (InetAddress address : InetAddress.getAllByName(url.host())) {
                        addresses.add(new InetSocketAddress(address, url.port()));
                    }
                    loop.execute(() -> result.complete(addresses));
                } catch (UnknownHostException e) {
                    loop.execute(() ->
                            result.completeExceptionally(new UnknownHostException("the host name does not resolve")));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new UnknownHostException("too many host names are being resolved already"));
        }
        return result;
    }
}

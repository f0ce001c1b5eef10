package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds servers' addresses, anew at each connect, off the event loops: the system's resolver blocks, for many seconds if
 * its name server is dead. All who ask for a host while it is being looked up share that one look-up, so a name that does
 * not resolve occupies one thread however many sessions wait for it.
 */
final class HostResolver implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int MAX_WAITING = 1024;
    /** Each may cost a connect timeout. */
    private static final int MAX_ADDRESSES = 8;

    private final ExecutorService threads;
    private final Map<String, CompletableFuture<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

    HostResolver() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                new DefaultThreadFactory("opcua-resolver", true));
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    /**
     * Completes on {@code loop} with at least one address, or with an exception whose message says what failed. Literal
     * addresses wait for no thread.
     */
    CompletableFuture<List<InetSocketAddress>> resolve(EventLoop loop, EndpointUrl url) {
        CompletableFuture<List<InetSocketAddress>> result = new CompletableFuture<>();
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(url.host());
        if (literal != null) {
            try {
                result.complete(List.of(new InetSocketAddress(InetAddress.getByAddress(literal), url.port())));
            } catch (UnknownHostException e) {
                result.completeExceptionally(e);
            }
            return result;
        }
        lookUp(url.host())
                .whenCompleteAsync(
                        (addresses, failure) -> {
                            if (failure != null) {
                                result.completeExceptionally(failure);
                            } else {
                                result.complete(addresses.stream()
                                        .limit(MAX_ADDRESSES)
                                        .map(address -> new InetSocketAddress(address, url.port()))
                                        .toList());
                            }
                        },
                        loop);
        return result;
    }

    private CompletableFuture<List<InetAddress>> lookUp(String host) {
        CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
        CompletableFuture<List<InetAddress>> others = underWay.putIfAbsent(host, mine);
        if (others != null) {
            return others;
        }
        mine.whenComplete((addresses, failure) -> underWay.remove(host, mine));
        try {
            threads.execute(() -> {
                try {
                    mine.complete(Arrays.asList(InetAddress.getAllByName(host)));
                } catch (UnknownHostException e) {
                    mine.completeExceptionally(new UnknownHostException("the host name does not resolve"));
                } catch (Throwable e) {
                    mine.completeExceptionally(e);
                    throw e;
                }
            });
        } catch (RejectedExecutionException e) {
            mine.completeExceptionally(new UnknownHostException("too many host names are being resolved already"));
        }
        return mine;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

package io.github.opcuasm.daemon.ipc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel whose process is at the other end of a Unix socket (SO_PEERCRED; it cannot be forged). The kernel knows
 * numbers; the JDK makes names of them with the system's user database, which may be a directory service that takes its
 * time: so it is done off the event loops, by two threads that end when nobody connects.
 */
final class PeerCredentials implements AutoCloseable {
    private static final ChannelOption<UnixDomainPrincipal> SO_PEERCRED =
            NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED);
    private static final int THREADS = 2;
    private static final int IDLE_SECONDS = 30;

    private final ExecutorService threads;
    private final Function<Channel, Names> lookUp;
    private final boolean needed;

    /**
     * Asks the system.
     *
     * @param maxWaiting connections that may wait at a time
     * @param needed whether anything depends on it
     */
    PeerCredentials(int maxWaiting, boolean needed) {
        this(maxWaiting, needed, PeerCredentials::ask);
    }

    /** @param lookUp asks; may take its time */
    PeerCredentials(int maxWaiting, boolean needed, Function<Channel, Names> lookUp) {
        this.needed = needed;
        this.lookUp = lookUp;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(maxWaiting),
                new DefaultThreadFactory("opcua-peers", true));
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
    }

    /**
     * Names of user and primary group; a number where there is no name.
     *
     * @param user null where the system does not tell
     * @param group null where the system does not tell
     */
    record Names(@Nullable String user, @Nullable String group) {
        static final Names UNKNOWN = new Names(null, null);
    }

    /** Whether anything depends on who a peer is; if not, nobody need wait for it. */
    boolean areNeeded() {
        return needed;
    }

    /** Completes on one of the threads here; fails if the connection is gone, or too many wait. */
    CompletableFuture<Names> of(Channel channel) {
        CompletableFuture<Names> names = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    names.complete(lookUp.apply(channel));
                } catch (RuntimeException e) {
                    names.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            names.completeExceptionally(e);
        }
        return names;
    }

    private static Names ask(Channel channel) {
        try {
            UnixDomainPrincipal principal = channel.config().getOption(SO_PEERCRED);
            return principal == null
                    ? Names.UNKNOWN
                    : new Names(principal.user().getName(), principal.group().getName());
        } catch (UnsupportedOperationException e) {
            return Names.UNKNOWN;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

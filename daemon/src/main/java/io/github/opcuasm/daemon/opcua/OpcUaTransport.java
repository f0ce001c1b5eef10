package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.PreferHeapByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;

/** What all sessions of one daemon share on their way to the network: loops, timers, name resolution, limits, clocks. */
public final class OpcUaTransport implements AutoCloseable {
    private static final int CHUNK_BYTES = 65_535;
    // Part 6, 5.2.2.16 asks for 100 levels of Variants; the DataValue and the message around them count too.
    private static final int MAX_NESTING = 128;

    private static final int MAX_RSA_WAITING = 4096;

    private final EventLoopGroup loops;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final EncodingContext encodingContext;
    private final ByteBufAllocator heapBuffers;
    private final SecureRandom nonces = new SecureRandom();
    private final HostResolver hostResolver;
    private final ThreadPoolExecutor rsa;

    /**
     * @param loops shared with whoever else does I/O; not closed here
     * @param maxMessageBytes bound on a message of a server, all chunks together
     */
    public OpcUaTransport(EventLoopGroup loops, Ticker ticker, RandomGenerator random, int maxMessageBytes) {
        this.loops = loops;
        this.ticker = ticker;
        this.random = random;
        // Twice what full chunks need is room for servers with smaller ones; those with the smallest, 8 KiB, get a
        // quarter of the size.
        int chunks = Math.max(16, 2 * (maxMessageBytes / CHUNK_BYTES));
        this.encodingContext = new Context(
                new EncodingLimits(CHUNK_BYTES, chunks, maxMessageBytes, MAX_NESTING),
                new WireTypes(DefaultEncodingContext.INSTANCE.getDataTypeManager()));
        this.heapBuffers = new PreferHeapByteBufAllocator(new UnpooledByteBufAllocator(false, true));
        this.hostResolver = new HostResolver();
        this.rsa = rsaThreads(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
    }

    private static ThreadPoolExecutor rsaThreads(int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_RSA_WAITING),
                new DefaultThreadFactory("opcua-rsa", true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    EventLoop nextLoop() {
        return loops.next();
    }

    Ticker ticker() {
        return ticker;
    }

    RandomGenerator random() {
        return random;
    }

    EncodingContext encodingContext() {
        return encodingContext;
    }

    /**
     * For a channel's bytes: direct and pooled, or on the heap where they are encrypted, because the ciphers work on
     * arrays.
     */
    ByteBufAllocator buffers(ChannelSecurity security) {
        return security.isNone() ? PooledByteBufAllocator.DEFAULT : heapBuffers;
    }

    /** Thread-safe; for {@link #rsa()}, since it may wait for its seed. */
    SecureRandom nonces() {
        return nonces;
    }

    HostResolver hostResolver() {
        return hostResolver;
    }

    /**
     * Where RSA is done: signatures, encryption and their reverse take milliseconds each, which no event loop has. One
     * processor stays free for the loops.
     *
     * @return throws {@link java.util.concurrent.RejectedExecutionException} while too many wait already: that attempt
     *     to connect has failed then
     */
    Executor rsa() {
        return rsa;
    }

    @Override
    public void close() {
        rsa.shutdownNow();
        hostResolver.close();
    }

    /** Milo's built-in types under our limits, decoded and encoded our way. */
    private record Context(EncodingLimits getEncodingLimits, DataTypeManager getDataTypeManager)
            implements EncodingContext {
        @Override
        public EncodingManager getEncodingManager() {
            return DefaultEncodingContext.INSTANCE.getEncodingManager();
        }

        @Override
        public NamespaceTable getNamespaceTable() {
            return DefaultEncodingContext.INSTANCE.getNamespaceTable();
        }

        @Override
        public ServerTable getServerTable() {
            return DefaultEncodingContext.INSTANCE.getServerTable();
        }
    }
}

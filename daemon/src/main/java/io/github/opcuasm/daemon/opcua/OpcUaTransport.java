package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.PreferHeapByteBufAllocator;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
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

    private final EventLoopGroup loops;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final EncodingContext encodingContext;
    private final ByteBufAllocator readBuffers;
    private final HashedWheelTimer handshakeTimer;
    private final HostResolver hostResolver;

    /**
     * @param loops shared with whoever else does I/O; not closed here
     * @param maxMessageBytes bound on a message of a server, all chunks together
     */
    public OpcUaTransport(EventLoopGroup loops, Ticker ticker, RandomGenerator random, int maxMessageBytes) {
        this.loops = loops;
        this.ticker = ticker;
        this.random = random;
        // Milo sets aside a reference for each possible chunk, for every channel and every answer. Twice what full
        // chunks
        // need is room for servers with smaller ones; those with the smallest, 8 KiB, get a quarter of the size.
        int chunks = Math.max(16, 2 * (maxMessageBytes / CHUNK_BYTES));
        this.encodingContext = new Context(
                new EncodingLimits(CHUNK_BYTES, chunks, maxMessageBytes, MAX_NESTING),
                new WireTypes(DefaultEncodingContext.INSTANCE.getDataTypeManager()));
        // On the heap and left to the garbage collector: Milo forgets the chunks of some malformed messages, and what
        // is
        // pooled or direct would be lost.
        this.readBuffers = new PreferHeapByteBufAllocator(new UnpooledByteBufAllocator(false, true));
        this.handshakeTimer = new HashedWheelTimer(new DefaultThreadFactory("opcua-handshake-timer", true));
        this.hostResolver = new HostResolver();
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

    /** For what is read from servers. */
    ByteBufAllocator readBuffers() {
        return readBuffers;
    }

    /** Only for the two timeouts inside Milo's handshake handlers. */
    HashedWheelTimer handshakeTimer() {
        return handshakeTimer;
    }

    HostResolver hostResolver() {
        return hostResolver;
    }

    @Override
    public void close() {
        handshakeTimer.stop();
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

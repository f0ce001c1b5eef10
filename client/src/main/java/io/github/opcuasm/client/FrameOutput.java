package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The write side of a connection: whole frames one after the other, whoever writes them. */
final class FrameOutput implements Closeable {
    private static final long TURN_NANOS = 20_000_000;

    private final IpcEndpoint endpoint;
    private final SocketChannel channel;
    private final Selector selector;
    private final ReentrantLock lock = new ReentrantLock();

    /** @param selector its own; ends with this */
    FrameOutput(IpcEndpoint endpoint, SocketChannel channel, Selector selector) throws IOException {
        this.endpoint = endpoint;
        this.channel = channel;
        this.selector = selector;
        channel.register(selector, SelectionKey.OP_WRITE);
    }

    /**
     * Writes a frame, waiting for its turn and for the daemon to take it. Once begun, an interrupt does not end it: half
     * a frame would be the beginning of the next one.
     *
     * @param end in {@link System#nanoTime()}'s nanoseconds
     * @param meanwhile done again and again, at least every {@value #TURN_NANOS} ns, while the daemon takes nothing
     * @return false if the time was up; if the frame has begun, the connection is of no more use
     * @throws AnswerTimeoutException if its turn did not come: nothing was written
     * @throws IOException if the connection broke
     */
    boolean write(ByteBuffer frame, long end, Runnable meanwhile) throws IOException, InterruptedException {
        if (!lock.tryLock(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw new AnswerTimeoutException("The daemon takes no requests on " + endpoint, Outcome.NOT_SENT);
        }
        boolean interrupted = false;
        try {
            while (true) {
                channel.write(frame);
                if (!frame.hasRemaining()) {
                    return true;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                meanwhile.run();
                selector.select(DaemonSocket.millis(Math.min(left, TURN_NANOS)));
                selector.selectedKeys().clear();
                interrupted |= Thread.interrupted();
            }
        } catch (ClosedSelectorException e) {
            throw new IOException("the connection was closed", e);
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}

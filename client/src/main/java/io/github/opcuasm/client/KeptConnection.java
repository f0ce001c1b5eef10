package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One kept protocol-2 connection that many threads share, without a thread of its own: whoever waits for an answer reads
 * for all. Of the waiting callers one is the <em>reader</em>; it selects on the socket, hands every answer that comes to
 * the caller whose id it carries, and stops when its own has come or its time is up; then it names another waiting
 * caller the next reader. A single caller therefore writes and reads on its own thread, with no hand-off.
 *
 * <p>Invariants: {@code calls}, {@code reading} and {@code broken} are touched under {@code lock} only; the inbox and the
 * read side of the socket belong to the reader, or to the holder of {@code lock} while there is none; the write side
 * belongs to the holder of {@code writeLock}. A request that could not be written whole breaks the connection: the
 * daemon drops a frame without its end, so nothing of it is carried out.
 */
final class KeptConnection implements Closeable {
    private static final int FIRST_INBOX_BYTES = 16 * 1024;

    private final IpcEndpoint endpoint;
    private final SocketChannel channel;
    private final Selector readSelector;
    private final Selector writeSelector;
    private final int maxAnswerBytes;
    private final ReentrantLock writeLock = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, Call> calls = new HashMap<>();
    private byte[] inbox = new byte[FIRST_INBOX_BYTES];
    private int filled;
    private int scanned;
    private boolean reading;
    private @Nullable ClientException broken;

    /** One caller that waits. */
    private static final class Call {
        final Condition changed;
        JsonValue.@Nullable Obj answer;

        Call(Condition changed) {
            this.changed = changed;
        }
    }

    private KeptConnection(
            IpcEndpoint endpoint,
            SocketChannel channel,
            Selector readSelector,
            Selector writeSelector,
            int maxAnswerBytes) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.readSelector = readSelector;
        this.writeSelector = writeSelector;
        this.maxAnswerBytes = maxAnswerBytes;
    }

    /** Connects; a {@link DaemonNotRunningException} if nothing accepts within the time. */
    static KeptConnection connect(IpcEndpoint endpoint, Duration timeout, int maxAnswerBytes) {
        SocketChannel channel = null;
        Selector reads = null;
        Selector writes = null;
        try {
            long end = System.nanoTime() + timeout.toNanos();
            channel = DaemonSocket.connect(endpoint, end);
            reads = Selector.open();
            writes = Selector.open();
            channel.register(reads, SelectionKey.OP_READ);
            channel.register(writes, SelectionKey.OP_WRITE);
            return new KeptConnection(endpoint, channel, reads, writes, maxAnswerBytes);
        } catch (IOException e) {
            DaemonSocket.closeQuietly(channel, reads, writes);
            throw new DaemonNotRunningException(endpoint, DaemonSocket.reason(e), e);
        }
    }

    /** Whether calls may still be made on it. Notices that the daemon hung up while nothing was under way. */
    boolean isUsable() {
        lock.lock();
        try {
            if (broken == null && !reading && calls.isEmpty()) {
                try {
                    boolean unused = fill();
                } catch (IOException e) {
                    breakDown(lost(e));
                }
            }
            return broken == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends one frame and waits for the answer with its id.
     *
     * @param end in {@link System#nanoTime()}'s nanoseconds
     * @return the answer's object, success or failure
     */
    JsonValue.Obj exchange(long id, ByteBuffer frame, long end) {
        Call call = register(id);
        try {
            send(frame, end);
            return await(call, end);
        } finally {
            lock.lock();
            try {
                calls.remove(id);
                nameNextReader();
            } finally {
                lock.unlock();
            }
        }
    }

    private Call register(long id) {
        lock.lock();
        try {
            if (broken != null) {
                throw new ConnectionLostException(broken.messageText(), Outcome.NOT_SENT, broken);
            }
            Call call = new Call(lock.newCondition());
            calls.put(id, call);
            return call;
        } finally {
            lock.unlock();
        }
    }

    private void send(ByteBuffer frame, long end) {
        try {
            if (!writeLock.tryLock(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new AnswerTimeoutException("The daemon takes no requests on " + endpoint, Outcome.NOT_SENT);
            }
        } catch (InterruptedException e) {
            throw interrupted(e, Outcome.NOT_SENT);
        }
        try {
            while (true) {
                channel.write(frame);
                if (!frame.hasRemaining()) {
                    return;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    var late = new AnswerTimeoutException(
                            "The daemon on " + endpoint + " did not take the whole request in time", Outcome.NOT_SENT);
                    markBroken(late);
                    throw late;
                }
                writeSelector.select(DaemonSocket.millis(left));
                writeSelector.selectedKeys().clear();
            }
        } catch (IOException | ClosedSelectorException e) {
            // The daemon may have said why before it hung up, so what it sent is read first.
            markUnreadable(e);
        } finally {
            writeLock.unlock();
        }
    }

    /** A failed write: takes in what the daemon said before it hung up, then gives the connection up. */
    private void markUnreadable(Exception failure) {
        lock.lock();
        try {
            if (!reading && broken == null) {
                try {
                    while (fill()) {
                        // until the end of what came
                    }
                } catch (IOException e) {
                    failure.addSuppressed(e);
                }
                breakDown(lost(failure));
            }
        } finally {
            lock.unlock();
        }
    }

    private void markBroken(ClientException why) {
        lock.lock();
        try {
            breakDown(why);
        } finally {
            lock.unlock();
        }
    }

    private JsonValue.Obj await(Call call, long end) {
        lock.lock();
        try {
            while (true) {
                if (call.answer != null) {
                    return call.answer;
                }
                if (broken != null) {
                    throw copy(broken);
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AnswerTimeoutException(
                            "The daemon on " + endpoint + " did not answer in time", Outcome.UNKNOWN);
                }
                if (reading) {
                    long unused = call.changed.awaitNanos(left);
                } else {
                    read(left);
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e, Outcome.UNKNOWN);
        } finally {
            lock.unlock();
        }
    }

    /** One turn as the reader; called and left with the lock held, but waits and reads without it. */
    private void read(long left) {
        reading = true;
        Exception failure = null;
        lock.unlock();
        try {
            readSelector.select(DaemonSocket.millis(left));
            readSelector.selectedKeys().clear();
        } catch (IOException | ClosedSelectorException e) {
            failure = e;
        } finally {
            lock.lock();
            reading = false;
        }
        if (broken != null) {
            return;
        }
        try {
            if (failure == null) {
                boolean unused = fill();
            }
        } catch (IOException e) {
            failure = e;
        }
        if (failure != null) {
            breakDown(lost(failure));
        }
    }

    /** Takes in what has come, without waiting. Called with the lock held by the reader. */
    private boolean fill() throws IOException {
        if (filled == inbox.length) {
            grow();
        }
        int count = channel.read(ByteBuffer.wrap(inbox, filled, inbox.length - filled));
        if (count < 0) {
            throw new IOException("it closed the connection");
        }
        filled += count;
        int start = 0;
        for (int at = scanned; at < filled; at++) {
            if (inbox[at] == '\n') {
                dispatch(answer(start, at - start));
                start = at + 1;
            }
        }
        System.arraycopy(inbox, start, inbox, 0, filled - start);
        filled -= start;
        scanned = filled;
        if (filled == 0 && inbox.length > FIRST_INBOX_BYTES * 64) {
            inbox = new byte[FIRST_INBOX_BYTES];
        }
        return count > 0;
    }

    private JsonValue.Obj answer(int start, int length) throws IOException {
        try {
            if (JsonReader.readValue(inbox, start, length) instanceof JsonValue.Obj object) {
                return object;
            }
            throw new IOException("what it sent is no answer of a daemon of ours");
        } catch (CommandException e) {
            throw new IOException("what it sent is no answer: " + e.getMessage(), e);
        }
    }

    private void grow() throws IOException {
        if (inbox.length >= maxAnswerBytes) {
            throw new IOException(
                    "an answer exceeds " + maxAnswerBytes + " bytes: raise maxAnswerBytes or ask for less at a time");
        }
        inbox = Arrays.copyOf(inbox, (int) Math.min(inbox.length * 2L, maxAnswerBytes));
    }

    private void dispatch(JsonValue.Obj answer) {
        JsonValue id = answer.get("id");
        if (id == null) {
            // Only an error that ends the connection carries no id: it is everybody's.
            breakDown(Answers.failure(answer));
        } else if (id instanceof JsonValue.Num number && number.whole() != null) {
            Call call = calls.get(number.decimal().longValue());
            if (call != null) {
                call.answer = answer;
                call.changed.signal();
            }
        }
    }

    private void nameNextReader() {
        if (!reading) {
            for (Call call : calls.values()) {
                if (call.answer == null) {
                    call.changed.signal();
                    return;
                }
            }
        }
    }

    private void breakDown(ClientException why) {
        if (broken == null) {
            broken = why;
            DaemonSocket.closeQuietly(channel, readSelector, writeSelector);
        }
        calls.values().forEach(call -> call.changed.signal());
    }

    private ClientException lost(Exception e) {
        return new ConnectionLostException(
                "Lost the connection to the daemon on " + endpoint + ": " + DaemonSocket.reason(e), Outcome.UNKNOWN, e);
    }

    /** Each caller gets an exception of its own, with its own stack trace. */
    private static ClientException copy(ClientException why) {
        if (why instanceof RequestFailedException failed) {
            return new RequestFailedException(
                    failed.type(),
                    failed.messageText(),
                    failed.statusCode().orElse(null),
                    failed.outcome().orElse(null));
        }
        return new ConnectionLostException(why.messageText(), Outcome.UNKNOWN, why);
    }

    private ConnectionLostException interrupted(InterruptedException e, Outcome outcome) {
        Thread.currentThread().interrupt();
        return new ConnectionLostException("Interrupted while waiting for the daemon on " + endpoint, outcome, e);
    }

    @Override
    public void close() {
        markBroken(new ConnectionLostException("This client was closed", Outcome.UNKNOWN, null));
    }
}

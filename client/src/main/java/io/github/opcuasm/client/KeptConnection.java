package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection that many threads share: whoever waits for an answer reads for all. Of those that wait one is the
 * <em>reader</em>; it selects on the socket, hands every answer that comes to the call whose id it carries, and stops
 * when its own has come or its time is up; then it names another one the next reader. A single blocking caller therefore
 * writes and reads on its own thread, with no hand-off and no thread beside it.
 *
 * <p>Nobody waits for an asynchronous call, so the first one starts a daemon thread that does. It reads whenever no
 * blocking caller does, ends calls whose time is up, and itself ends when it had nothing to do for some seconds. What an
 * asynchronous call waits for is told outside of the lock, in the order of the answers' coming.
 *
 * <p>An answer without an id is the answer to a request only if this connection has carried no other: so answers a daemon
 * of protocol 1, before it closes. Else it is an error that ends the connection, and everybody's.
 *
 * <p>Invariants: {@code calls}, {@code reading}, {@code broken} and what else changes are touched under {@code lock}
 * only; the inbox and the read side of the socket belong to the reader, or to the holder of {@code lock} while there is
 * none. While an asynchronous call is under way the thread lives. A request that could not be written whole breaks the
 * connection: the daemon drops a frame without its end, so nothing of it is carried out.
 */
final class KeptConnection implements Closeable {
    private static final long THREAD_LINGERS_NANOS = 5_000_000_000L;

    private final IpcEndpoint endpoint;
    private final SocketChannel channel;
    private final Selector readSelector;
    private final FrameOutput output;
    private final AnswerInbox inbox;
    private final boolean takesBareAnswer;
    private final ReentrantLock lock = new ReentrantLock();
    /** What the thread waits for when it does not read. */
    private final Condition work = lock.newCondition();

    private final PendingCalls calls = new PendingCalls();
    private boolean reading;
    private boolean threadLives;
    private @Nullable ClientException broken;
    private volatile ProtocolVersion spoken = ProtocolVersion.AUTO;

    private KeptConnection(
            IpcEndpoint endpoint, SocketChannel channel, Selector reads, FrameOutput output, ClientOptions options) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.readSelector = reads;
        this.output = output;
        this.inbox = new AnswerInbox(options.maxAnswerBytes());
        this.takesBareAnswer = options.protocol() != ProtocolVersion.TWO;
    }

    /** Connects; a {@link DaemonNotRunningException} if nothing accepts within the time. */
    static KeptConnection connect(IpcEndpoint endpoint, Duration timeout, ClientOptions options) {
        SocketChannel channel = null;
        Selector reads = null;
        Selector writes = null;
        try {
            long end = Deadline.in(timeout);
            channel = DaemonSocket.connect(endpoint, end);
            reads = Selector.open();
            writes = Selector.open();
            channel.register(reads, SelectionKey.OP_READ);
            var output = new FrameOutput(endpoint, channel, writes);
            return new KeptConnection(endpoint, channel, reads, output, options);
        } catch (IOException e) {
            DaemonSocket.closeQuietly(channel, reads, writes);
            throw new DaemonNotRunningException(endpoint, DaemonSocket.reason(e), e);
        }
    }

    /** What the daemon has shown here that it speaks; AUTO as long as it has shown nothing. */
    ProtocolVersion spoken() {
        return spoken;
    }

    /** Whether it has carried no request yet. */
    boolean isUnused() {
        lock.lock();
        try {
            return calls.registered() == 0;
        } finally {
            lock.unlock();
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
            unlockAndTell();
        }
    }

    /**
     * Sends one frame and waits for the answer.
     *
     * @param end in {@link System#nanoTime()}'s nanoseconds
     * @return the answer's object, success or failure
     * @throws InterruptedException while it waited; the request may be under way still
     */
    JsonValue.Obj exchange(long id, ByteBuffer frame, long end) throws InterruptedException {
        PendingCalls.Call call = register(id, end, null);
        try {
            send(call, frame, end);
            return await(call, end);
        } finally {
            lock.lock();
            try {
                boolean unused = calls.remove(id);
                nameNextReader();
            } finally {
                unlockAndTell();
            }
        }
    }

    /**
     * Sends one frame and returns when it is written; the listener learns the rest.
     *
     * @throws ClientException if it could not be sent: the listener then learns nothing
     */
    void submit(long id, ByteBuffer frame, long end, PendingCalls.Listener listener) {
        PendingCalls.Call call = register(id, end, listener);
        ClientException failure;
        try {
            send(call, frame, end);
            return;
        } catch (AnswerTimeoutException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new ConnectionLostException(
                    "Interrupted before the request was sent to the daemon on " + endpoint, Outcome.NOT_SENT, e);
        }
        if (abandon(id)) {
            throw failure;
        }
    }

    /** Forgets an asynchronous call; false if it has ended. */
    boolean abandon(long id) {
        lock.lock();
        try {
            work.signal();
            return calls.remove(id);
        } finally {
            unlockAndTell();
        }
    }

    /** Sends a frame whose answer nobody wants; does nothing if the daemon does not take it in time. */
    void post(ByteBuffer frame, long end) {
        boolean interrupted = Thread.interrupted();
        try {
            send(new PendingCalls.Call(end, work, null), frame, end);
        } catch (ClientException e) {
            // its loss is the loss of a favour
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private PendingCalls.Call register(long id, long end, PendingCalls.@Nullable Listener listener) {
        lock.lock();
        try {
            if (broken != null) {
                throw new ConnectionLostException(broken.messageText(), Outcome.NOT_SENT, broken);
            }
            var call = new PendingCalls.Call(end, listener == null ? lock.newCondition() : work, listener);
            if (calls.add(id, call)) {
                readSelector.wakeup();
            }
            if (listener != null && threadLives) {
                work.signal();
            } else if (listener != null) {
                startThread();
            }
            return call;
        } finally {
            lock.unlock();
        }
    }

    private void startThread() {
        Thread thread = new Thread(this::serveAsynchronousCalls, "opcua-client " + endpoint);
        thread.setDaemon(true);
        threadLives = true;
        thread.start();
    }

    /**
     * Writes the whole frame, and reads while the daemon takes nothing and nobody else reads: it may itself wait for its
     * answers to be taken. If the connection breaks meanwhile, whoever waits for the answer hears of it. From the
     * first byte on the request counts as sent, until it is certain that its end was not.
     */
    private void send(PendingCalls.Call call, ByteBuffer frame, long end) throws InterruptedException {
        try {
            if (!output.write(frame, end, this::takeInUnread)) {
                throw notTaken(call, frame);
            }
        } catch (IOException e) {
            markUnwritable(call, e);
        }
    }

    private void takeInUnread() {
        lock.lock();
        try {
            IOException failure = takeIn();
            if (failure != null) {
                breakDown(lost(failure));
            } else if (calls.hasNews()) {
                work.signal(); // not told here: a listener that calls would write into the frame
            }
        } finally {
            lock.unlock();
        }
    }

    /** All that has come, unless somebody reads it. Called with the lock held; gives what it failed with. */
    private @Nullable IOException takeIn() {
        if (reading || broken != null) {
            return null;
        }
        try {
            while (broken == null && fill()) {
                // until the end of what came
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /** What was begun and not finished would be the beginning of the next frame. */
    private ClientException notTaken(PendingCalls.Call call, ByteBuffer frame) {
        var late = new AnswerTimeoutException(
                "The daemon on " + endpoint + " did not take the whole request in time", Outcome.NOT_SENT);
        if (frame.position() == 0) {
            return late;
        }
        lock.lock();
        try {
            call.unsent = true;
            IOException failure = takeIn();
            if (failure != null) {
                late.addSuppressed(failure);
            }
            if (broken != null) {
                return calls.copy(broken, call);
            }
            breakDown(late);
            return late;
        } finally {
            unlockAndTell();
        }
    }

    /** A failed write: takes in what the daemon said before it hung up, then gives the connection up. */
    private void markUnwritable(PendingCalls.Call call, Exception failure) {
        lock.lock();
        try {
            call.unsent = true;
            if (!reading && broken == null) {
                IOException end = takeIn();
                if (end != null) {
                    failure.addSuppressed(end);
                }
                breakDown(lost(failure));
            }
        } finally {
            unlockAndTell();
        }
    }

    private JsonValue.Obj await(PendingCalls.Call call, long end) throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                if (call.answer != null) {
                    return call.answer;
                }
                if (broken != null) {
                    throw calls.copy(broken, call);
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw late();
                }
                if (reading) {
                    call.waiting = true;
                    try {
                        long unused = call.changed.awaitNanos(left);
                    } finally {
                        call.waiting = false;
                    }
                } else {
                    read(left);
                    if (call.answer == null && Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
            }
        } finally {
            unlockAndTell();
        }
    }

    private AnswerTimeoutException late() {
        return new AnswerTimeoutException("The daemon on " + endpoint + " did not answer in time", Outcome.UNKNOWN);
    }

    /** The thread of asynchronous calls. */
    private void serveAsynchronousCalls() {
        long idleEnd = 0;
        boolean idle = false;
        lock.lock();
        try {
            while (broken == null) {
                long now = System.nanoTime();
                if (calls.hasNews()) {
                    tell();
                    continue;
                }
                if (!calls.anyAsynchronous()) {
                    idleEnd = idle ? idleEnd : now + THREAD_LINGERS_NANOS;
                    idle = true;
                    if (now - idleEnd >= 0) {
                        break;
                    }
                    nameNextReader();
                    long unused = work.awaitNanos(idleEnd - now);
                    continue;
                }
                idle = false;
                calls.endLate(now, this::late);
                if (calls.hasNews()) {
                    tell();
                } else if (reading) {
                    long unused = work.awaitNanos(calls.nextEnd() - now);
                } else {
                    read(calls.nextEnd() - now);
                }
            }
        } catch (InterruptedException e) {
            breakDown(lost(e));
        } finally {
            threadLives = false;
            nameNextReader();
            unlockAndTell();
        }
    }

    /** One turn as the reader; called and left with the lock held, but waits and tells without it. */
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
        if (calls.hasNews()) {
            nameNextReader();
            tell();
        }
    }

    /** Takes in what has come, without waiting. Called with the lock held by the reader. */
    private boolean fill() throws IOException {
        boolean more = inbox.fill(channel);
        for (JsonValue.Obj answer = inbox.next(); answer != null; answer = inbox.next()) {
            dispatch(answer);
        }
        return more;
    }

    private void dispatch(JsonValue.Obj answer) {
        JsonValue id = answer.get("id");
        if (id == null) {
            dispatchBare(answer);
        } else if (id instanceof JsonValue.Num number) {
            spoken = ProtocolVersion.TWO;
            Long key = key(number);
            if (key != null) {
                calls.answer(key, answer);
            }
        }
    }

    private static @Nullable Long key(JsonValue.Num number) {
        try {
            return Long.valueOf(number.literal());
        } catch (NumberFormatException e) {
            return null; // none that we gave
        }
    }

    /** An error that ends the connection, in both protocols; or the answer of a daemon that speaks protocol 1. */
    private void dispatchBare(JsonValue.Obj answer) {
        if (endsConnection(answer)) {
            breakDown(Answers.failure(answer));
            return;
        }
        boolean known = spoken == ProtocolVersion.TWO;
        spoken = ProtocolVersion.ONE;
        if (takesBareAnswer && !known && calls.answerOnly(answer)) {
            breakDown(new ConnectionLostException("This connection had its one answer", Outcome.NOT_SENT, null));
        } else {
            breakDown(new ConnectionLostException(
                    "The daemon on " + endpoint + " answered without the request's id, as one of protocol 1 does",
                    Outcome.UNKNOWN,
                    null));
        }
    }

    private static boolean endsConnection(JsonValue.Obj answer) {
        return answer.get("error") instanceof JsonValue.Obj error
                && error.get("type") instanceof JsonValue.Str type
                && ErrorType.ofWireName(type.value())
                        .filter(ErrorType::closesConnection)
                        .isPresent();
    }

    private void nameNextReader() {
        if (!reading && !calls.wakeOne() && calls.anyAsynchronous()) {
            work.signal();
        }
    }

    private void breakDown(ClientException why) {
        if (broken == null) {
            broken = why;
            DaemonSocket.closeQuietly(channel, readSelector, output);
        }
        calls.fail(broken);
        work.signal();
    }

    /** Leaves the lock, then tells listeners what happened meanwhile. */
    private void unlockAndTell() {
        List<Runnable> news = calls.takeNews();
        lock.unlock();
        for (Runnable each : news) {
            each.run();
        }
    }

    private void tell() {
        unlockAndTell();
        lock.lock();
    }

    private ClientException lost(Exception e) {
        return new ConnectionLostException(
                "Lost the connection to the daemon on " + endpoint + ": " + DaemonSocket.reason(e), Outcome.UNKNOWN, e);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            breakDown(new ConnectionLostException("This client was closed", Outcome.UNKNOWN, null));
        } finally {
            unlockAndTell();
        }
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.EventReader;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream of what changes on a server ({@link DaemonClient#subscribe}), on a connection of its own.
 *
 * <pre>{@code
 * try (NotificationStream stream = client.subscribe(StreamRequest.ofConnection("plc1").item("ns=2;s=Speed", 1))) {
 *     for (StreamEvent event : stream) { … }
 * }
 * }</pre>
 *
 * <p>Nothing is read that nobody asks for: no thread, no queue. A program that asks too slowly fills the sockets' buffers,
 * then a bounded queue in the daemon, which drops its oldest messages and says how many ({@link StreamEvent.Overflow}).
 * Neither other streams nor the client's calls notice. A program that asks for nothing for 30 s while these buffers are
 * full is disconnected.
 *
 * <p>Threads may share a stream; each event goes to one of them. {@link #close} may be called while another thread waits.
 */
public final class NotificationStream implements AutoCloseable, Iterable<StreamEvent> {
    private static final int FIRST_INBOX_BYTES = 64 * 1024;
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final IpcEndpoint endpoint;
    private final SocketChannel channel;
    private final Selector selector;
    private final int maxEventBytes;
    private final EventReader reader = new EventReader();
    private final ReentrantLock lock = new ReentrantLock();
    private byte[] inbox = new byte[FIRST_INBOX_BYTES];
    private int start;
    private int scanned;
    private int filled;
    private volatile boolean ended;
    private volatile boolean closed;
    private SubscriptionResult subscription = new SubscriptionResult(0, 0, 0, 0);
    private List<MonitoredItemResult> items = List.of();
    private List<MonitoredItemResult> events = List.of();

    private NotificationStream(IpcEndpoint endpoint, SocketChannel channel, Selector selector, int maxEventBytes) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.selector = selector;
        this.maxEventBytes = maxEventBytes;
    }

    /**
     * Connects, asks and waits for the answer.
     *
     * @param end in {@link System#nanoTime()}'s nanoseconds
     */
    static NotificationStream open(
            IpcEndpoint endpoint, ByteBuffer request, long connectEnd, long end, int maxEventBytes) {
        SocketChannel channel = null;
        Selector selector = null;
        NotificationStream stream = null;
        try {
            channel = DaemonSocket.connect(endpoint, connectEnd);
            selector = Selector.open();
            channel.register(selector, SelectionKey.OP_WRITE);
            stream = new NotificationStream(endpoint, channel, selector, maxEventBytes);
        } catch (IOException e) {
            throw new DaemonNotRunningException(endpoint, DaemonSocket.reason(e), e);
        } finally {
            if (stream == null) {
                DaemonSocket.closeQuietly(channel, selector);
            }
        }
        boolean begun = false;
        try {
            stream.begin(request, end);
            begun = true;
            return stream;
        } finally {
            if (!begun) {
                stream.close();
            }
        }
    }

    private void begin(ByteBuffer request, long end) {
        try {
            while (true) {
                channel.write(request);
                if (!request.hasRemaining()) {
                    break;
                }
                select(end, "take the request");
            }
        } catch (IOException e) {
            // The daemon may have said why before it hung up: that is read next.
        }
        SelectionKey key = channel.keyFor(selector);
        if (key != null && key.isValid()) {
            key.interestOps(SelectionKey.OP_READ);
        }
        int length;
        do {
            length = frame(end);
            if (length < 0) {
                throw late("answer");
            }
        } while (length == 0);
        JsonValue.Obj data = Answers.object(Answers.data(answer(start, length)), "what subscribe answers");
        start += length + 1;
        subscription = new SubscriptionResult(
                Answers.whole(member(data, "subscriptionId"), "subscriptionId"),
                number(member(data, "revisedPublishingInterval")),
                Answers.whole(member(data, "revisedLifetimeCount"), "revisedLifetimeCount"),
                Answers.whole(member(data, "revisedMaxKeepAliveCount"), "revisedMaxKeepAliveCount"));
        items = itemResults(member(data, "items"));
        events = itemResults(member(data, "events"));
    }

    private static List<MonitoredItemResult> itemResults(JsonValue json) {
        List<MonitoredItemResult> results = new ArrayList<>();
        for (JsonValue each : Answers.array(json, "monitored items").elements()) {
            JsonValue.Obj item = Answers.object(each, "a monitored item");
            results.add(new MonitoredItemResult(
                    new StatusCode(Answers.whole(member(item, "statusCode"), "statusCode")),
                    Answers.whole(member(item, "monitoredItemId"), "monitoredItemId"),
                    number(member(item, "revisedSamplingInterval")),
                    Answers.whole(member(item, "revisedQueueSize"), "revisedQueueSize"),
                    texts(item.get("filterErrors"))));
        }
        return List.copyOf(results);
    }

    private static List<String> texts(@Nullable JsonValue array) {
        List<JsonValue> elements = array == null ? null : array.asArray();
        return elements == null
                ? List.of()
                : elements.stream()
                        .map(text -> text instanceof JsonValue.Str string ? string.value() : text.toString())
                        .toList();
    }

    private static double number(JsonValue value) {
        return value instanceof JsonValue.Num number ? Double.parseDouble(number.literal()) : 0;
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        JsonValue value = object.get(name);
        return value == null ? JsonValue.Null.INSTANCE : value;
    }

    /** What the server granted; the id is the daemon's. */
    public SubscriptionResult subscription() {
        return subscription;
    }

    /** What became of each item, in the order of the request: one that failed does not keep the others from coming. */
    public List<MonitoredItemResult> items() {
        return items;
    }

    /** The same of each event item. */
    public List<MonitoredItemResult> events() {
        return events;
    }

    /**
     * The next event, waited for; also for the thread that waits before this one.
     *
     * @return null if none came in time
     * @throws ConnectionLostException if the connection is lost, or the stream closed
     * @throws NoSuchElementException after {@link StreamEvent.End}
     */
    public @Nullable StreamEvent next(Duration timeout) {
        long nanos = nanos(timeout);
        long end = System.nanoTime() + nanos;
        if (!lockWithin(nanos)) {
            return null;
        }
        try {
            if (ended) {
                throw new NoSuchElementException("The stream has ended");
            }
            while (true) {
                int length = frame(end);
                if (length < 0) {
                    return null;
                }
                StreamEvent event = event(length);
                if (event != null) {
                    ended = event instanceof StreamEvent.End;
                    return event;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** A time to wait, 0 to 10,000 days. */
    static long nanos(Duration timeout) {
        if (timeout.isNegative()) {
            return 0;
        }
        return timeout.compareTo(FOREVER) >= 0 ? FOREVER.toNanos() : timeout.toNanos();
    }

    private boolean lockWithin(long nanos) {
        try {
            return lock.tryLock() || lock.tryLock(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private ConnectionLostException interrupted(@Nullable InterruptedException e) {
        return new ConnectionLostException(
                "Interrupted while waiting for the daemon on " + endpoint, Outcome.UNKNOWN, e);
    }

    /** Waits for each event as long as it takes; {@link StreamEvent.End} is the last one. */
    @Override
    public Iterator<StreamEvent> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !ended;
            }

            @Override
            public StreamEvent next() {
                StreamEvent event = null;
                while (event == null) {
                    event = NotificationStream.this.next(FOREVER);
                }
                return event;
            }
        };
    }

    /** Takes the frame of this length out of the inbox; null if it says nothing. */
    private @Nullable StreamEvent event(int length) {
        int from = start;
        start += length + 1;
        try {
            StreamEvent event = reader.read(inbox, from, length);
            if (event == null) {
                throw Answers.failure(answer(from, length));
            }
            return event;
        } catch (CommandException e) {
            throw unreadable("What the daemon on " + endpoint + " sent is no event: " + e.getMessage(), e);
        }
    }

    private JsonValue.Obj answer(int from, int length) {
        try {
            return Answers.object(JsonReader.readValue(inbox, from, length), "an answer");
        } catch (CommandException e) {
            throw unreadable("What the daemon on " + endpoint + " sent is no answer: " + e.getMessage(), e);
        }
    }

    private static ConnectionLostException unreadable(String message, @Nullable CommandException why) {
        return new ConnectionLostException(message, Outcome.UNKNOWN, new AnswerInbox.UnreadableAnswer(message, why));
    }

    /** Whether it was lost because of what came on it: another connection would bring that once more. */
    static boolean isUnreadable(ConnectionLostException why) {
        return why.getCause() instanceof AnswerInbox.UnreadableAnswer;
    }

    /** The length of the frame that begins at {@code start}, without its newline; -1 if none came in time. */
    private int frame(long end) {
        try {
            while (true) {
                for (int at = scanned; at < filled; at++) {
                    if (inbox[at] == '\n') {
                        scanned = at + 1;
                        return at - start;
                    }
                }
                scanned = filled;
                if (!fill() && !select(end)) {
                    return -1;
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw new ConnectionLostException(
                    closed
                            ? "This stream was closed"
                            : "Lost the connection to the daemon on " + endpoint + ": " + DaemonSocket.reason(e),
                    null,
                    e);
        }
    }

    /** Takes in what has come; false if that is nothing. */
    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(inbox, start, inbox, 0, filled - start);
            filled -= start;
            scanned -= start;
            start = 0;
        }
        if (filled == inbox.length) {
            if (filled >= maxEventBytes) {
                throw unreadable(
                        "An event of the daemon on " + endpoint + " exceeds " + maxEventBytes
                                + " bytes: raise maxAnswerBytes",
                        null);
            }
            inbox = Arrays.copyOf(inbox, (int) Math.min(inbox.length * 2L, maxEventBytes));
        }
        int count = channel.read(ByteBuffer.wrap(inbox, filled, inbox.length - filled));
        if (count < 0) {
            throw new IOException("it closed the connection");
        }
        filled += count;
        return count > 0;
    }

    /** False when the time is up. */
    private boolean select(long end) throws IOException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(null);
        }
        selector.select(DaemonSocket.millis(left));
        selector.selectedKeys().clear();
        return true;
    }

    private void select(long end, String what) throws IOException {
        if (!select(end)) {
            throw late(what);
        }
    }

    private AnswerTimeoutException late(String what) {
        return new AnswerTimeoutException(
                "The daemon on " + endpoint + " did not " + what + " in time", Outcome.UNKNOWN);
    }

    /** Ends the stream and its connection. May be called twice, and from any thread. */
    @Override
    public void close() {
        closed = true;
        DaemonSocket.closeQuietly(channel, selector);
    }
}

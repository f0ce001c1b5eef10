package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What changes on a server, as it changes: {@link ManagedClient#monitor}. {@link SubscriptionEvent.End} is the last event;
 * {@link #close} ends it from any thread, and gives nothing more.
 *
 * <p><b>A lost daemon.</b> When the connection is lost or the daemon stops, the subscription is made again, in pauses of 0.1 s
 * growing to 2 s, on the session of the client, which is opened again where the daemon does not know it. Then comes a {@link
 * SubscriptionEvent.Gap}: what happened meanwhile is not known, and each item begins with its present value. It ends when that
 * does not succeed in time ({@link Monitor#resubscribeFor}) or does not last, when it is refused, when the client has given the
 * session up, when an event cannot be read or is too large, or when the stream was ended for another reason than the daemon's end.
 *
 * <p>Nothing is read ahead but the rest of one message: a program that is slow fills the sockets' buffers and then a bounded
 * queue in the daemon, which says what it drops ({@link SubscriptionEvent.Overflow}). Threads may share a subscription; each
 * event goes to one of them. A thread that is interrupted while it waits ends the subscription.
 */
public final class Subscription implements AutoCloseable, Iterable<SubscriptionEvent> {
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final SubscriptionOrder order;
    private final ManagedClient client;
    private final Duration resubscribeFor;
    private final ReentrantLock reading = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Queue<SubscriptionEvent> waiting = new ArrayDeque<>();
    private volatile @Nullable NotificationSource source;
    private volatile NotificationSource latest;
    private boolean ended;
    /** Kept for a while after it has ended: {@link Outage#isOver}. */
    private @Nullable Outage outage;

    private @Nullable DateTime lastPublished;

    private Subscription(
            SubscriptionOrder order, Duration resubscribeFor, NotificationSource first, ManagedClient client) {
        this.order = order;
        this.resubscribeFor = resubscribeFor;
        this.source = first;
        this.latest = first;
        this.client = client;
    }

    /** Subscribes. It ends with the client. */
    static Subscription open(SubscriptionOrder order, Duration resubscribeFor, ManagedClient client) {
        var subscription = new Subscription(order, resubscribeFor, order.place(), client);
        client.keep(subscription);
        return subscription;
    }

    /** What the server granted; the id is the daemon's. */
    public SubscriptionResult subscription() {
        return latest.subscription();
    }

    /** What became of each item, in the order of the request: one that is refused does not keep the others from coming. */
    public List<MonitoredItemResult> items() {
        return latest.items();
    }

    /** The same of each event item. */
    public List<MonitoredItemResult> eventItems() {
        return latest.events();
    }

    /**
     * The next event, waited for; also for the thread that waits before this one. An attempt to subscribe again may make it later than {@code timeout}, by as much as the
     * client's connect and request timeouts allow.
     *
     * @return null if none came in time
     * @throws NoSuchElementException after the end
     */
    public @Nullable SubscriptionEvent next(Duration timeout) {
        long nanos = NotificationStream.nanos(timeout);
        long end = System.nanoTime() + nanos;
        if (!lockWithin(nanos)) {
            return null;
        }
        try {
            while (waiting.isEmpty() && !ended && !isClosed()) {
                Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
                if (!advance(left) && left.isZero()) {
                    return null;
                }
            }
            SubscriptionEvent event = isClosed() ? null : waiting.poll();
            if (event == null) {
                ended = true;
                throw new NoSuchElementException("The subscription has ended");
            }
            if (event instanceof SubscriptionEvent.End) {
                close();
            }
            return event;
        } finally {
            reading.unlock();
        }
    }

    private boolean lockWithin(long nanos) {
        try {
            return reading.tryLock() || reading.tryLock(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new NoSuchElementException("The subscription has ended: interrupted while waiting for an event", e);
        }
    }

    /** Takes a step towards the next event; false if that took time and brought nothing. */
    private boolean advance(Duration left) {
        NotificationSource from = source;
        if (from == null) {
            return resubscribe(left);
        }
        try {
            StreamEvent event = from.next(left);
            if (event != null) {
                take(event, from);
            }
            return event != null;
        } catch (ClientException e) {
            lose(from, e);
            return true;
        }
    }

    private void take(StreamEvent event, NotificationSource from) {
        if (event instanceof StreamEvent.Notifications message) {
            lastPublished = message.publishTime();
            for (Notification notification : message.notifications()) {
                SubscriptionEvent told = order.event(notification);
                if (told != null) {
                    waiting.add(told);
                }
            }
        } else if (event instanceof StreamEvent.Overflow overflow) {
            waiting.add(new SubscriptionEvent.Overflow(overflow.dropped()));
        } else if (event instanceof StreamEvent.Gap gap) {
            waiting.add(gap(gap.from(), gap.to(), gap.reason()));
        } else if (event instanceof StreamEvent.State state) {
            waiting.add(new SubscriptionEvent.State(state.state(), state.reason()));
        } else if (event instanceof StreamEvent.KeepAlive) {
            waiting.add(new SubscriptionEvent.KeepAlive());
        } else if (event instanceof StreamEvent.End end) {
            ClientException failure = Outage.failure(end.error());
            if (failure == null) {
                end(null);
            } else {
                lose(from, failure);
            }
        }
    }

    private static SubscriptionEvent.Gap gap(@Nullable DateTime from, @Nullable DateTime to, String reason) {
        return new SubscriptionEvent.Gap(
                ReadResult.instant(from).orElse(null), ReadResult.instant(to).orElse(null), reason);
    }

    private void lose(NotificationSource lost, ClientException why) {
        lost.close();
        source = null;
        if (isClosed()) {
            return;
        }
        long now = System.nanoTime();
        Outage before = outage;
        if (resubscribeFor.isZero() || !Outage.isOfTheDaemon(why)) {
            end(why);
        } else if (before == null || before.isOver(now)) {
            outage = new Outage(why, resubscribeFor, now);
        } else if (!before.mayContinue(why, now)) {
            end(why);
        }
    }

    /** Waits until it is time for an attempt, and makes it; false if there was no time for one. */
    private boolean resubscribe(Duration left) {
        Outage since = outage;
        if (since == null || order.isVoid()) {
            end(since == null ? null : since.why());
            return true;
        }
        long pause = since.pause(System.nanoTime());
        if (closedWithin(Math.min(pause, left.toNanos())) || pause > left.toNanos()) {
            return false;
        }
        try {
            begin(order.place(), since);
        } catch (ClientException | IllegalStateException e) {
            if (!since.mayContinue(e, System.nanoTime())) {
                end(e instanceof ClientException failure ? failure : since.why());
            }
        }
        return true;
    }

    private void begin(NotificationSource again, Outage since) {
        source = again;
        latest = again;
        since.begunAgain(System.nanoTime());
        waiting.add(gap(lastPublished, null, "subscribed again: " + since.why().messageText()));
        if (isClosed()) {
            again.close();
        }
    }

    private boolean closedWithin(long nanos) {
        try {
            return closed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            return true;
        }
    }

    private void end(@Nullable ClientException why) {
        ended = true;
        waiting.add(new SubscriptionEvent.End(why));
    }

    /** Waits for each event as long as it takes; {@link SubscriptionEvent.End} is the last, none follows {@link #close}. */
    @Override
    public Iterator<SubscriptionEvent> iterator() {
        return new Iterator<>() {
            private @Nullable SubscriptionEvent ahead;

            @Override
            public boolean hasNext() {
                try {
                    while (ahead == null) {
                        ahead = Subscription.this.next(FOREVER);
                    }
                    return true;
                } catch (NoSuchElementException e) {
                    return false;
                }
            }

            @Override
            public SubscriptionEvent next() {
                SubscriptionEvent event = hasNext() ? ahead : null;
                if (event == null) {
                    throw new NoSuchElementException("The subscription has ended");
                }
                ahead = null;
                return event;
            }
        };
    }

    /** Begins the thread that tells a listener. */
    void tell(SubscriptionListener listener) {
        String name = "opcua-client subscription " + subscription().subscriptionId();
        Thread thread = new Thread(() -> tellAll(listener), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void tellAll(SubscriptionListener listener) {
        try {
            for (SubscriptionEvent event : this) {
                try {
                    listener.on(event);
                } catch (RuntimeException e) {
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
            }
        } finally {
            close(); // an Error of the listener must not leave a stream that nobody reads
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends it; what was created for it on the server is deleted. A thread that waits for an event stops waiting. */
    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        closed.countDown();
        NotificationSource open = source;
        if (open != null) {
            open.close();
        }
        client.forget(this);
    }
}

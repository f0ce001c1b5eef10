package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.Response;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Events that count up from 1, as many as it was allowed. */
final class CountingSource implements EventSource {
    final AtomicLong given = new AtomicLong();
    final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong allowed = new AtomicLong();
    private final String padding;
    private volatile long lastOne = Long.MAX_VALUE;
    private volatile @Nullable EventStream stream;

    /** @param eventBytes roughly */
    CountingSource(int eventBytes) {
        this.padding = "x".repeat(eventBytes);
    }

    /** Answers a held request with this stream. */
    CountingSource on(Exchange exchange) {
        stream = exchange.stream(new Response.Success(out -> out.string("begun")), this);
        return this;
    }

    /** Has so many events more. */
    CountingSource allow(long count) {
        allowed.addAndGet(count);
        EventStream told = stream;
        if (told != null) {
            told.ready();
        }
        return this;
    }

    CountingSource endAfter(long number) {
        lastOne = number;
        return this;
    }

    boolean awaitEnd() throws InterruptedException {
        return ended.await(20, TimeUnit.SECONDS);
    }

    @Override
    public @Nullable Event next() {
        if (given.get() >= allowed.get()) {
            return null;
        }
        long number = given.incrementAndGet();
        return new Event(
                out -> {
                    out.startArray();
                    out.number(number);
                    out.string(padding);
                    out.endArray();
                },
                number == lastOne);
    }

    @Override
    public void ended() {
        ended.countDown();
    }
}

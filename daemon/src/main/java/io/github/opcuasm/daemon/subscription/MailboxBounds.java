package io.github.opcuasm.daemon.subscription;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much mailboxes may hold: each, and all of them together. While all together are within {@link #allBytes}, each may
 * grow to its own bound; beyond that, only up to its fair share of it, so that those who are not read do not take the room
 * of those who are. All together never hold more than twice {@link #allBytes}. Thread-safe.
 */
public final class MailboxBounds {
    /** Messages of one mailbox, unless somebody says otherwise. */
    public static final int DEFAULT_MESSAGES = 10_000;
    /** Bytes of one mailbox, unless somebody says otherwise. */
    public static final long DEFAULT_BYTES = 4 << 20;

    /** Twice this part of the heap is taken at most. */
    private static final int HEAP_SHARE = 16;

    private final int maxMessages;
    private final long maxBytes;
    private final long allBytes;
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger mailboxes = new AtomicInteger();

    /**
     * Bounds of one daemon.
     *
     * @param maxMessages of one mailbox
     * @param maxBytes of one mailbox
     * @param allBytes of all
     */
    MailboxBounds(int maxMessages, long maxBytes, long allBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.allBytes = allBytes;
    }

    /** All together at most an eighth of the heap. */
    public static MailboxBounds ofHeap(int maxMessages, long maxBytes) {
        return new MailboxBounds(maxMessages, maxBytes, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** Whether a mailbox that holds this much may take in a message of this size. */
    boolean allow(int messages, long bytes, long more) {
        if (messages >= maxMessages || (messages > 0 && bytes + more > maxBytes)) {
            return false;
        }
        return held.get() + more <= allBytes || bytes + more <= allBytes / Math.max(1, mailboxes.get());
    }

    void begin() {
        mailboxes.incrementAndGet();
    }

    void end() {
        mailboxes.decrementAndGet();
    }

    void hold(long bytes) {
        held.addAndGet(bytes);
    }

    /** What all of them hold. */
    long held() {
        return held.get();
    }
}

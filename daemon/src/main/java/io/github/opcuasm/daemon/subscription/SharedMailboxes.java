package io.github.opcuasm.daemon.subscription;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the mailboxes of all sessions share: their bounds, where they are remembered, and the order in which messages
 * arrived. That goes on over a restart: it begins with the time. Thread-safe.
 */
final class SharedMailboxes {
    private final MailboxBounds bounds;
    private final SubscriptionMemory memory;
    private final AtomicLong lastArrival;

    SharedMailboxes(MailboxBounds bounds, SubscriptionMemory memory, InstantSource clock) {
        this.bounds = bounds;
        this.memory = memory;
        this.lastArrival = new AtomicLong(ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
    }

    MailboxBounds bounds() {
        return bounds;
    }

    SubscriptionMemory memory() {
        return memory;
    }

    long nextArrival() {
        return lastArrival.incrementAndGet();
    }

    /** A message of an earlier daemon arrived so; its clock may have been ahead. */
    void arrived(long arrival) {
        lastArrival.accumulateAndGet(arrival, Math::max);
    }
}

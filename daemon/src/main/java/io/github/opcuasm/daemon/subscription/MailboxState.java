package io.github.opcuasm.daemon.subscription;

import org.jspecify.annotations.Nullable;

/**
 * What a mailbox knows beside its messages.
 *
 * @param epoch of the last message
 * @param expected number of the message after that; null if none has come
 * @param everAcknowledged whether a reader has acknowledged a message
 * @param dropped messages that were dropped unread, since the subscription began
 * @param pendingDropped of those, right before the next message
 * @param pendingGap stands before the next message; null = none
 */
record MailboxState(
        long epoch,
        @Nullable Long expected,
        boolean everAcknowledged,
        long dropped,
        long pendingDropped,
        @Nullable Gap pendingGap) {}

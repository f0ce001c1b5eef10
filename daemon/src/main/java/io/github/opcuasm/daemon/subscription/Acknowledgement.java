package io.github.opcuasm.daemon.subscription;

import org.jspecify.annotations.Nullable;

/**
 * A reader has a message and it need not be kept any longer (Part 4, 5.14.5).
 *
 * @param epoch of the message; null = the oldest one of this number that was given to a reader
 */
public record Acknowledgement(
        long subscriptionId, long sequenceNumber, @Nullable Long epoch) {
    /** Of a message whose epoch the reader does not tell. */
    public Acknowledgement(long subscriptionId, long sequenceNumber) {
        this(subscriptionId, sequenceNumber, null);
    }
}

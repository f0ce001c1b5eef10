package io.github.opcuasm.daemon.subscription;

/** A reader has a message and the server need not keep it any longer (Part 4, 5.14.5). */
public record Acknowledgement(long subscriptionId, long sequenceNumber) {}

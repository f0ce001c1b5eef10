package io.github.opcuasm.protocol.type;

import java.util.List;

/** One change or event that a monitored item tells of (Part 4, 7.25). */
public sealed interface Notification {

    /** What the creator of the item called it, 0 to 2^32 - 1. */
    long clientHandle();

    /** A sampled value. */
    record DataChange(long clientHandle, DataValue dataValue) implements Notification {}

    /** An event; the fields in the order of the select clauses. */
    record Event(long clientHandle, List<Variant> eventFields) implements Notification {}
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.ModifiedValue;
import java.time.Instant;
import java.util.Optional;

/**
 * A value that history had before it was changed, and what is known of the change (Part 11, 6.6.3).
 *
 * @param node whose history it is, as text
 * @param modifiedValue as the protocol has it
 */
public record ModifiedResult(String node, ModifiedValue modifiedValue) {

    /** The value, with its status and times. */
    public ReadResult value() {
        return new ReadResult(node, modifiedValue.value());
    }

    /** The value as this class: {@link ReadResult#as}. */
    public <T> T as(Class<T> type) {
        return value().as(type);
    }

    /** When it was changed; empty if the server does not say. */
    public Optional<Instant> modificationTime() {
        return ReadResult.instant(modifiedValue.modificationTime());
    }

    /** How it was changed; empty if the server does not say. */
    public Optional<HistoryUpdateType> updateType() {
        return HistoryUpdateType.of(modifiedValue.updateType());
    }

    /** Who changed it; empty if the server does not say. */
    public Optional<String> userName() {
        return Optional.ofNullable(modifiedValue.userName());
    }
}

package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * A value that history once had and that was replaced or deleted, or one that came later (Part 11, 6.6.3).
 *
 * @param modificationTime when that happened; null if the server does not say
 * @param updateType what happened (HistoryUpdateType): 1 inserted, 2 replaced, 3 updated, 4 deleted; 0 if the server does
 *     not say
 * @param userName who did it; null if the server does not say
 */
public record ModifiedValue(
        DataValue value,
        @Nullable DateTime modificationTime,
        int updateType,
        @Nullable String userName) {}

package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * A value with its quality and its times (Part 4, 7.11).
 *
 * @param variant {@link Variant#NULL} without a value
 * @param sourceTimestamp when the source took it; null if unknown
 * @param serverTimestamp when the server got it; null if unknown
 */
public record DataValue(
        Variant variant,
        StatusCode statusCode,
        @Nullable DateTime sourceTimestamp,
        @Nullable DateTime serverTimestamp) {

    /** A good value without timestamps. */
    public static DataValue of(Variant variant) {
        return new DataValue(variant, StatusCode.GOOD, null, null);
    }
}

package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * Text for people with the language that it is in (Part 3, 8.5).
 *
 * @param locale for example {@code en-GB}; null if unknown
 */
public record LocalizedText(
        @Nullable String locale, @Nullable String text) {
    public static final LocalizedText NULL = new LocalizedText(null, null);
}

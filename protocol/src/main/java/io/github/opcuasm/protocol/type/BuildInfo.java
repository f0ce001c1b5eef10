package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/** Who made the server's software, and when (Part 5, 12.4). */
public record BuildInfo(
        @Nullable String productName,
        @Nullable String manufacturerName,
        @Nullable String softwareVersion,
        @Nullable String buildNumber,
        @Nullable DateTime buildDate) {}

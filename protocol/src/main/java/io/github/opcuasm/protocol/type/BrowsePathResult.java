package io.github.opcuasm.protocol.type;

import java.util.List;

/** What became of one browse path (Part 4, 5.9.4). */
public record BrowsePathResult(StatusCode statusCode, List<BrowsePathTarget> targets) {}

package io.github.opcuasm.protocol.type;

import java.util.List;

/** What became of one subscription that was to be taken over (Part 4, 5.14.7). */
public record TransferResult(StatusCode statusCode, List<Long> availableSequenceNumbers) {}

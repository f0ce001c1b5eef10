package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * What became of one update of a node's history (Part 11, 6.9.1).
 *
 * @param operationResults one code for each value or event; empty where the server gives none
 */
public record HistoryUpdateResult(StatusCode statusCode, List<StatusCode> operationResults) {}

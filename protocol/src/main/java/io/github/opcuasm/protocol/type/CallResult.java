package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * What a method call gave (Part 4, 5.12.2).
 *
 * @param inputArgumentResults one code for each input argument; empty where the server gives none
 */
public record CallResult(StatusCode statusCode, List<StatusCode> inputArgumentResults, List<Variant> outputArguments) {}

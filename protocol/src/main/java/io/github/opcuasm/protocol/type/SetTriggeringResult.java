package io.github.opcuasm.protocol.type;

import java.util.List;

/** One code for each link that was to be added or removed (Part 4, 5.13.5). */
public record SetTriggeringResult(List<StatusCode> addResults, List<StatusCode> removeResults) {}

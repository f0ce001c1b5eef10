package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import org.jspecify.annotations.Nullable;

/**
 * A value to put into history, as the caller gave it.
 *
 * @param value JSON's null for none: a status alone
 * @param type null = found out from the node
 * @param sourceTimestamp which value of history it is
 * @param serverTimestamp null = none
 * @param name of the value in messages: {@code values[3].value}
 */
public record HistoricalValue(
        JsonValue value,
        @Nullable BuiltinType type,
        StatusCode statusCode,
        DateTime sourceTimestamp,
        @Nullable DateTime serverTimestamp,
        String name) {}

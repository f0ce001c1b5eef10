package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.Variant;
import org.jspecify.annotations.Nullable;

/**
 * The value of a new variable, as the caller gave it.
 *
 * @param typed one with its type beside it; null if it is of the node's data type
 * @param plain what came
 * @param name of it in messages
 */
public record NewNodeValue(@Nullable Variant typed, JsonValue plain, String name) {}

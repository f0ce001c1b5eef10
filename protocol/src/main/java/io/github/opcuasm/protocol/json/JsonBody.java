package io.github.opcuasm.protocol.json;

import java.io.IOException;

/** One JSON value that knows how to write itself, step by step ({@link JsonOutput}). */
@FunctionalInterface
public interface JsonBody {
    /** The value null. */
    JsonBody NULL = JsonOutput::nullValue;

    /** Writes exactly one JSON value. Called once, on the thread that encodes; must not block. */
    void writeTo(JsonOutput out) throws IOException;
}

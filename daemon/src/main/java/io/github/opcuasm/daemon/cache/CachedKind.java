package io.github.opcuasm.daemon.cache;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * A kind of answer that can be remembered.
 *
 * @param weight roughly how many bytes of heap one keeps
 * @param isKept whether this one is worth keeping; a bad status, say, is not
 * @param writer the way into a file
 * @param reader the way back; throws {@link CommandException} for what is none
 */
public record CachedKind<T>(
        ToLongFunction<T> weight, Predicate<T> isKept, Writer<T> writer, Function<JsonValue, T> reader) {

    /** Writes one answer as JSON. */
    @FunctionalInterface
    public interface Writer<T> {
        void write(JsonOutput out, T value) throws IOException;
    }
}

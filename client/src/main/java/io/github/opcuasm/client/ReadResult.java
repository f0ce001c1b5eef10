package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What reading an attribute gave: a value, or the reason why there is none, with its times (Part 4, 7.11).
 *
 * @param node that was read, as text
 * @param dataValue as the protocol has it
 */
public record ReadResult(String node, DataValue dataValue) {

    /**
     * The value as this class ({@link TypedValue} says which there are). An uncertain value is a value.
     *
     * @throws BadStatusException if the status is bad: then there is no value to trust
     * @throws ValueConversionException if it is of another type, does not fit without loss, or there is none
     */
    public <T> T as(Class<T> type) {
        return trusted().as(type);
    }

    /**
     * As {@link #as}; empty if there is no value, or a null one.
     *
     * @throws BadStatusException if the status is bad
     */
    public <T> Optional<T> asOptional(Class<T> type) {
        return trusted().asOptional(type);
    }

    /**
     * The elements of an array, each as this class.
     *
     * @throws BadStatusException if the status is bad
     */
    public <T> List<@Nullable T> asList(Class<T> elementType) {
        return trusted().asList(elementType);
    }

    private TypedValue trusted() {
        if (dataValue.statusCode().isBad()) {
            throw new BadStatusException(node, dataValue.statusCode());
        }
        return value();
    }

    /** The value whatever its status; servers may send one with a bad status too. */
    public TypedValue value() {
        return new TypedValue(node, dataValue.variant());
    }

    /** How good the value is. */
    public StatusCode statusCode() {
        return dataValue.statusCode();
    }

    /** When the source took the value; empty if unknown. */
    public Optional<Instant> sourceTimestamp() {
        return instant(dataValue.sourceTimestamp());
    }

    /** When the server got it; empty if unknown. */
    public Optional<Instant> serverTimestamp() {
        return instant(dataValue.serverTimestamp());
    }

    static Optional<Instant> instant(@Nullable DateTime time) {
        return time == null || time.isNull() ? Optional.empty() : Optional.of(time.toInstant());
    }
}

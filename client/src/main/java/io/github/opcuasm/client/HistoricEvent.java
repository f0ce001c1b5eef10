package io.github.opcuasm.client;

import java.util.Map;

/**
 * An event that was stored.
 *
 * @param fields by the names that were selected, in their order; one that the event does not have is null
 */
public record HistoricEvent(Map<String, TypedValue> fields) {
    /**
     * A field.
     *
     * @throws IllegalArgumentException if it was not selected
     */
    public TypedValue field(String name) {
        TypedValue value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("field: got " + name + ", selected are " + fields.keySet());
        }
        return value;
    }
}

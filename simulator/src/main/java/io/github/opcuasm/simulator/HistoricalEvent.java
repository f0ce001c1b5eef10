package io.github.opcuasm.simulator;

import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * An event that was stored: the values of its fields by the browse names that lead to them. EventId, EventType and
 * Time are always among them.
 */
record HistoricalEvent(Map<List<QualifiedName>, Variant> fields) {
    static final List<QualifiedName> EVENT_ID = field("EventId");
    static final List<QualifiedName> EVENT_TYPE = field("EventType");
    static final List<QualifiedName> TIME = field("Time");

    HistoricalEvent {
        fields = Map.copyOf(fields);
    }

    /** The path of a field of the specification. */
    static List<QualifiedName> field(String name) {
        return List.of(new QualifiedName(0, name));
    }

    ByteString id() {
        return (ByteString) required(EVENT_ID);
    }

    NodeId type() {
        return (NodeId) required(EVENT_TYPE);
    }

    DateTime time() {
        return (DateTime) required(TIME);
    }

    /** The value of a field, a null one if the event has none. */
    Variant field(List<QualifiedName> path) {
        return fields.getOrDefault(path, Variant.NULL_VALUE);
    }

    private Object required(List<QualifiedName> path) {
        Object value = field(path).value();
        if (value == null) {
            throw new IllegalStateException("A stored event has a value for " + path);
        }
        return value;
    }
}

package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;

/** The type of an event, as a filter names it. */
public sealed interface EventType {

    /** As it is written in filters. */
    String text();

    /** By its browse name: still to be looked for on the server. */
    record Named(QualifiedName name) implements EventType {
        @Override
        public String text() {
            return FieldText.step(name);
        }
    }

    /** By its NodeId. */
    record Known(NodeReference nodeId) implements EventType {
        @Override
        public String text() {
            return FieldText.nodeId(nodeId);
        }
    }

    /**
     * A type by its name.
     *
     * @return by its NodeId if it is one of the specification's
     */
    static EventType of(QualifiedName name) {
        NodeReference standard = name.namespaceIndex() == 0 ? StandardEvents.type(name.name()) : null;
        return standard == null ? new Named(name) : new Known(standard);
    }
}

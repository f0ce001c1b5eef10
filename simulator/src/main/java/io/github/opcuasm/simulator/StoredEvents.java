package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;

/** The events that are stored at the start: number 0 to 9 have the severities 100 to 1,000. */
final class StoredEvents {
    private static final int SEVERITY_STEP = 100;

    private static final List<String> FIELDS =
            List.of("EventId", "EventType", "SourceNode", "SourceName", "Time", "ReceiveTime", "Message", "Severity");

    private StoredEvents() {}

    /** An event, whose EventId is its number in 8 bytes. */
    static HistoricalEvent event(UaObjectNode source, int number, Instant time) {
        Map<List<QualifiedName>, Variant> fields = new LinkedHashMap<>();
        List<Object> values = List.of(
                ByteString.of(ByteBuffer.allocate(Long.BYTES).putLong(number).array()),
                NodeIds.BaseEventType,
                source.getNodeId(),
                source.getNodeId().getIdentifier().toString(),
                new DateTime(time),
                new DateTime(time),
                LocalizedText.english("Event " + number),
                ushort(SEVERITY_STEP * (number + 1)));
        for (int i = 0; i < values.size(); i++) {
            fields.put(HistoricalEvent.field(FIELDS.get(i)), new Variant(values.get(i)));
        }
        return new HistoricalEvent(fields);
    }

    /** All events, with these fields. */
    static EventFilter filter() {
        SimpleAttributeOperand[] clauses = FIELDS.stream()
                .map(field -> new SimpleAttributeOperand(
                        NodeIds.BaseEventType,
                        new QualifiedName[] {new QualifiedName(0, field)},
                        AttributeId.Value.uid(),
                        null))
                .toArray(SimpleAttributeOperand[]::new);
        return new EventFilter(clauses, new ContentFilter(null));
    }
}

package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;

/** Which changes or events are reported, and what of them (Part 4, 7.22). */
public sealed interface MonitoringFilter {

    /** As it is sent. */
    ExtensionObject encoded(EncodingContext context);

    /**
     * For the Value attribute.
     *
     * @param trigger 0 status, 1 status or value, 2 status, value or source timestamp
     * @param deadbandType 0 none, 1 absolute, 2 percent of the EURange
     * @param deadbandValue at least 0
     */
    record DataChange(int trigger, int deadbandType, double deadbandValue) implements MonitoringFilter {
        @Override
        public ExtensionObject encoded(EncodingContext context) {
            return ExtensionObject.encode(
                    context, new DataChangeFilter(DataChangeTrigger.from(trigger), uint(deadbandType), deadbandValue));
        }
    }

    /**
     * For the EventNotifier attribute: every event, of which these fields are reported.
     *
     * @param fields at least one
     */
    record Event(List<EventField> fields) implements MonitoringFilter {
        /** What the fields of an event are unless others are asked for. */
        public static final Event DEFAULT = new Event(List.of(
                EventField.standard("EventId"),
                EventField.standard("EventType"),
                EventField.standard("SourceName"),
                EventField.standard("Time"),
                EventField.standard("Message"),
                EventField.standard("Severity")));

        @Override
        public ExtensionObject encoded(EncodingContext context) {
            SimpleAttributeOperand[] select =
                    fields.stream().map(EventField::operand).toArray(SimpleAttributeOperand[]::new);
            return ExtensionObject.encode(
                    context, new EventFilter(select, new ContentFilter(new ContentFilterElement[0])));
        }
    }
}

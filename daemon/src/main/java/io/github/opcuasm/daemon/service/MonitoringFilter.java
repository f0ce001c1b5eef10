package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.filter.EventField;
import io.github.opcuasm.daemon.filter.EventType;
import io.github.opcuasm.daemon.filter.WhereClause;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;

/** Which changes or events are reported, and what of them (Part 4, 7.22). */
public sealed interface MonitoringFilter {

    /**
     * As it is sent.
     *
     * @param namespaces of the session that it is sent on
     * @throws io.github.opcuasm.protocol.CommandException {@code InvalidNodeIdException} if it names a namespace that the
     *     server does not have
     */
    ExtensionObject encoded(EncodingContext context, NamespaceTable namespaces);

    /**
     * For the Value attribute.
     *
     * @param trigger 0 status, 1 status or value, 2 status, value or source timestamp
     * @param deadbandType 0 none, 1 absolute, 2 percent of the EURange
     * @param deadbandValue at least 0
     */
    record DataChange(int trigger, int deadbandType, double deadbandValue) implements MonitoringFilter {
        @Override
        public ExtensionObject encoded(EncodingContext context, NamespaceTable namespaces) {
            return ExtensionObject.encode(
                    context, new DataChangeFilter(DataChangeTrigger.from(trigger), uint(deadbandType), deadbandValue));
        }
    }

    /**
     * For the EventNotifier attribute.
     *
     * @param fields what of an event is reported; at least one
     * @param where which events are; null = all of them
     */
    record Event(List<EventField> fields, @Nullable WhereClause where) implements MonitoringFilter {
        /** What the fields of an event are unless others are asked for. */
        public static final Event DEFAULT = new Event(
                List.of(
                        EventField.standard("EventId"),
                        EventField.standard("EventType"),
                        EventField.standard("SourceName"),
                        EventField.standard("Time"),
                        EventField.standard("Message"),
                        EventField.standard("Severity")),
                null);

        /**
         * What a caller wrote.
         *
         * @param where null = all events
         * @param name of what holds both, for messages; empty if they stand alone
         * @throws CommandException {@code invalid_argument}
         */
        public static Event parse(List<String> selectFields, @Nullable String where, String name) {
            String prefix = name.isEmpty() ? "" : name + ".";
            List<EventField> fields = new ArrayList<>(selectFields.size());
            for (String field : selectFields) {
                fields.add(EventField.parse(field, prefix + "selectFields[" + fields.size() + "]"));
            }
            return new Event(
                    fields.isEmpty() ? DEFAULT.fields() : fields,
                    where == null ? null : WhereClause.parse(where, prefix + "where"));
        }

        /** The types that it names and whose NodeIds only the server knows. */
        public Set<QualifiedName> typesToFind() {
            Set<QualifiedName> names = new LinkedHashSet<>();
            Consumer<EventType> named = type -> {
                if (type instanceof EventType.Named unknown) {
                    names.add(unknown.name());
                }
            };
            fields.stream().map(EventField::type).filter(Objects::nonNull).forEach(named);
            if (where != null) {
                where.eachType(named);
            }
            return names;
        }

        /** The same with NodeIds for the types that were found; it can be sent when none is missing. */
        public Event withTypes(Map<QualifiedName, NodeReference> found) {
            UnaryOperator<EventType> known = type -> {
                NodeReference nodeId = type instanceof EventType.Named named ? found.get(named.name()) : null;
                return nodeId == null ? type : new EventType.Known(nodeId);
            };
            return new Event(
                    fields.stream().map(field -> field.withType(known)).toList(),
                    where == null ? null : where.withTypes(known));
        }

        @Override
        public ExtensionObject encoded(EncodingContext context, NamespaceTable namespaces) {
            return ExtensionObject.encode(context, filter(context, namespaces));
        }

        /** As {@link #encoded}, for where it is no ExtensionObject: history (Part 11, 6.5.2 and 6.9.3). */
        EventFilter filter(EncodingContext context, NamespaceTable namespaces) {
            SimpleAttributeOperand[] select =
                    fields.stream().map(field -> field.operand(namespaces)).toArray(SimpleAttributeOperand[]::new);
            return new EventFilter(
                    select,
                    where == null
                            ? new ContentFilter(new ContentFilterElement[0])
                            : where.encoded(context, namespaces));
        }
    }
}

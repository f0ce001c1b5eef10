package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;

/**
 * A field of events: browse names from the event type to the field (Part 4, 7.4.4.5). The type is left open: a server takes
 * BaseEventType for any, and events that do not have the field get a null for it.
 *
 * @param path at least one name; {@code ConditionId} alone stands for the NodeId of the condition itself, which has no
 *     browse name (Part 9, 5.5.2)
 */
public record EventField(List<QualifiedName> path) {
    private static final Pattern NAME = Pattern.compile("(?:([0-9]{1,5}):)?+(.+)");
    private static final int MAX_DEPTH = 16;
    private static final int MAX_INDEX = 65_535;
    private static final List<QualifiedName> CONDITION_ID = List.of(new QualifiedName(0, "ConditionId"));

    static EventField standard(String name) {
        return new EventField(List.of(new QualifiedName(0, name)));
    }

    /**
     * Reads {@code Severity}, {@code 2:Batch} or {@code ActiveState/Id}: names in namespace 0 unless an index stands before
     * them, one behind the other.
     *
     * @return null if it is none
     */
    public static @Nullable EventField parse(String text) {
        List<QualifiedName> path = new ArrayList<>();
        for (String name : text.split("/", -1)) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches() || path.size() == MAX_DEPTH) {
                return null;
            }
            int index = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
            if (index > MAX_INDEX) {
                return null;
            }
            path.add(new QualifiedName(index, matcher.group(2)));
        }
        return new EventField(path);
    }

    SimpleAttributeOperand operand() {
        if (path.equals(CONDITION_ID)) {
            return new SimpleAttributeOperand(
                    NodeIds.ConditionType,
                    new org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName[0],
                    AttributeId.NodeId.uid(),
                    null);
        }
        return new SimpleAttributeOperand(
                NodeIds.BaseEventType,
                path.stream()
                        .map(TypeMapper::toMilo)
                        .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName[]::new),
                AttributeId.Value.uid(),
                null);
    }
}

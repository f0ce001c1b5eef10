package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.MethodAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a new node as they are sent: the structure of its class, in which {@code specifiedAttributes} tells
 * the server which fields count (Part 4, 7.24). Those that do not hold defaults, zeros and nulls, for servers that look at
 * them all the same.
 *
 * @param value encoded; null if there is none
 */
record NewNodeAttributes(NewNode node, @Nullable Variant value, NamespaceTable namespaces) {

    UaStructuredType structure() {
        UInteger specified =
                uint(node.specified().stream().mapToInt(NodeAttribute::bit).sum());
        var displayName = text(NodeAttribute.DISPLAY_NAME);
        var description = text(NodeAttribute.DESCRIPTION);
        UInteger writeMask = mask(NodeAttribute.WRITE_MASK);
        UInteger userWriteMask = mask(NodeAttribute.USER_WRITE_MASK);
        return switch (node.nodeClass()) {
            case OBJECT ->
                new ObjectAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        bits(NodeAttribute.EVENT_NOTIFIER));
            case VARIABLE ->
                new VariableAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        variant(),
                        dataType(),
                        valueRank(),
                        arrayDimensions(),
                        bits(NodeAttribute.ACCESS_LEVEL),
                        bits(NodeAttribute.USER_ACCESS_LEVEL),
                        given(NodeAttribute.MINIMUM_SAMPLING_INTERVAL, Double.class, 0.0),
                        flag(NodeAttribute.HISTORIZING));
            case METHOD ->
                new MethodAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        flag(NodeAttribute.EXECUTABLE),
                        flag(NodeAttribute.USER_EXECUTABLE));
            case OBJECT_TYPE ->
                new ObjectTypeAttributes(
                        specified, displayName, description, writeMask, userWriteMask, flag(NodeAttribute.IS_ABSTRACT));
            case VARIABLE_TYPE ->
                new VariableTypeAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        variant(),
                        dataType(),
                        valueRank(),
                        arrayDimensions(),
                        flag(NodeAttribute.IS_ABSTRACT));
            case REFERENCE_TYPE ->
                new ReferenceTypeAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        flag(NodeAttribute.IS_ABSTRACT),
                        flag(NodeAttribute.SYMMETRIC),
                        text(NodeAttribute.INVERSE_NAME));
            case DATA_TYPE ->
                new DataTypeAttributes(
                        specified, displayName, description, writeMask, userWriteMask, flag(NodeAttribute.IS_ABSTRACT));
            case VIEW ->
                new ViewAttributes(
                        specified,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        flag(NodeAttribute.CONTAINS_NO_LOOPS),
                        bits(NodeAttribute.EVENT_NOTIFIER));
        };
    }

    private <T> T given(NodeAttribute attribute, Class<T> type, T otherwise) {
        Object value = node.attributes().get(attribute);
        return value == null ? otherwise : type.cast(value);
    }

    private org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText text(NodeAttribute attribute) {
        return TypeMapper.toMilo(given(attribute, LocalizedText.class, LocalizedText.NULL));
    }

    private UInteger mask(NodeAttribute attribute) {
        return uint(given(attribute, Long.class, 0L));
    }

    private UByte bits(NodeAttribute attribute) {
        return ubyte(given(attribute, Integer.class, 0));
    }

    private boolean flag(NodeAttribute attribute) {
        return given(attribute, Boolean.class, false);
    }

    private int valueRank() {
        return given(NodeAttribute.VALUE_RANK, Integer.class, 0);
    }

    private NodeId dataType() {
        return node.attributes().get(NodeAttribute.DATA_TYPE_ID) instanceof NodeReference dataType
                ? TypeMapper.toMilo(dataType, namespaces)
                : NodeId.NULL_VALUE;
    }

    private UInteger @Nullable [] arrayDimensions() {
        return node.attributes().get(NodeAttribute.ARRAY_DIMENSIONS) instanceof List<?> lengths
                ? lengths.stream().map(length -> uint((Long) length)).toArray(UInteger[]::new)
                : null;
    }

    private org.eclipse.milo.opcua.stack.core.types.builtin.Variant variant() {
        return TypeMapper.toMilo(value == null ? Variant.NULL : value);
    }
}

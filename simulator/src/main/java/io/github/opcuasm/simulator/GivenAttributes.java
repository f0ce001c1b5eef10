package io.github.opcuasm.simulator;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeAttributesMask;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.GenericAttributeValue;
import org.eclipse.milo.opcua.stack.core.types.structured.GenericAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.MethodAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.NodeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that a client gave to a node to add (Part 4, 7.24): of the structure of the node's class those whose
 * bit is set in SpecifiedAttributes, or those that GenericAttributes names. A bit or an id of an attribute that nodes of
 * the class do not have is Bad_NodeAttributesInvalid; bits that Part 4 keeps reserved count for nothing, as programs
 * set them with the masks of Part 6 for whole classes.
 */
final class GivenAttributes {
    private static final int RESERVED = NodeAttributesMask.BrowseName.getValue()
            | NodeAttributesMask.NodeClass.getValue()
            | NodeAttributesMask.NodeId.getValue()
            | NodeAttributesMask.DataTypeDefinition.getValue()
            | NodeAttributesMask.RolePermissions.getValue()
            | NodeAttributesMask.AccessRestrictions.getValue();

    private static final List<Field<NodeAttributes>> COMMON = List.of(
            new Field<>(
                    NodeAttributesMask.DisplayName,
                    AttributeId.DisplayName,
                    LocalizedText.class,
                    NodeAttributes::getDisplayName),
            new Field<>(
                    NodeAttributesMask.Description,
                    AttributeId.Description,
                    LocalizedText.class,
                    NodeAttributes::getDescription),
            new Field<>(
                    NodeAttributesMask.WriteMask, AttributeId.WriteMask, UInteger.class, NodeAttributes::getWriteMask),
            new Field<>(
                    NodeAttributesMask.UserWriteMask,
                    AttributeId.UserWriteMask,
                    UInteger.class,
                    NodeAttributes::getUserWriteMask));

    private static final Map<NodeClass, Structure<?>> STRUCTURES = Map.of(
            NodeClass.Object,
            new Structure<>(
                    ObjectAttributes.class,
                    List.of(new Field<>(
                            NodeAttributesMask.EventNotifier,
                            AttributeId.EventNotifier,
                            UByte.class,
                            ObjectAttributes::getEventNotifier))),
            NodeClass.Variable,
            new Structure<>(
                    VariableAttributes.class,
                    List.of(
                            new Field<>(
                                    NodeAttributesMask.Value,
                                    AttributeId.Value,
                                    Variant.class,
                                    VariableAttributes::getValue),
                            new Field<>(
                                    NodeAttributesMask.DataType,
                                    AttributeId.DataType,
                                    NodeId.class,
                                    VariableAttributes::getDataType),
                            new Field<>(
                                    NodeAttributesMask.ValueRank,
                                    AttributeId.ValueRank,
                                    Integer.class,
                                    VariableAttributes::getValueRank),
                            new Field<>(
                                    NodeAttributesMask.ArrayDimensions,
                                    AttributeId.ArrayDimensions,
                                    UInteger[].class,
                                    VariableAttributes::getArrayDimensions),
                            new Field<>(
                                    NodeAttributesMask.AccessLevel,
                                    AttributeId.AccessLevel,
                                    UByte.class,
                                    VariableAttributes::getAccessLevel),
                            new Field<>(
                                    NodeAttributesMask.UserAccessLevel,
                                    AttributeId.UserAccessLevel,
                                    UByte.class,
                                    VariableAttributes::getUserAccessLevel),
                            new Field<>(
                                    NodeAttributesMask.MinimumSamplingInterval,
                                    AttributeId.MinimumSamplingInterval,
                                    Double.class,
                                    VariableAttributes::getMinimumSamplingInterval),
                            new Field<>(
                                    NodeAttributesMask.Historizing,
                                    AttributeId.Historizing,
                                    Boolean.class,
                                    VariableAttributes::getHistorizing))),
            NodeClass.Method,
            new Structure<>(
                    MethodAttributes.class,
                    List.of(
                            new Field<>(
                                    NodeAttributesMask.Executable,
                                    AttributeId.Executable,
                                    Boolean.class,
                                    MethodAttributes::getExecutable),
                            new Field<>(
                                    NodeAttributesMask.UserExecutable,
                                    AttributeId.UserExecutable,
                                    Boolean.class,
                                    MethodAttributes::getUserExecutable))),
            NodeClass.ObjectType,
            new Structure<>(ObjectTypeAttributes.class, List.of(isAbstract(ObjectTypeAttributes::getIsAbstract))),
            NodeClass.VariableType,
            new Structure<>(
                    VariableTypeAttributes.class,
                    List.of(
                            new Field<>(
                                    NodeAttributesMask.Value,
                                    AttributeId.Value,
                                    Variant.class,
                                    VariableTypeAttributes::getValue),
                            new Field<>(
                                    NodeAttributesMask.DataType,
                                    AttributeId.DataType,
                                    NodeId.class,
                                    VariableTypeAttributes::getDataType),
                            new Field<>(
                                    NodeAttributesMask.ValueRank,
                                    AttributeId.ValueRank,
                                    Integer.class,
                                    VariableTypeAttributes::getValueRank),
                            new Field<>(
                                    NodeAttributesMask.ArrayDimensions,
                                    AttributeId.ArrayDimensions,
                                    UInteger[].class,
                                    VariableTypeAttributes::getArrayDimensions),
                            isAbstract(VariableTypeAttributes::getIsAbstract))),
            NodeClass.ReferenceType,
            new Structure<>(
                    ReferenceTypeAttributes.class,
                    List.of(
                            isAbstract(ReferenceTypeAttributes::getIsAbstract),
                            new Field<>(
                                    NodeAttributesMask.Symmetric,
                                    AttributeId.Symmetric,
                                    Boolean.class,
                                    ReferenceTypeAttributes::getSymmetric),
                            new Field<>(
                                    NodeAttributesMask.InverseName,
                                    AttributeId.InverseName,
                                    LocalizedText.class,
                                    ReferenceTypeAttributes::getInverseName))),
            NodeClass.DataType,
            new Structure<>(DataTypeAttributes.class, List.of(isAbstract(DataTypeAttributes::getIsAbstract))),
            NodeClass.View,
            new Structure<>(
                    ViewAttributes.class,
                    List.of(
                            new Field<>(
                                    NodeAttributesMask.ContainsNoLoops,
                                    AttributeId.ContainsNoLoops,
                                    Boolean.class,
                                    ViewAttributes::getContainsNoLoops),
                            new Field<>(
                                    NodeAttributesMask.EventNotifier,
                                    AttributeId.EventNotifier,
                                    UByte.class,
                                    ViewAttributes::getEventNotifier))));

    private final Map<AttributeId, Object> values = new EnumMap<>(AttributeId.class);

    private GivenAttributes() {}

    /** One attribute: its bit, its id, its type, and where the structure of a class has it. */
    private record Field<A>(
            NodeAttributesMask bit, AttributeId id, Class<?> type, Function<A, @Nullable Object> value) {}

    /** What nodes of a class have beside the common attributes. */
    private record Structure<A extends NodeAttributes>(Class<A> type, List<Field<A>> own) {
        void addSpecified(NodeAttributes given, GivenAttributes to) throws UaException {
            if (!type.isInstance(given)) {
                throw invalid();
            }
            long left = given.getSpecifiedAttributes().longValue() & ~Integer.toUnsignedLong(RESERVED);
            for (Field<NodeAttributes> field : COMMON) {
                left = to.add(field, given, left);
            }
            for (Field<A> field : own) {
                left = to.add(field, type.cast(given), left);
            }
            if (left != 0) {
                throw invalid();
            }
        }

        void addNamed(GenericAttributeValue given, GivenAttributes to) throws UaException {
            AttributeId id = AttributeId.from(given.getAttributeId()).orElseThrow(GivenAttributes::invalid);
            Class<?> expected = null;
            for (Field<NodeAttributes> field : COMMON) {
                expected = field.id() == id ? field.type() : expected;
            }
            for (Field<A> field : own) {
                expected = field.id() == id ? field.type() : expected;
            }
            Object value = expected == Variant.class
                    ? given.getValue()
                    : given.getValue().value();
            if (expected == null || (value != null && !expected.isInstance(value))) {
                throw invalid();
            }
            to.put(id, value);
        }
    }

    /**
     * Reads what a client gave.
     *
     * @throws UaException Bad_NodeAttributesInvalid if it is missing, of another class, or has what the class has not
     */
    static GivenAttributes of(NodeClass nodeClass, @Nullable ExtensionObject given, EncodingContext context)
            throws UaException {
        GivenAttributes attributes = new GivenAttributes();
        Structure<?> structure = STRUCTURES.get(nodeClass);
        if (structure == null || given == null) {
            throw invalid();
        }
        try {
            Object decoded = given.decode(context);
            if (decoded instanceof GenericAttributes generic) {
                GenericAttributeValue[] named = generic.getAttributeValues();
                for (GenericAttributeValue value : named == null ? new GenericAttributeValue[0] : named) {
                    structure.addNamed(value, attributes);
                }
            } else if (decoded instanceof NodeAttributes typed) {
                structure.addSpecified(typed, attributes);
            } else {
                throw invalid();
            }
        } catch (UaSerializationException e) {
            throw new UaException(StatusCodes.Bad_NodeAttributesInvalid, e);
        }
        return attributes;
    }

    /** What was given for an attribute, or the default for one that was not. */
    <T> T get(AttributeId id, Class<T> type, T otherwise) {
        Object value = values.get(id);
        return value == null ? otherwise : type.cast(value);
    }

    /** As {@link #get} for an attribute that may be null. */
    <T> @Nullable T find(AttributeId id, Class<T> type) {
        return type.cast(values.get(id));
    }

    boolean has(AttributeId id) {
        return values.containsKey(id);
    }

    static UaException invalid() {
        return new UaException(StatusCodes.Bad_NodeAttributesInvalid);
    }

    private <A> long add(Field<A> field, A given, long bits) {
        if ((bits & field.bit().getValue()) == 0) {
            return bits;
        }
        put(field.id(), field.value().apply(given));
        return bits & ~field.bit().getValue();
    }

    private void put(AttributeId id, @Nullable Object value) {
        if (value != null) {
            values.put(id, value);
        }
    }

    private static <A> Field<A> isAbstract(Function<A, @Nullable Object> value) {
        return new Field<>(NodeAttributesMask.IsAbstract, AttributeId.IsAbstract, Boolean.class, value);
    }
}

package io.github.opcuasm.simulator;

import java.util.Arrays;
import java.util.Optional;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaDataTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaMethodNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNodeContext;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaReferenceTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaViewNode;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.jspecify.annotations.Nullable;

/**
 * Makes nodes of every class from the attributes that a client gave. What was not given comes from the type of a
 * variable, else: the DisplayName is the name, a variable is readable, a method executable, a type not abstract.
 */
final class NewNodes {
    private static final UByte READABLE = Unsigned.ubyte(1);

    private final OpcUaServer server;
    private final NodeBuilder nodes;
    private final ReferenceRules rules;

    NewNodes(OpcUaServer server, NodeBuilder nodes, ReferenceRules rules) {
        this.server = server;
        this.nodes = nodes;
        this.rules = rules;
    }

    /**
     * A node without references, in no folder yet.
     *
     * @param type the type definition of an object or variable
     * @throws UaException Bad_NodeAttributesInvalid if the attributes do not fit each other
     */
    UaNode create(NodeClass nodeClass, NodeId id, QualifiedName name, GivenAttributes given, @Nullable UaNode type)
            throws UaException {
        UaNodeContext context = nodes.context();
        LocalizedText displayName =
                given.get(AttributeId.DisplayName, LocalizedText.class, new LocalizedText(name.name()));
        LocalizedText description = given.get(AttributeId.Description, LocalizedText.class, LocalizedText.NULL_VALUE);
        UInteger writeMask = given.get(AttributeId.WriteMask, UInteger.class, UInteger.MIN);
        UInteger userWriteMask = given.get(AttributeId.UserWriteMask, UInteger.class, writeMask);
        boolean isAbstract = given.get(AttributeId.IsAbstract, Boolean.class, false);
        switch (nodeClass) {
            case Object -> {
                return new UaObjectNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        given.get(AttributeId.EventNotifier, UByte.class, UByte.MIN));
            }
            case Variable -> {
                Shape shape = shape(given, type);
                UByte access = given.get(AttributeId.AccessLevel, UByte.class, READABLE);
                return new UaVariableNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        nodes.good(shape.value()),
                        shape.dataType(),
                        shape.rank(),
                        shape.dimensions(),
                        access,
                        given.get(AttributeId.UserAccessLevel, UByte.class, access),
                        given.get(AttributeId.MinimumSamplingInterval, Double.class, 0.0),
                        given.get(AttributeId.Historizing, Boolean.class, false));
            }
            case Method -> {
                boolean executable = given.get(AttributeId.Executable, Boolean.class, true);
                return new UaMethodNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        executable,
                        given.get(AttributeId.UserExecutable, Boolean.class, executable));
            }
            case ObjectType -> {
                return new UaObjectTypeNode(
                        context, id, name, displayName, description, writeMask, userWriteMask, isAbstract);
            }
            case VariableType -> {
                Shape shape = shape(given, null);
                return new UaVariableTypeNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        nodes.good(shape.value()),
                        shape.dataType(),
                        shape.rank(),
                        shape.dimensions(),
                        isAbstract);
            }
            case ReferenceType -> {
                return new UaReferenceTypeNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        isAbstract,
                        given.get(AttributeId.Symmetric, Boolean.class, false),
                        given.find(AttributeId.InverseName, LocalizedText.class));
            }
            case DataType -> {
                return new UaDataTypeNode(
                        context, id, name, displayName, description, writeMask, userWriteMask, isAbstract);
            }
            case View -> {
                return new UaViewNode(
                        context,
                        id,
                        name,
                        displayName,
                        description,
                        writeMask,
                        userWriteMask,
                        given.get(AttributeId.ContainsNoLoops, Boolean.class, false),
                        given.get(AttributeId.EventNotifier, UByte.class, UByte.MIN));
            }
            default -> throw new IllegalArgumentException("No class of nodes: " + nodeClass);
        }
    }

    /** What a variable holds. */
    @SuppressWarnings("ArrayRecordComponent") // Handed on at once, never compared.
    private record Shape(@Nullable Object value, NodeId dataType, int rank, UInteger @Nullable [] dimensions) {}

    private Shape shape(GivenAttributes given, @Nullable UaNode type) throws UaException {
        UaVariableTypeNode declared = type instanceof UaVariableTypeNode variableType ? variableType : null;
        NodeId dataType = given.get(
                AttributeId.DataType, NodeId.class, declared == null ? NodeIds.BaseDataType : declared.getDataType());
        int rank = given.get(
                AttributeId.ValueRank, Integer.class, declared == null ? ValueRanks.Any : declared.getValueRank());
        UInteger[] dimensions = given.find(AttributeId.ArrayDimensions, UInteger[].class);
        Object value =
                given.get(AttributeId.Value, Variant.class, Variant.NULL_VALUE).value();
        Optional<UaNode> dataTypeNode = server.getAddressSpaceManager().getManagedNode(dataType);
        if (!(dataTypeNode.orElse(null) instanceof UaDataTypeNode)
                || rank < ValueRanks.ScalarOrOneDimension
                || (dimensions != null && dimensions.length != 0 && dimensions.length != rank)
                || !holds(dataType, rank, value)) {
            throw GivenAttributes.invalid();
        }
        return new Shape(value, dataType, rank, dimensions != null && dimensions.length == 0 ? null : dimensions);
    }

    /** Whether a value has the type and rank; data types that clients added take the values of the one above them. */
    private boolean holds(NodeId dataType, int rank, @Nullable Object value) {
        if (value == null) {
            return true;
        }
        int valueRank = value instanceof Matrix matrix
                ? matrix.getDimensions().length
                : value.getClass().isArray() ? ValueRanks.OneDimension : ValueRanks.Scalar;
        if (!ranksMatch(rank, valueRank)) {
            return false;
        }
        NodeId known = dataType;
        while (server.getDataTypeTree().getDataType(known) == null) {
            Optional<NodeId> above = rules.supertype(known);
            if (above.isEmpty()) {
                return true;
            }
            known = above.get();
        }
        if (known.equals(NodeIds.BaseDataType)) {
            // The tree takes it for the Variant that is its encoding, which only arrays of Variants are.
            return true;
        }
        Class<?> element = value instanceof Matrix matrix
                ? matrix.getElements().getClass().getComponentType()
                : value.getClass().isArray() ? value.getClass().getComponentType() : value.getClass();
        return server.getDataTypeTree().isAssignable(known, element);
    }

    private static boolean ranksMatch(int rank, int valueRank) {
        if (rank == ValueRanks.Any || rank == valueRank) {
            return true;
        }
        if (rank == ValueRanks.ScalarOrOneDimension) {
            return Arrays.asList(ValueRanks.Scalar, ValueRanks.OneDimension).contains(valueRank);
        }
        return rank == ValueRanks.OneOrMoreDimensions && valueRank >= ValueRanks.OneDimension;
    }
}

package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import java.util.Arrays;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaDataTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNodeContext;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.jspecify.annotations.Nullable;

/**
 * Makes data types. The type NAME is {@code ns=2;s=DataTypes/NAME}; its encodings, if it has any, are
 * {@code ns=2;s=DataTypes/NAME/Default Binary} and {@code .../Default XML}. Types hang where they belong in the tree
 * of standard types; they are in no folder.
 */
final class DataTypeNodes {
    static final String BINARY = "Default Binary";
    static final String XML = "Default XML";

    private final UaNodeContext context;
    private final UShort namespace;

    DataTypeNodes(UaNodeContext context, UShort namespace) {
        this.context = context;
        this.namespace = namespace;
    }

    EncodingContext encodingContext() {
        return context.getServer().getStaticEncodingContext();
    }

    NodeId typeId(String name) {
        return new NodeId(namespace, "DataTypes/" + name);
    }

    NodeId encodingId(String name) {
        return encodingId(name, BINARY);
    }

    NodeId encodingId(String name, String encoding) {
        return new NodeId(namespace, "DataTypes/" + name + "/" + encoding);
    }

    /**
     * A structure with a Default Binary encoding.
     *
     * @param fields those of the base type first, as Part 3, 8.48 wants them
     */
    UaDataTypeNode structure(String name, NodeId base, StructureType type, StructureField... fields) {
        UaDataTypeNode added = type(name, base, false, definition(name, base, type, fields));
        encoding(added, name, BINARY);
        return added;
    }

    /** A structure that has no values of its own and hence no encoding. */
    UaDataTypeNode abstractStructure(String name, NodeId base, StructureField... fields) {
        return type(
                name, base, true, new StructureDefinition(NodeId.NULL_VALUE, base, StructureType.Structure, fields));
    }

    StructureDefinition definition(String name, NodeId base, StructureType type, StructureField... fields) {
        return new StructureDefinition(encodingId(name), base, type, fields);
    }

    UaDataTypeNode type(String name, NodeId base, boolean isAbstract, @Nullable DataTypeDefinition definition) {
        UaDataTypeNode added = new UaDataTypeNode(
                context,
                typeId(name),
                new QualifiedName(namespace, name),
                LocalizedText.english(name),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                isAbstract);
        if (definition != null) {
            added.setDataTypeDefinition(definition);
        }
        context.getNodeManager().addNode(added);
        added.addReference(new Reference(added.getNodeId(), NodeIds.HasSubtype, base.expanded(), false));
        return added;
    }

    void encoding(UaDataTypeNode type, String name, String encoding) {
        UaObjectNode added = new UaObjectNode(
                context,
                encodingId(name, encoding),
                new QualifiedName(0, encoding),
                LocalizedText.english(encoding),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                ubyte(0));
        context.getNodeManager().addNode(added);
        added.addReference(new Reference(
                added.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.DataTypeEncodingType.expanded(), true));
        type.addReference(new Reference(
                type.getNodeId(), NodeIds.HasEncoding, added.getNodeId().expanded(), true));
    }

    /** A property of a type in namespace 0, such as EnumStrings. */
    void property(UaDataTypeNode type, String name, NodeId dataType, Object value) {
        UaVariableNode added = new UaVariableNode(
                context,
                new NodeId(namespace, type.getNodeId().getIdentifier() + "/" + name),
                new QualifiedName(0, name),
                LocalizedText.english(name),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN);
        added.setDataType(dataType);
        added.setValueRank(ValueRanks.OneDimension);
        added.setValue(new DataValue(new Variant(value)));
        added.addReference(
                new Reference(added.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.PropertyType.expanded(), true));
        context.getNodeManager().addNode((UaNode) added);
        type.addReference(new Reference(
                type.getNodeId(), NodeIds.HasProperty, added.getNodeId().expanded(), true));
    }

    static StructureField field(String name, NodeId type) {
        return field(name, type, ValueRanks.Scalar, false);
    }

    static StructureField array(String name, NodeId type) {
        return field(name, type, ValueRanks.OneDimension, false);
    }

    /** An optional field, or in a structure with subtyped values one that takes values of subtypes. */
    static StructureField optional(String name, NodeId type) {
        return field(name, type, ValueRanks.Scalar, true);
    }

    static StructureField field(String name, NodeId type, int valueRank, boolean isOptional) {
        return new StructureField(
                name,
                LocalizedText.NULL_VALUE,
                type,
                valueRank,
                valueRank < 1 ? null : zeros(valueRank),
                UInteger.MIN,
                isOptional);
    }

    private static UInteger[] zeros(int length) {
        UInteger[] zeros = new UInteger[length];
        Arrays.fill(zeros, UInteger.MIN);
        return zeros;
    }
}

package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;

/** Analog: a variable of AnalogItemType (Part 8, 5.3.2.3), whose EURange is what a percent deadband is a part of. */
final class AnalogNodes {
    private static final String FOLDER = "Analog";
    private static final Range RANGE = new Range(0.0, 200.0);

    private AnalogNodes() {}

    static void addTo(NodeBuilder nodes) {
        UaVariableNode level = nodes.folderOf(FOLDER).writable("Level", OpcUaDataType.Double, 100.0);
        level.removeReference(new Reference(
                level.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.BaseDataVariableType.expanded(), true));
        level.addReference(
                new Reference(level.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.AnalogItemType.expanded(), true));
        nodes.property(
                level,
                new QualifiedName(0, "EURange"),
                NodeIds.Range,
                ExtensionObject.encode(DefaultEncodingContext.INSTANCE, RANGE));
    }
}

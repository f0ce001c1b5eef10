package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.OpcUaDataType;

/** Dynamic: read-only variables that are computed from the ticker when they are read. */
final class DynamicNodes {
    static final String FOLDER = "Dynamic";

    private DynamicNodes() {}

    static void addTo(NodeBuilder nodes, Waves waves) {
        NodeBuilder.Folder dynamic = nodes.folderOf(FOLDER);
        dynamic.computed("Counter", OpcUaDataType.UInt32, waves::counter);
        dynamic.computed("Sine", OpcUaDataType.Double, waves::sine);
        dynamic.computed("Sawtooth", OpcUaDataType.Double, waves::sawtooth);
        dynamic.computed("Random", OpcUaDataType.Double, waves::random);
    }
}

package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.sdk.server.nodes.UaDataTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.jspecify.annotations.Nullable;

/** The data types of one server, the variables that hold values of them, and the one type that changes. */
final class CustomModel {
    private final ModelSettings settings;
    private final RawValues rawValues = new RawValues();
    private @Nullable Changing changing;

    CustomModel(ModelSettings settings) {
        this.settings = settings;
    }

    RawValues rawValues() {
        return rawValues;
    }

    synchronized void addTo(NodeBuilder nodes) {
        DataTypeNodes types = new DataTypeNodes(nodes.context(), nodes.namespace());
        CustomTypes.addTo(types);
        UaVariableNode variable = StructureNodes.addTo(nodes, types);
        TypedNodes.addTo(nodes, types);
        RawNodes.addTo(nodes, types, rawValues);
        GraphNodes.addTo(nodes);
        if (settings.bigNodes()) {
            BigNodes.addTo(nodes);
        }
        UaDataTypeNode type = (UaDataTypeNode) nodes.context()
                .getNodeManager()
                .getNode(types.typeId("Changing"))
                .orElseThrow();
        changing = new Changing(nodes, types, type, variable);
        if (settings.typeChanged()) {
            changing.apply(true);
        }
    }

    /** Brings the type that changes, and the value of its variable, into the state that the settings ask for. */
    synchronized void followSettings() {
        if (changing != null) {
            changing.apply(settings.typeChanged());
        }
    }

    private record Changing(NodeBuilder nodes, DataTypeNodes types, UaDataTypeNode type, UaVariableNode variable) {
        void apply(boolean changed) {
            type.setDataTypeDefinition(CustomTypes.changing(types, changed));
            DataValue value = nodes.good(StructureNodes.changing(types, changed));
            variable.setValue(value);
        }
    }
}

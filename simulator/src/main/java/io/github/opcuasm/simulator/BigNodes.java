package io.github.opcuasm.simulator;

import java.util.function.Supplier;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.nodes.filters.AttributeFilters;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.jspecify.annotations.Nullable;

/**
 * Big: writable variables with {@link BigValues}, which come into being when they are first read and take no memory
 * before, and a folder with many children.
 */
final class BigNodes {
    static final String FOLDER = "Big";

    private final NodeBuilder nodes;
    private final NodeBuilder.Folder big;

    private BigNodes(NodeBuilder nodes) {
        this.nodes = nodes;
        this.big = nodes.folderOf(FOLDER);
    }

    static void addTo(NodeBuilder nodes) {
        BigNodes added = new BigNodes(nodes);
        added.variable("Array100k", NodeIds.Int32, ValueRanks.OneDimension, BigValues::int32s);
        added.variable("Doubles100k", NodeIds.Double, ValueRanks.OneDimension, BigValues::doubles);
        added.variable("String5MB", NodeIds.String, ValueRanks.Scalar, BigValues::string);
        added.variable("ByteString5MB", NodeIds.ByteString, ValueRanks.Scalar, () -> ByteString.of(BigValues.bytes()));
        added.addFolder();
    }

    private void variable(String name, NodeId type, int valueRank, Supplier<Object> value) {
        UaVariableNode added =
                big.add(name, type, valueRank, nodes.good(null), NodeBuilder.READ_WRITE, NodeBuilder.READ_WRITE);
        Once initial = new Once(() -> nodes.good(value.get()));
        added.getFilterChain().addFirst(AttributeFilters.getValue(read -> {
            DataValue written = (DataValue) read.getAttribute(AttributeId.Value);
            return written.value().isNull() ? initial.get() : written;
        }));
    }

    private void addFolder() {
        UaFolderNode folder = nodes.folder(FOLDER + "/Folder");
        folder.setBrowseName(new QualifiedName(nodes.namespace(), "Folder"));
        folder.setDisplayName(LocalizedText.english("Folder"));
        big.node().addOrganizes(folder);
        for (int i = 0; i < BigValues.FOLDER_SIZE; i++) {
            String name = String.format("%05d", i);
            UaVariableNode child = nodes.variable(
                    new NodeId(nodes.namespace(), FOLDER + "/Folder/" + name),
                    name,
                    NodeIds.Int32,
                    ValueRanks.Scalar,
                    nodes.good(i),
                    NodeBuilder.READ,
                    NodeBuilder.READ);
            folder.addOrganizes(child);
        }
    }

    private static final class Once {
        private final Supplier<DataValue> make;
        private @Nullable DataValue made;

        Once(Supplier<DataValue> make) {
            this.make = make;
        }

        synchronized DataValue get() {
            if (made == null) {
                made = make.get();
            }
            return made;
        }
    }
}

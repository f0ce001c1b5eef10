package io.github.opcuasm.simulator;

import java.util.UUID;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/**
 * Folders of unusual shape. Cycle: A and B organize each other, and Self itself; Deep: each of 300 folders organizes
 * the next; Ids: a variable for each type of identifier, with names that ask for quoting.
 */
final class GraphNodes {
    static final int DEPTH = 300;

    private static final UUID GUID = UUID.fromString("09087e75-8e5e-499b-954f-f2a9603db28a");

    private GraphNodes() {}

    static void addTo(NodeBuilder nodes) {
        addCycle(nodes);
        addChain(nodes);
        addIds(nodes);
    }

    private static void addCycle(NodeBuilder nodes) {
        UaFolderNode cycle = nodes.folderOf("Cycle").node();
        UaFolderNode a = child(nodes, "Cycle", "A");
        UaFolderNode b = child(nodes, "Cycle", "B");
        UaFolderNode self = child(nodes, "Cycle", "Self");
        cycle.addOrganizes(a);
        a.addOrganizes(b);
        b.addOrganizes(a);
        cycle.addOrganizes(self);
        self.addOrganizes(self);
    }

    private static void addChain(NodeBuilder nodes) {
        UaFolderNode last = nodes.folderOf("Deep").node();
        for (int i = 1; i <= DEPTH; i++) {
            UaFolderNode next = child(nodes, "Deep", Integer.toString(i));
            last.addOrganizes(next);
            last = next;
        }
    }

    private static void addIds(NodeBuilder nodes) {
        UaFolderNode ids = nodes.folderOf("Ids").node();
        variable(nodes, ids, "Numeric", new NodeId(nodes.namespace(), UInteger.valueOf(4_294_967_295L)));
        variable(nodes, ids, "NumericZero", new NodeId(nodes.namespace(), UInteger.MIN));
        variable(nodes, ids, "String", new NodeId(nodes.namespace(), "Ids/a b;c=\"d\",\u4E09/{e}"));
        variable(nodes, ids, "Guid", new NodeId(nodes.namespace(), GUID));
        variable(nodes, ids, "Opaque", new NodeId(nodes.namespace(), ByteString.of(new byte[] {
            0, (byte) 0xFF, 0x2F, (byte) 0xFB
        })));
        variable(nodes, ids, "Name with / . : & # and <", new NodeId(nodes.namespace(), "Ids/Name"));
    }

    private static UaFolderNode child(NodeBuilder nodes, String folder, String name) {
        UaFolderNode added = nodes.folder(folder + "/" + name);
        added.setBrowseName(new QualifiedName(nodes.namespace(), name));
        added.setDisplayName(LocalizedText.english(name));
        return added;
    }

    private static void variable(NodeBuilder nodes, UaFolderNode folder, String name, NodeId id) {
        UaVariableNode added = nodes.variable(
                id, name, NodeIds.String, ValueRanks.Scalar, nodes.good(name), NodeBuilder.READ, NodeBuilder.READ);
        folder.addOrganizes(added);
    }
}

package io.github.opcuasm.simulator;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaViewNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/** Views/Plant, a View (Part 3, 5.4) of a few variables. */
final class ViewNodes {
    static final String PLANT = "Views/Plant";

    private static final List<String> SHOWN = List.of("Scalars/Int32", "Dynamic/Sine", "History/Ramp");

    private final NodeId plant;
    private final Set<ExpandedNodeId> members;

    ViewNodes(OpcUaServer server, NodeBuilder nodes) {
        UaViewNode view = new UaViewNode(
                nodes.context(),
                nodes.id(PLANT),
                nodes.name("Plant"),
                LocalizedText.english("Plant"),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                true,
                UByte.MIN);
        nodes.context().getNodeManager().addNode((UaNode) view);
        view.addReference(new Reference(
                view.getNodeId(), NodeIds.Organizes, NodeIds.ViewsFolder.expanded(), Reference.Direction.INVERSE));
        for (String path : SHOWN) {
            view.addReference(new Reference(
                    view.getNodeId(), NodeIds.Organizes, nodes.id(path).expanded(), Reference.Direction.FORWARD));
        }
        this.plant = view.getNodeId();
        this.members = Stream.concat(SHOWN.stream(), Stream.of(PLANT))
                .map(path -> nodes.id(path).expanded())
                .collect(Collectors.toUnmodifiableSet());
        server.getRegisteredViews().add(plant);
    }

    /** Those of a node's references that belong to a view; all of them if it is none of ours. */
    List<Reference> shown(NodeId viewId, List<Reference> references) {
        return plant.equals(viewId)
                ? references.stream()
                        .filter(reference -> members.contains(reference.getTargetNodeId()))
                        .toList()
                : references;
    }
}

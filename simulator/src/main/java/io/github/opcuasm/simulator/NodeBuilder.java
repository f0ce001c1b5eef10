package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNodeContext;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.nodes.filters.AttributeFilters;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * Makes the nodes of one server. Folders hang under Objects/Simulator; a variable's id is its folder's name, a
 * slash and its own name.
 */
final class NodeBuilder {
    static final Set<AccessLevel> READ = Set.of(AccessLevel.CurrentRead);
    static final Set<AccessLevel> READ_WRITE = Set.of(AccessLevel.CurrentRead, AccessLevel.CurrentWrite);

    private final UaNodeContext context;
    private final UShort namespace;
    private final InstantSource clock;
    private final UaFolderNode root;

    NodeBuilder(UaNodeContext context, UShort namespace, InstantSource clock) {
        this.context = context;
        this.namespace = namespace;
        this.clock = clock;
        this.root = folder("Simulator");
        root.addReference(new Reference(root.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
    }

    /** Variables of one folder. */
    Folder folderOf(String name) {
        UaFolderNode folder = folder(name);
        root.addOrganizes(folder);
        return new Folder(name, folder);
    }

    /** An object of a subtype of FolderType under Objects/Simulator; its id is its name. */
    UaObjectNode folderOf(String name, NodeId type) {
        UaObjectNode folder = new UaObjectNode(
                context,
                id(name),
                name(name),
                LocalizedText.english(name),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                UByte.MIN);
        folder.addReference(new Reference(folder.getNodeId(), NodeIds.HasTypeDefinition, type.expanded(), true));
        context.getNodeManager().addNode((UaNode) folder);
        root.addOrganizes(folder);
        return folder;
    }

    UaNodeContext context() {
        return context;
    }

    UShort namespace() {
        return namespace;
    }

    DateTime now() {
        return new DateTime(clock.instant());
    }

    /** Adds an object under Objects/Simulator; its id is its name. */
    UaObjectNode object(String name, UByte eventNotifier) {
        return object(root, name, name, eventNotifier);
    }

    private UaObjectNode object(UaFolderNode folder, String path, String name, UByte eventNotifier) {
        UaObjectNode object = new UaObjectNode(
                context,
                id(path),
                name(name),
                LocalizedText.english(name),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                eventNotifier);
        object.addReference(
                new Reference(object.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.BaseObjectType.expanded(), true));
        context.getNodeManager().addNode((UaNode) object);
        folder.addOrganizes(object);
        return object;
    }

    /** Adds a read-only property; its id is its owner's, a slash and its name. */
    UaVariableNode property(UaNode owner, QualifiedName name, NodeId dataType, Object value) {
        UaVariableNode added = new UaVariableNode(
                context,
                id(owner.getNodeId().getIdentifier() + "/" + name.name()),
                name,
                LocalizedText.english(name.name()),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                good(value),
                dataType,
                rankOf(value),
                dimensionsOf(value, rankOf(value)),
                level(READ),
                level(READ),
                0.0,
                false);
        added.addReference(
                new Reference(added.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.PropertyType.expanded(), true));
        context.getNodeManager().addNode((UaNode) added);
        owner.addReference(new Reference(
                owner.getNodeId(), NodeIds.HasProperty, added.getNodeId().expanded(), true));
        return added;
    }

    QualifiedName name(String name) {
        return new QualifiedName(namespace, name);
    }

    NodeId id(String path) {
        return new NodeId(namespace, path);
    }

    /** A folder that hangs nowhere yet. */
    UaFolderNode folder(String name) {
        UaFolderNode folder = new UaFolderNode(
                context, new NodeId(namespace, name), new QualifiedName(namespace, name), LocalizedText.english(name));
        context.getNodeManager().addNode(folder);
        return folder;
    }

    final class Folder {
        private final String name;
        private final UaFolderNode node;

        private Folder(String name, UaFolderNode node) {
            this.name = name;
            this.node = node;
        }

        UaFolderNode node() {
            return node;
        }

        UaObjectNode object(String object, UByte eventNotifier) {
            return NodeBuilder.this.object(node, name + "/" + object, object, eventNotifier);
        }

        /** A variable that clients read and write. Its rank and dimensions are those of the value. */
        UaVariableNode writable(String variable, OpcUaDataType type, Object value) {
            return add(variable, type.getNodeId(), rankOf(value), good(value), READ_WRITE, READ_WRITE);
        }

        UaVariableNode readOnly(String variable, OpcUaDataType type, @Nullable Object value) {
            return readOnly(variable, type, good(value));
        }

        UaVariableNode readOnly(String variable, OpcUaDataType type, DataValue value) {
            return add(variable, type.getNodeId(), rankOf(value.value().value()), value, READ, READ);
        }

        /** A read-only variable whose value is computed at every read. */
        void computed(String variable, OpcUaDataType type, Supplier<Object> value) {
            UaVariableNode added = readOnly(variable, type, value.get());
            added.getFilterChain().addFirst(AttributeFilters.getValue(read -> good(value.get())));
        }

        UaVariableNode add(
                String variable,
                NodeId dataType,
                int valueRank,
                DataValue value,
                Set<AccessLevel> access,
                Set<AccessLevel> userAccess) {
            NodeId id = new NodeId(namespace, name + "/" + variable);
            UaVariableNode added = variable(id, variable, dataType, valueRank, value, access, userAccess);
            node.addOrganizes(added);
            return added;
        }
    }

    /** A variable that hangs nowhere yet. */
    UaVariableNode variable(
            NodeId id,
            String name,
            NodeId dataType,
            int valueRank,
            DataValue value,
            Set<AccessLevel> access,
            Set<AccessLevel> userAccess) {
        UaVariableNode added = new UaVariableNode(
                context,
                id,
                new QualifiedName(namespace, name),
                LocalizedText.english(name),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                value,
                dataType,
                valueRank,
                dimensionsOf(value.value().value(), valueRank),
                level(access),
                level(userAccess),
                0.0,
                false);
        added.addReference(new Reference(
                added.getNodeId(), NodeIds.HasTypeDefinition, NodeIds.BaseDataVariableType.expanded(), true));
        context.getNodeManager().addNode((UaNode) added);
        return added;
    }

    DataValue good(@Nullable Object value) {
        DateTime now = now();
        return new DataValue(value == null ? Variant.NULL_VALUE : new Variant(value), StatusCode.GOOD, now, now);
    }

    private static UByte level(Set<AccessLevel> access) {
        return AccessLevel.toValue(access);
    }

    private static int rankOf(@Nullable Object value) {
        if (value instanceof Matrix matrix) {
            return matrix.getDimensions().length;
        }
        return value != null && value.getClass().isArray() ? ValueRanks.OneDimension : ValueRanks.Scalar;
    }

    /** Matrices keep their dimensions, arrays may have any length (Part 3, 5.6.2: 0 is a variable length). */
    private static UInteger @Nullable [] dimensionsOf(@Nullable Object value, int valueRank) {
        if (value instanceof Matrix matrix) {
            return Arrays.stream(matrix.getDimensions())
                    .mapToObj(length -> uint(length))
                    .toArray(UInteger[]::new);
        }
        return valueRank == ValueRanks.OneDimension ? new UInteger[] {UInteger.MIN} : null;
    }
}

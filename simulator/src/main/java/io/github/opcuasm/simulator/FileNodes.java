package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.filters.AttributeFilters;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.jspecify.annotations.Nullable;

/**
 * Files: the objects that stand for the files and directories of a {@link ServedDirectory} (Part 20, 4.2 and 4.3).
 *
 * <p>The disk is what counts, the nodes follow it. A directory is compared with the disk when it is browsed, when a node
 * below it is asked for that is not known, and when a method changed it: what is new gets nodes, what is gone loses
 * them. A file that somebody has open keeps its nodes until it is closed. Size, OpenCount and the like are looked up at
 * each read.
 *
 * <p>The id of a file or directory is {@code Files/PATH}. Components of a file append a slash and their name; those of a
 * directory two slashes, since its files may have any name.
 */
final class FileNodes implements AutoCloseable {
    static final String FILES = "Files";

    private static final Map<String, String> MIME_TYPES = Map.of(
            "txt", "text/plain",
            "log", "text/plain",
            "csv", "text/csv",
            "json", "application/json",
            "xml", "application/xml");

    private final OpcUaServer server;
    private final ServedDirectory directory;
    private final MethodNodes methods;
    private final FileThread thread = new FileThread();
    private final Map<String, Map<String, DiskFiles.Entry>> children = new HashMap<>();
    private volatile @Nullable Served served;

    FileNodes(OpcUaServer server, ServedDirectory directory, MethodNodes methods) {
        this.server = server;
        this.directory = directory;
        this.methods = methods;
    }

    /** What there is once the server starts. */
    private record Served(
            NodeBuilder nodes,
            DiskFiles disk,
            OpenFiles open,
            FileSessions sessions,
            FileMethods files,
            DirectoryMethods directories) {}

    void addTo(NodeBuilder nodes) {
        DiskFiles disk = new DiskFiles(directory.prepare());
        OpenFiles open = new OpenFiles(disk);
        FileSessions sessions = new FileSessions(server.getSessionManager(), thread, open);
        server.getSessionManager().addSessionListener(sessions);
        FileMethods files = new FileMethods(thread, open, sessions, directory.maxByteStringLength());
        DirectoryMethods directories = new DirectoryMethods(thread, disk, open, sessions, this);
        Served ready = new Served(nodes, disk, open, sessions, files, directories);
        addDirectory(ready, nodes.folderOf(FILES, NodeIds.FileDirectoryType), "");
        served = ready;
        refresh("");
    }

    /** Closes all files and ends their thread. */
    @Override
    public void close() {
        thread.close();
        Served ready = served;
        if (ready != null) {
            server.getSessionManager().removeSessionListener(ready.sessions());
            ready.open().closeAll();
        }
    }

    NodeId id(String path) {
        Served ready = served;
        if (ready == null) {
            throw new IllegalStateException("The server has no files yet");
        }
        return ready.nodes().id(path.isEmpty() ? FILES : FILES + "/" + path);
    }

    /** The path that an id stands for, or null if it is not the id of something in Files; there may be no such file. */
    @Nullable
    String pathOf(@Nullable NodeId nodeId) {
        Served ready = served;
        if (ready == null
                || nodeId == null
                || !nodeId.getNamespaceIndex().equals(ready.nodes().namespace())
                || !(nodeId.getIdentifier() instanceof String id)) {
            return null;
        }
        if (id.equals(FILES)) {
            return "";
        }
        return id.startsWith(FILES + "/") ? id.substring(FILES.length() + 1) : null;
    }

    /** Compares the directories among these nodes with the disk. */
    void refresh(List<NodeId> nodeIds) {
        for (NodeId nodeId : nodeIds) {
            String path = pathOf(nodeId);
            if (path != null) {
                discover(nodeId);
                refresh(path);
            }
        }
    }

    /** Looks on the disk for something in Files that has no nodes yet. Whether the id could be of such a thing. */
    boolean discover(NodeId nodeId) {
        String path = pathOf(nodeId);
        if (path == null) {
            return false;
        }
        String above = "";
        for (String name : path.split("/", -1)) {
            if (!knows(above, name)) {
                refresh(above);
            }
            if (!knows(above, name)) {
                break;
            }
            above = DiskFiles.child(above, name);
        }
        return true;
    }

    private synchronized boolean knows(String directoryPath, String name) {
        return children.getOrDefault(directoryPath, Map.of()).containsKey(name);
    }

    /** Lets the nodes of a directory follow the disk; does nothing for what is no directory with nodes. */
    synchronized void refresh(String path) {
        Served ready = served;
        Map<String, DiskFiles.Entry> known = children.get(path);
        if (ready == null || known == null) {
            return;
        }
        Map<String, DiskFiles.Entry> present = new HashMap<>();
        try {
            ready.disk().list(path).forEach(entry -> present.put(entry.name(), entry));
        } catch (UaException e) {
            // It is gone or may not be listed: there is nothing in it to be shown.
            present.clear();
        }
        for (DiskFiles.Entry entry : List.copyOf(known.values())) {
            String child = DiskFiles.child(path, entry.name());
            if (!entry.equals(present.get(entry.name())) && !ready.open().isOpen(child)) {
                remove(ready, path, entry);
            }
        }
        for (DiskFiles.Entry entry : present.values()) {
            if (!known.containsKey(entry.name())) {
                known.put(entry.name(), entry);
                add(ready, path, entry);
            }
        }
    }

    private void add(Served ready, String parent, DiskFiles.Entry entry) {
        String path = DiskFiles.child(parent, entry.name());
        UaObjectNode object = new UaObjectNode(
                ready.nodes().context(),
                id(path),
                ready.nodes().name(entry.name()),
                new LocalizedText(entry.name()),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                UByte.MIN);
        object.addReference(new Reference(
                object.getNodeId(),
                NodeIds.HasTypeDefinition,
                (entry.directory() ? NodeIds.FileDirectoryType : NodeIds.FileType).expanded(),
                true));
        ready.nodes().context().getNodeManager().addNode((UaNode) object);
        if (entry.directory()) {
            addDirectory(ready, object, path);
        } else {
            addFile(ready, object, path);
        }
        // Last, so that nobody finds half a file.
        object.addReference(
                new Reference(object.getNodeId(), NodeIds.Organizes, id(parent).expanded(), false));
    }

    private void addDirectory(Served ready, UaObjectNode object, String path) {
        children.put(path, new HashMap<>());
        ready.directories().of(path).forEach((typeMethod, method) -> {
            methods.add(
                    ready.nodes(),
                    object,
                    ready.nodes().id(object.getNodeId().getIdentifier() + "//" + method.name()),
                    new QualifiedName(0, method.name()),
                    method);
            methods.install(object.getNodeId(), typeMethod, method);
        });
    }

    private void addFile(Served ready, UaObjectNode object, String path) {
        DiskFiles disk = ready.disk();
        property(
                ready,
                object,
                "Size",
                NodeIds.UInt64,
                () -> ulong(disk.attributesOfFile(path).size()));
        property(ready, object, "Writable", NodeIds.Boolean, () -> writable(disk, path));
        property(ready, object, "UserWritable", NodeIds.Boolean, () -> writable(disk, path));
        property(
                ready,
                object,
                "OpenCount",
                NodeIds.UInt16,
                () -> ushort(ready.open().count(path)));
        property(
                ready,
                object,
                "LastModifiedTime",
                NodeIds.UtcTime,
                () -> new DateTime(
                        disk.attributesOfFile(path).lastModifiedTime().toInstant()));
        property(ready, object, "MimeType", NodeIds.String, () -> mimeType(path));
        property(ready, object, "MaxByteStringLength", NodeIds.UInt32, () -> uint(directory.maxByteStringLength()));
        ready.files().of(path).forEach((typeMethod, method) -> {
            methods.add(
                    ready.nodes(),
                    object,
                    ready.nodes().id(object.getNodeId().getIdentifier() + "/" + method.name()),
                    new QualifiedName(0, method.name()),
                    method);
            methods.install(object.getNodeId(), typeMethod, method);
        });
    }

    private static boolean writable(DiskFiles disk, String path) throws UaException {
        disk.attributesOfFile(path);
        return disk.isWritable(path);
    }

    private static void property(
            Served ready, UaObjectNode object, String name, NodeId type, FileThread.Task<Object> value) {
        ready.nodes()
                .property(object, new QualifiedName(0, name), type, "")
                .getFilterChain()
                .addFirst(AttributeFilters.getValue(context -> {
                    try {
                        return ready.nodes().good(value.run());
                    } catch (UaException e) {
                        return new DataValue(
                                Variant.NULL_VALUE,
                                e.getStatusCode(),
                                null,
                                ready.nodes().now());
                    }
                }));
    }

    private static String mimeType(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return MIME_TYPES.getOrDefault(extension, "application/octet-stream");
    }

    private void remove(Served ready, String parent, DiskFiles.Entry entry) {
        String path = DiskFiles.child(parent, entry.name());
        Map<String, DiskFiles.Entry> below = children.remove(path);
        if (below != null) {
            below.values().forEach(child -> remove(ready, path, child));
        }
        Map<String, DiskFiles.Entry> siblings = children.get(parent);
        if (siblings != null) {
            siblings.remove(entry.name());
        }
        NodeId objectId = id(path);
        String separator = entry.directory() ? "//" : "/";
        (entry.directory() ? ready.directories().of(path) : ready.files().of(path)).forEach((typeMethod, method) -> {
            methods.uninstall(objectId, typeMethod);
            methods.uninstall(objectId, ready.nodes().id(objectId.getIdentifier() + separator + method.name()));
        });
        UaNode node = ready.nodes().context().getNodeManager().get(objectId);
        if (node != null) {
            node.delete();
        }
    }

    /** What a directory's method could not find. */
    static UaException notFound() {
        return new UaException(StatusCodes.Bad_NotFound);
    }
}

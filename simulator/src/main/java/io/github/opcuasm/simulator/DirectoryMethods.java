package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.FileMethods.invalid;
import static io.github.opcuasm.simulator.FileMethods.value;
import static io.github.opcuasm.simulator.SimulatedMethod.scalar;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;

/**
 * The methods of FileDirectoryType (Part 20, 4.3) for one directory after the other. An object is found only in the
 * directory that the method is called on. What is open is neither deleted nor moved, and what is written is not copied:
 * Bad_InvalidState. A name that no file has is Bad_InvalidArgument, the argument's result Bad_BrowseNameInvalid.
 */
final class DirectoryMethods {
    private static final int READ_AND_WRITE = 3;

    private final FileThread thread;
    private final DiskFiles disk;
    private final OpenFiles open;
    private final FileSessions sessions;
    private final FileNodes nodes;

    DirectoryMethods(FileThread thread, DiskFiles disk, OpenFiles open, FileSessions sessions, FileNodes nodes) {
        this.thread = thread;
        this.disk = disk;
        this.open = open;
        this.sessions = sessions;
        this.nodes = nodes;
    }

    /** What one of the methods does, on the thread of the files. */
    @FunctionalInterface
    private interface Operation {
        List<Variant> run(NodeId sessionId, List<Variant> arguments) throws UaException;
    }

    /** The methods of the directory with this path, by the ids that they have in the type. */
    Map<NodeId, SimulatedMethod> of(String path) {
        return Map.of(
                NodeIds.FileDirectoryType_CreateDirectory,
                method(
                        "CreateDirectory",
                        List.of(scalar("DirectoryName", OpcUaDataType.String, "A name that is not there yet")),
                        List.of(scalar("DirectoryNodeId", OpcUaDataType.NodeId, "The new directory")),
                        (session, in) -> createDirectory(path, in)),
                NodeIds.FileDirectoryType_CreateFile,
                method(
                        "CreateFile",
                        List.of(
                                scalar("FileName", OpcUaDataType.String, "A name that is not there yet"),
                                scalar("RequestFileOpen", OpcUaDataType.Boolean, "Whether to read and write it now")),
                        List.of(
                                scalar("FileNodeId", OpcUaDataType.NodeId, "The new file"),
                                scalar("FileHandle", OpcUaDataType.UInt32, "Its handle, 0 if it is not open")),
                        (session, in) -> createFile(session, path, in)),
                NodeIds.FileDirectoryType_DeleteFileSystemObject,
                method(
                        "Delete",
                        List.of(scalar("ObjectToDelete", OpcUaDataType.NodeId, "A file, or a directory and all in it")),
                        List.of(),
                        (session, in) -> delete(path, in)),
                NodeIds.FileDirectoryType_MoveOrCopy,
                method(
                        "MoveOrCopy",
                        List.of(
                                scalar("ObjectToMoveOrCopy", OpcUaDataType.NodeId, "A file or directory"),
                                scalar("TargetDirectory", OpcUaDataType.NodeId, "Where it goes, maybe the same"),
                                scalar("CreateCopy", OpcUaDataType.Boolean, "Whether it also stays"),
                                scalar("NewName", OpcUaDataType.String, "Its name there; empty for the same")),
                        List.of(scalar("NewNodeId", OpcUaDataType.NodeId, "What there is then")),
                        (session, in) -> moveOrCopy(path, in)));
    }

    private SimulatedMethod method(String name, List<Argument> inputs, List<Argument> outputs, Operation operation) {
        return SimulatedMethod.of(
                name,
                inputs,
                outputs,
                (session, arguments) -> thread.call(() -> operation.run(session.getSessionId(), arguments)));
    }

    private List<Variant> createDirectory(String directory, List<Variant> in) throws UaException {
        String path = DiskFiles.child(directory, name(in, 0));
        disk.createDirectory(path);
        nodes.refresh(directory);
        return List.of(new Variant(nodes.id(path)));
    }

    private List<Variant> createFile(NodeId sessionId, String directory, List<Variant> in) throws UaException {
        String path = DiskFiles.child(directory, name(in, 0));
        sessions.requireAlive(sessionId);
        disk.createFile(path);
        nodes.refresh(directory);
        long handle = value(in, 1, Boolean.class) ? open.open(sessionId, path, READ_AND_WRITE) : 0;
        return List.of(new Variant(nodes.id(path)), new Variant(uint(handle)));
    }

    private List<Variant> delete(String directory, List<Variant> in) throws UaException {
        String path = entry(directory, in);
        if (open.isOpen(path)) {
            throw new UaException(StatusCodes.Bad_InvalidState);
        }
        try {
            disk.delete(path);
        } finally {
            nodes.refresh(directory);
        }
        return List.of();
    }

    private List<Variant> moveOrCopy(String directory, List<Variant> in) throws UaException {
        String path = entry(directory, in);
        String target = nodes.pathOf(value(in, 1, NodeId.class));
        boolean copies = value(in, 2, Boolean.class);
        if (target == null || !disk.isDirectory(target)) {
            throw invalid(in, 1, StatusCodes.Bad_NodeIdInvalid);
        }
        if ((target + "/").startsWith(path + "/")) {
            // A directory would go into itself.
            throw invalid(in, 1, StatusCodes.Bad_OutOfRange);
        }
        boolean renamed = in.get(3).value() instanceof String newName && !newName.isEmpty();
        String newPath = DiskFiles.child(target, renamed ? name(in, 3) : path.substring(path.lastIndexOf('/') + 1));
        if (copies ? open.isWritten(path) : open.isOpen(path)) {
            throw new UaException(StatusCodes.Bad_InvalidState);
        }
        try {
            if (copies) {
                disk.copy(path, newPath);
            } else {
                disk.move(path, newPath);
            }
        } finally {
            nodes.refresh(directory);
            nodes.discover(nodes.id(newPath));
        }
        return List.of(new Variant(nodes.id(newPath)));
    }

    /** The path of an object that is in the directory. */
    private String entry(String directory, List<Variant> in) throws UaException {
        String path = nodes.pathOf(value(in, 0, NodeId.class));
        if (path == null || path.isEmpty()) {
            throw FileNodes.notFound();
        }
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "" : path.substring(0, slash);
        if (!parent.equals(directory) || !disk.exists(path)) {
            throw FileNodes.notFound();
        }
        return path;
    }

    private static String name(List<Variant> in, int place) throws UaException {
        if (!(in.get(place).value() instanceof String name) || !DiskFiles.isName(name)) {
            throw invalid(in, place, StatusCodes.Bad_BrowseNameInvalid);
        }
        return name;
    }
}

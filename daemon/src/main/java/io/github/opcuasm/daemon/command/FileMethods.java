package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.FileService;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.NodeReference;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * The methods of files and directories. What may change a file, or makes the server hold one open, takes what calling the
 * server's methods takes; moving within an open file, and closing it, takes what reading takes.
 *
 * <p>What changes a directory changes the server's nodes, so that all that is remembered of these is forgotten then, also
 * where it is not known whether anything was changed.
 */
final class FileMethods {
    private static final int WRITE = 2;
    private static final int ERASE_EXISTING = 4;
    private static final int ALL_BITS = 15;
    private static final String MODES =
            "1 Read, 2 Write, 4 EraseExisting (only with 2), 8 Append, added up or in an array";

    private final FileService files;
    private final Consumer<CallContext> forgetNodes;

    /** @param forgetNodes forgets what is known of the nodes of the call's server */
    FileMethods(FileService files, Consumer<CallContext> forgetNodes) {
        this.files = files;
        this.forgetNodes = forgetNodes;
    }

    void addTo(MethodTable.Rows rows) {
        changing(
                rows,
                "openFile",
                FileMethods::file,
                (context, p) -> files.openFile(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        mode(p.get(1, "mode")),
                        p.get(2, "closeWithConnection").flag(false)));
        onOpen(
                rows,
                "closeFile",
                false,
                (context, p) -> files.closeFile(context, p.get(0, "nodeId").nodeId(), fileHandle(p)));
        onOpen(
                rows,
                "readFile",
                true,
                (context, p) -> files.readFile(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        fileHandle(p),
                        p.get(2, "length").whole(1, Integer.MAX_VALUE)));
        changing(
                rows,
                "writeFile",
                FileMethods::file,
                (context, p) -> files.writeFile(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        fileHandle(p),
                        context.isInBytes() ? bytes(p.get(2, "data")) : utf8(p.get(2, "data"))));
        onOpen(
                rows,
                "getFilePosition",
                false,
                (context, p) ->
                        files.getFilePosition(context, p.get(0, "nodeId").nodeId(), fileHandle(p)));
        onOpen(
                rows,
                "setFilePosition",
                false,
                (context, p) -> files.setFilePosition(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        fileHandle(p),
                        p.get(2, "position").uint64()));
        addDirectoriesTo(rows);
    }

    private void addDirectoriesTo(MethodTable.Rows rows) {
        changingNodes(
                rows,
                "createDirectory",
                FileMethods::directory,
                (context, p) -> files.createDirectory(
                        context, p.get(0, "directoryNodeId").nodeId(), name(p.get(1, "name"))));
        changingNodes(
                rows,
                "createFileInDirectory",
                FileMethods::directory,
                (context, p) -> files.createFile(
                        context,
                        p.get(0, "directoryNodeId").nodeId(),
                        name(p.get(1, "name")),
                        p.get(2, "requestFileOpen").flag(false),
                        p.get(3, "closeWithConnection").flag(false)));
        changingNodes(
                rows,
                "deleteFileSystemObject",
                p -> List.of(
                        p.get(0, "directoryNodeId").nodeId(), p.get(1, "nodeId").nodeId()),
                (context, p) -> files.delete(
                        context,
                        p.get(0, "directoryNodeId").nodeId(),
                        p.get(1, "nodeId").nodeId()));
        changingNodes(
                rows,
                "moveOrCopyFileSystemObject",
                p -> List.of(
                        p.get(0, "directoryNodeId").nodeId(),
                        p.get(1, "source").nodeId(),
                        p.get(2, "targetDirectory").nodeId()),
                (context, p) -> files.moveOrCopy(
                        context,
                        p.get(0, "directoryNodeId").nodeId(),
                        p.get(1, "source").nodeId(),
                        p.get(2, "targetDirectory").nodeId(),
                        p.get(3, "createCopy").flag(false),
                        p.get(4, "newName").isAbsent()
                                ? ""
                                : p.get(4, "newName").text()));
    }

    private void changingNodes(MethodTable.Rows rows, String name, Targets targets, MethodTable.Action action) {
        changing(
                rows,
                name,
                targets,
                (context, p) -> action.run(context, p).whenComplete((result, failure) -> forgetNodes.accept(context)));
    }

    private static void changing(MethodTable.Rows rows, String name, Targets targets, MethodTable.Action action) {
        rows.add(new MethodTable.Method(name, true, false, MethodTable.Reach.SECTION_6, Scope.CALL, targets, action));
    }

    /** @param takesOut whether asking again would not bring the same answer */
    private static void onOpen(MethodTable.Rows rows, String name, boolean takesOut, MethodTable.Action action) {
        rows.add(new MethodTable.Method(
                name, false, takesOut, MethodTable.Reach.SECTION_6, Scope.READ, FileMethods::file, action));
    }

    private static List<NodeReference> file(Params p) {
        return List.of(p.get(0, "nodeId").nodeId());
    }

    private static List<NodeReference> directory(Params p) {
        return List.of(p.get(0, "directoryNodeId").nodeId());
    }

    private static long fileHandle(Params p) {
        return p.get(1, "fileHandle").uint32();
    }

    private static int mode(Argument mode) {
        int sum = 0;
        if (mode.isArray()) {
            for (Argument element : mode.requiredList()) {
                int bit = bits(element);
                if (Integer.bitCount(bit) != 1) {
                    throw element.misfit(MODES);
                }
                sum |= bit;
            }
        } else {
            sum = bits(mode);
        }
        boolean erasesUnwritten = (sum & ERASE_EXISTING) != 0 && (sum & WRITE) == 0;
        if (sum == 0 || erasesUnwritten) {
            throw mode.misfit(MODES);
        }
        return sum;
    }

    private static int bits(Argument mode) {
        try {
            return mode.whole(1, ALL_BITS);
        } catch (CommandException e) {
            throw mode.misfit(MODES);
        }
    }

    private static String name(Argument name) {
        String text = name.text();
        if (text.isEmpty()) {
            throw name.misfit("a name");
        }
        return text;
    }

    private static byte[] bytes(Argument data) {
        try {
            return ByteString.fromBase64(data.text()).toByteArray();
        } catch (IllegalArgumentException e) {
            throw data.misfit("the bytes to write as strict base64; text is what protocol 1 takes");
        }
    }

    private static byte[] utf8(Argument data) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(data.text()));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw data.misfit("Unicode text; there is half of a surrogate pair in it");
        }
    }
}

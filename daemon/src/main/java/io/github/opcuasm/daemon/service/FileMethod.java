package io.github.opcuasm.daemon.service;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/** The methods of FileType and FileDirectoryType (Part 20, 4.2 and 4.3), by the browse names that objects have them under. */
enum FileMethod {
    OPEN(11_580, "Open"),
    CLOSE(11_583, "Close"),
    READ(11_585, "Read"),
    WRITE(11_588, "Write"),
    GET_POSITION(11_590, "GetPosition"),
    SET_POSITION(11_593, "SetPosition"),
    CREATE_DIRECTORY(13_387, "CreateDirectory"),
    CREATE_FILE(13_390, "CreateFile"),
    /** {@code Delete} in the text of the specification. */
    DELETE(13_393, "DeleteFileSystemObject"),
    MOVE_OR_COPY(13_395, "MoveOrCopy");

    private final int ofType;
    private final String browseName;

    FileMethod(int ofType, String browseName) {
        this.ofType = ofType;
        this.browseName = browseName;
    }

    /** The method's own node in the type: what an object without a node of its own for it is called with. */
    NodeId ofType() {
        return new NodeId(0, ofType);
    }

    /** In namespace 0; the first that an object has is meant. */
    List<String> browseNames() {
        return this == DELETE ? List.of("Delete", browseName) : List.of(browseName);
    }
}

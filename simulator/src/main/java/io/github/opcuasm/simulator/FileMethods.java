package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.SimulatedMethod.scalar;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.milo.opcua.sdk.server.methods.InvalidArgumentException;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;

/** The methods of FileType (Part 20, 4.2) for one file after the other. */
final class FileMethods {
    private static final Argument HANDLE = scalar("FileHandle", OpcUaDataType.UInt32, "What Open answered with");
    private static final Argument DATA = scalar("Data", OpcUaDataType.ByteString, "Bytes from the position on");
    private static final Argument POSITION = scalar("Position", OpcUaDataType.UInt64, "Bytes before the position");
    private static final Argument MODE =
            scalar("Mode", OpcUaDataType.Byte, "1 read, 2 write, 4 erase what is there, 8 append; added up");
    private static final Argument LENGTH = scalar("Length", OpcUaDataType.Int32, "How many bytes at most, at least 1");

    private final FileThread thread;
    private final OpenFiles open;
    private final FileSessions sessions;
    private final int maxByteStringLength;

    FileMethods(FileThread thread, OpenFiles open, FileSessions sessions, int maxByteStringLength) {
        this.thread = thread;
        this.open = open;
        this.sessions = sessions;
        this.maxByteStringLength = maxByteStringLength;
    }

    /** What one of the methods does, on the thread of the files. */
    @FunctionalInterface
    private interface Operation {
        List<Variant> run(NodeId sessionId, List<Variant> arguments) throws UaException;
    }

    /** The methods of the file with this path, by the ids that they have in the type. */
    Map<NodeId, SimulatedMethod> of(String path) {
        return Map.of(
                NodeIds.FileType_Open,
                method("Open", List.of(MODE), List.of(HANDLE), (session, in) -> open(session, path, in)),
                NodeIds.FileType_Close,
                method("Close", List.of(HANDLE), List.of(), (session, in) -> {
                    open.close(session, path, handle(in));
                    return List.of();
                }),
                NodeIds.FileType_Read,
                method("Read", List.of(HANDLE, LENGTH), List.of(DATA), (session, in) -> read(session, path, in)),
                NodeIds.FileType_Write,
                method("Write", List.of(HANDLE, DATA), List.of(), (session, in) -> write(session, path, in)),
                NodeIds.FileType_GetPosition,
                method(
                        "GetPosition",
                        List.of(HANDLE),
                        List.of(POSITION),
                        (session, in) -> List.of(new Variant(ulong(open.position(session, path, handle(in)))))),
                NodeIds.FileType_SetPosition,
                method("SetPosition", List.of(HANDLE, POSITION), List.of(), (session, in) -> {
                    open.position(
                            session, path, handle(in), value(in, 1, ULong.class).longValue());
                    return List.of();
                }));
    }

    private SimulatedMethod method(String name, List<Argument> inputs, List<Argument> outputs, Operation operation) {
        return SimulatedMethod.of(
                name,
                inputs,
                outputs,
                (session, arguments) -> thread.call(() -> operation.run(session.getSessionId(), arguments)));
    }

    private List<Variant> open(NodeId sessionId, String path, List<Variant> in) throws UaException {
        int mode = value(in, 0, UByte.class).intValue();
        if (!OpenFiles.isMode(mode)) {
            throw invalid(in, 0, StatusCodes.Bad_OutOfRange);
        }
        sessions.requireAlive(sessionId);
        return List.of(new Variant(uint(open.open(sessionId, path, mode))));
    }

    private List<Variant> read(NodeId sessionId, String path, List<Variant> in) throws UaException {
        int length = value(in, 1, Integer.class);
        if (length < 1) {
            throw invalid(in, 1, StatusCodes.Bad_OutOfRange);
        }
        byte[] bytes = open.read(sessionId, path, handle(in), Math.min(length, maxByteStringLength));
        return List.of(new Variant(ByteString.of(bytes)));
    }

    private List<Variant> write(NodeId sessionId, String path, List<Variant> in) throws UaException {
        byte[] bytes = in.get(1).value() instanceof ByteString data ? data.bytesOrEmpty() : new byte[0];
        if (bytes.length > maxByteStringLength) {
            throw new UaException(StatusCodes.Bad_EncodingLimitsExceeded);
        }
        open.write(sessionId, path, handle(in), bytes);
        return List.of();
    }

    private static long handle(List<Variant> in) {
        return value(in, 0, UInteger.class).longValue();
    }

    /** An argument whose type was checked. */
    static <T> T value(List<Variant> in, int place, Class<T> type) {
        return type.cast(Objects.requireNonNull(in.get(place).value()));
    }

    /** Bad_InvalidArgument with this status for one of the arguments. */
    static InvalidArgumentException invalid(List<Variant> in, int place, long status) {
        StatusCode[] results = new StatusCode[in.size()];
        Arrays.fill(results, StatusCode.GOOD);
        results[place] = new StatusCode(status);
        return new InvalidArgumentException(results);
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The methods of files and directories (protocol, section 6), one row each. A file handle means nothing on another session, and
 * reading and writing advance its position: those are never repeated.
 */
final class FileQueries {
    private FileQueries() {}

    static Query<Long> openFile(NodeReference file, List<OpenFileMode> modes) {
        return Query.changing(
                        "openFile", json -> ResultReader.whole(json, "fileHandle"), file, OpenFileMode.bits(modes))
                .ofSection6();
    }

    static Query<Void> closeFile(NodeReference file, long handle) {
        return Query.bound("closeFile", Results::nothing, file, handle).ofSection6();
    }

    /** In protocol 1 the content is text. */
    static Query<byte[]> readFile(NodeReference file, long handle, int length) {
        return Query.bound("readFile", FileQueries::octets, file, handle, length)
                .ofSection6(json -> Results.text(json).getBytes(StandardCharsets.UTF_8));
    }

    static Query<Void> writeFile(NodeReference file, long handle, byte[] content) {
        return Query.bound("writeFile", Results::nothing, file, handle, content.clone())
                .ofSection6();
    }

    static Query<Long> getFilePosition(NodeReference file, long handle) {
        return Query.bound("getFilePosition", json -> ResultReader.whole(json, "position"), file, handle)
                .ofSection6();
    }

    static Query<Void> setFilePosition(NodeReference file, long handle, long position) {
        return Query.bound("setFilePosition", Results::nothing, file, handle, position)
                .ofSection6();
    }

    static Query<NodeId> createDirectory(NodeReference directory, String name) {
        return Query.changing("createDirectory", FileQueries::nodeId, directory, name)
                .ofSection6();
    }

    static Query<CreateFileResult> createFileInDirectory(NodeReference directory, String name, boolean open) {
        return Query.changing("createFileInDirectory", ResultReader::createFileResult, directory, name, open)
                .ofSection6();
    }

    static Query<Void> deleteFileSystemObject(NodeReference directory, NodeReference object) {
        return Query.changing("deleteFileSystemObject", Results::nothing, directory, object)
                .ofSection6();
    }

    static Query<NodeId> moveOrCopyFileSystemObject(
            NodeReference directory,
            NodeReference source,
            NodeReference targetDirectory,
            boolean copy,
            String newName) {
        return Query.changing(
                        "moveOrCopyFileSystemObject",
                        FileQueries::nodeId,
                        directory,
                        source,
                        targetDirectory,
                        copy,
                        newName)
                .ofSection6();
    }

    private static NodeId nodeId(JsonValue json) {
        return ValueReader.readNodeId(json, "nodeId");
    }

    private static byte[] octets(JsonValue json) {
        return ByteString.fromBase64(Results.text(json)).toByteArray();
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Files and directories of the server (Part 20): {@link #fileInput} and {@link #fileOutput} are streams of a file, {@link
 * #download} and {@link #upload} copy a whole one; the calls beneath are the methods of FileType and FileDirectoryType. These have
 * an asynchronous twin each: see {@link SessionQueries}.
 *
 * <p>File handles, 0 to 2^32 - 1, belong to the session, which closes what is still open at its end. With one that it does not have,
 * a call is a {@link RequestFailedException.Service} with Bad_InvalidArgument; so is what the server refuses, with its own code.
 * Calls with a handle are sent once: reading and writing advance the position. A stream stays on the session that it was opened
 * on, and fails when that is gone. The calls beneath go to the session that the client has at the time, and know nothing of the
 * handle but its number: when the session was opened again meanwhile, or after another {@code connect}, the same number may be
 * another open file there. {@link ManagedClient#sessionId} tells whether it is still the same.
 *
 * <p>With a daemon of protocol 1 the content of files is text: what is not UTF-8 is a {@link RequestFailedException.Encoding}, on
 * reading and on writing, and the position stays where it was.
 */
public sealed interface FileServices extends SessionQueries permits ManagedClient {

    // What programs want

    /** The content of a file, from its beginning: {@link #fileInput(NodeReference, long)}. */
    default InputStream fileInput(NodeReference file) {
        return fileInput(file, 0);
    }

    /** As {@link #fileInput(NodeReference)}, the node in text form. */
    default InputStream fileInput(String file) {
        return fileInput(Nodes.parse(file));
    }

    /**
     * Opens a file for reading. The stream asks for 32 KiB at a time, ends where the file does, and closes the file with itself. What
     * fails under it is an {@link IOException} whose cause is the {@link ClientException}, or the {@link IllegalStateException} of a
     * client that was closed; after that it can only be closed. Not thread-safe.
     *
     * @param position of the first byte, 0 and more; behind the end there is nothing to read
     * @throws ClientException if the file cannot be opened
     */
    InputStream fileInput(NodeReference file, long position);

    /**
     * Opens a file for writing. The stream sends 32 KiB at most at a time, and closes the file with itself: that too may fail, and
     * only then is all of it written. What fails under it is an {@link IOException} as in {@link #fileInput(NodeReference, long)};
     * after that it can only be closed, and what it held is dropped. Not thread-safe.
     *
     * @param modes none: {@code WRITE, ERASE_EXISTING}; to begin at the end {@code WRITE, APPEND}
     * @throws ClientException if the file cannot be opened
     */
    OutputStream fileOutput(NodeReference file, OpenFileMode... modes);

    /** As {@link #fileOutput(NodeReference, OpenFileMode...)}, the node in text form. */
    default OutputStream fileOutput(String file, OpenFileMode... modes) {
        return fileOutput(Nodes.parse(file), modes);
    }

    /**
     * Copies a file of the server to one of this machine, which is there when all of it has come: until then it is a new file
     * beside it, {@code NAME.HEX.part}. One that exists is replaced, in one step where the file system can.
     *
     * @return bytes
     * @throws IOException if either side fails, at opening too; what had come is deleted
     */
    default long download(NodeReference file, Path target) throws IOException {
        return FileCopy.download(this, file, target);
    }

    /** As {@link #download(NodeReference, Path)}, the node in text form. */
    default long download(String file, Path target) throws IOException {
        return download(Nodes.parse(file), target);
    }

    /**
     * Copies a file of this machine to one of the server, which must exist; its content is replaced.
     *
     * @return bytes
     * @throws IOException if either side fails, at opening too; the server may then have a part of it
     */
    default long upload(Path source, NodeReference file) throws IOException {
        return FileCopy.upload(this, source, file);
    }

    /** As {@link #upload(Path, NodeReference)}, the node in text form. */
    default long upload(Path source, String file) throws IOException {
        return upload(source, Nodes.parse(file));
    }

    // FileType (Part 20, 4.2)

    /**
     * Opens a file.
     *
     * @param modes at least one; WRITE may have ERASE_EXISTING or APPEND beside it
     * @return its handle
     */
    default long openFile(NodeReference file, OpenFileMode... modes) {
        return query(FileQueries.openFile(file, List.of(modes)));
    }

    default CompletableFuture<Long> openFileAsync(NodeReference file, OpenFileMode... modes) {
        return queryAsync(FileQueries.openFile(file, List.of(modes)));
    }

    default void closeFile(NodeReference file, long handle) {
        Void unused = query(FileQueries.closeFile(file, handle));
    }

    default CompletableFuture<Void> closeFileAsync(NodeReference file, long handle) {
        return queryAsync(FileQueries.closeFile(file, handle));
    }

    /**
     * Reads from the position on, and advances it.
     *
     * @param length bytes at most, 1 and more; the server may give fewer, and has limits of its own
     * @return empty at the end of the file
     */
    default byte[] readFile(NodeReference file, long handle, int length) {
        return query(FileQueries.readFile(file, handle, length));
    }

    default CompletableFuture<byte[]> readFileAsync(NodeReference file, long handle, int length) {
        return queryAsync(FileQueries.readFile(file, handle, length));
    }

    /**
     * Writes at the position, and advances it.
     *
     * @param content some 48,000 bytes at most, in protocol 1 fewer where characters have to be escaped ({@code --max-frame-bytes}):
     *     {@link #fileOutput} splits
     * @throws RequestFailedException.Encoding in protocol 1 for what is not UTF-8: nothing was sent
     */
    default void writeFile(NodeReference file, long handle, byte[] content) {
        Void unused = query(FileQueries.writeFile(file, handle, content));
    }

    default CompletableFuture<Void> writeFileAsync(NodeReference file, long handle, byte[] content) {
        return queryAsync(FileQueries.writeFile(file, handle, content));
    }

    /** Where the next byte is read or written, from 0. */
    default long getFilePosition(NodeReference file, long handle) {
        return query(FileQueries.getFilePosition(file, handle));
    }

    default CompletableFuture<Long> getFilePositionAsync(NodeReference file, long handle) {
        return queryAsync(FileQueries.getFilePosition(file, handle));
    }

    /** Goes to a position, from 0; one behind the end is the end. */
    default void setFilePosition(NodeReference file, long handle, long position) {
        Void unused = query(FileQueries.setFilePosition(file, handle, position));
    }

    default CompletableFuture<Void> setFilePositionAsync(NodeReference file, long handle, long position) {
        return queryAsync(FileQueries.setFilePosition(file, handle, position));
    }

    // FileDirectoryType (Part 20, 4.3)

    /** Makes a directory in another one; Bad_BrowseNameDuplicated if there is one of that name. */
    default NodeId createDirectory(NodeReference directory, String name) {
        return query(FileQueries.createDirectory(directory, name));
    }

    default CompletableFuture<NodeId> createDirectoryAsync(NodeReference directory, String name) {
        return queryAsync(FileQueries.createDirectory(directory, name));
    }

    /**
     * Makes an empty file in a directory; Bad_BrowseNameDuplicated if there is one of that name.
     *
     * @param open open it too, for reading and writing (Part 20, 4.3.4); else the handle is 0 and means nothing
     */
    default CreateFileResult createFileInDirectory(NodeReference directory, String name, boolean open) {
        return query(FileQueries.createFileInDirectory(directory, name, open));
    }

    default CompletableFuture<CreateFileResult> createFileInDirectoryAsync(
            NodeReference directory, String name, boolean open) {
        return queryAsync(FileQueries.createFileInDirectory(directory, name, open));
    }

    /** Deletes a file, or a directory with what is in it, from the directory that it is in. */
    default void deleteFileSystemObject(NodeReference directory, NodeReference object) {
        Void unused = query(FileQueries.deleteFileSystemObject(directory, object));
    }

    default CompletableFuture<Void> deleteFileSystemObjectAsync(NodeReference directory, NodeReference object) {
        return queryAsync(FileQueries.deleteFileSystemObject(directory, object));
    }

    /**
     * Moves or copies a file or directory from one directory to another, or renames it.
     *
     * @param directory that the source is in
     * @param newName empty: it keeps its name
     * @return the id that it has there
     */
    default NodeId moveOrCopyFileSystemObject(
            NodeReference directory,
            NodeReference source,
            NodeReference targetDirectory,
            boolean copy,
            String newName) {
        return query(FileQueries.moveOrCopyFileSystemObject(directory, source, targetDirectory, copy, newName));
    }

    default CompletableFuture<NodeId> moveOrCopyFileSystemObjectAsync(
            NodeReference directory,
            NodeReference source,
            NodeReference targetDirectory,
            boolean copy,
            String newName) {
        return queryAsync(FileQueries.moveOrCopyFileSystemObject(directory, source, targetDirectory, copy, newName));
    }
}

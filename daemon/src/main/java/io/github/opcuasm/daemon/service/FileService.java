package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.ReaderConnection;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.NodeReference;
import java.math.BigInteger;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.jspecify.annotations.Nullable;

/**
 * Files and directories of the address space (Part 20, 4.2 and 4.3), by the methods that they have there. A bad status is a
 * {@code ServiceException} that names the file and what was asked for. What fails after it was sent, and changes the plant,
 * has the outcome {@code unknown}.
 *
 * <p>A file handle works on the session handle that it was opened on; see {@link OpenFiles}. One whose opening nobody waits
 * for any more is closed as soon as the server tells it.
 */
public final class FileService {
    private static final int MESSAGE_OVERHEAD = 1024;

    private final FileNodes nodes;
    private final FileCalls calls;
    private final OpenFiles files;
    private final LeftFiles left;
    private final GatheredPages gathered;

    public FileService(ViewService views, AttributeService attributes, GatheredPages gathered, Ticker ticker) {
        this.gathered = gathered;
        this.nodes = new FileNodes(views, attributes, ticker);
        this.calls = new FileCalls(nodes);
        this.left = new LeftFiles(nodes, ticker);
        this.files = new OpenFiles(left::close);
    }

    /**
     * Opens a file.
     *
     * @param mode 1 Read, 2 Write, 4 EraseExisting, 8 Append, added up
     * @param withConnection whether the end of the caller's connection, which must be a kept one, closes it
     * @return its handle, 0 to 2^32 - 1; fails with {@code overloaded} if the session handle has too many
     */
    public CompletableFuture<Long> openFile(CallContext context, NodeReference file, int mode, boolean withConnection) {
        requireConnection(context, withConnection);
        FileOperation operation = FileOperation.of("openFile", file);
        Variant[] arguments = {Variant.ofByte(ubyte(mode))};
        AtomicReference<@Nullable FileNode> shown = new AtomicReference<>();
        return opening(
                        context,
                        operation,
                        () -> calls.changeThatGives(
                                context,
                                operation,
                                file,
                                FileMethod.OPEN,
                                namespaces -> arguments,
                                shown::set,
                                late -> left.close(
                                        context.session(), opened(context, Objects.requireNonNull(shown.get()), late))))
                .thenApply(outputs ->
                        kept(context, opened(context, Objects.requireNonNull(shown.get()), outputs), withConnection));
    }

    /** Closes a file, which ends its handle. What the server refuses may be tried again. */
    public CompletableFuture<@Nullable Object> closeFile(CallContext context, NodeReference file, long fileHandle) {
        FileOperation operation = new FileOperation("closeFile", file, fileHandle);
        OpenFiles.OpenFile open = held(context, operation, fileHandle);
        SessionHandle handle = context.handle();
        if (!open.isOf(context.session())) {
            files.forget(handle, open);
        }
        open.requireOpen(operation, context.session());
        return open.turns()
                .take(
                        context,
                        operation,
                        null,
                        () -> calls.onOpen(context, operation, open, FileMethod.CLOSE, FileCalls.handleOf(open)))
                .handle((outputs, failure) -> {
                    if (failure == null || isClosed(OpcUaErrors.unwrap(failure))) {
                        files.forget(handle, open);
                    }
                    if (failure != null) {
                        throw new CompletionException(OpcUaErrors.unwrap(failure));
                    }
                    return null;
                });
    }

    /**
     * Reads on from the position; see {@link FileReading} for when it gives less.
     *
     * @param length at least 1
     * @return a {@link ByteString} or, for callers that take text, a {@code String}; an empty one at the end of the file.
     *     Fails with {@code EncodingException} if that is not text
     */
    public CompletableFuture<Object> readFile(CallContext context, NodeReference file, long fileHandle, int length) {
        FileOperation operation = new FileOperation("readFile", file, fileHandle);
        OpenFiles.OpenFile open = open(context, operation, fileHandle);
        return open.turns()
                .take(
                        context,
                        operation,
                        null,
                        () -> nodes.find(context, file).thenCompose(node -> {
                            FileReading reading = new FileReading(
                                    calls,
                                    context,
                                    operation,
                                    open,
                                    length,
                                    callBytes(context, node),
                                    gathered.begin());
                            CompletableFuture<? extends Object> content = context.isInBytes()
                                    ? reading.bytes().thenApply(ByteString::copyOf)
                                    : reading.text();
                            return content.thenApply(whole -> (Object) whole);
                        }));
    }

    /** Writes at the position, which Append puts to the end when the file is opened; see {@link FileWriting}. */
    public CompletableFuture<@Nullable Object> writeFile(
            CallContext context, NodeReference file, long fileHandle, byte[] content) {
        FileOperation operation = new FileOperation("writeFile", file, fileHandle);
        OpenFiles.OpenFile open = open(context, operation, fileHandle);
        SessionState.Active active = context.requireActive();
        return open.turns()
                .take(
                        context,
                        operation,
                        Outcome.NOT_SENT,
                        () -> nodes.find(context, file)
                                .thenCompose(node -> new FileWriting(
                                                calls,
                                                context,
                                                active,
                                                operation,
                                                open,
                                                node,
                                                content,
                                                callBytes(context, node))
                                        .run())
                                .thenApply(done -> {
                                    open.rest().clear();
                                    return null;
                                }));
    }

    /** Where the next read or write begins, in bytes from the beginning. */
    public CompletableFuture<BigInteger> getFilePosition(CallContext context, NodeReference file, long fileHandle) {
        FileOperation operation = new FileOperation("getFilePosition", file, fileHandle);
        OpenFiles.OpenFile open = open(context, operation, fileHandle);
        return open.turns()
                .take(
                        context,
                        operation,
                        null,
                        () -> calls.onOpen(context, operation, open, FileMethod.GET_POSITION, FileCalls.handleOf(open))
                                .thenApply(outputs -> outputs.get(0, ULong.class)
                                        .toBigInteger()
                                        .subtract(BigInteger.valueOf(open.rest().size()))
                                        .max(BigInteger.ZERO)));
    }

    /**
     * Sets where the next read or write begins.
     *
     * @param position bytes from the beginning, 0 to 2^64 - 1; the server takes one beyond the end for the end
     */
    public CompletableFuture<@Nullable Object> setFilePosition(
            CallContext context, NodeReference file, long fileHandle, BigInteger position) {
        FileOperation operation = new FileOperation("setFilePosition", file, fileHandle);
        OpenFiles.OpenFile open = open(context, operation, fileHandle);
        return open.turns()
                .take(
                        context,
                        operation,
                        null,
                        () -> calls.onOpen(
                                        context,
                                        operation,
                                        open,
                                        FileMethod.SET_POSITION,
                                        FileCalls.handleOf(open),
                                        Variant.ofUInt64(ulong(position)))
                                .thenApply(outputs -> {
                                    open.rest().clear();
                                    return null;
                                }));
    }

    /** The NodeId of the new directory. */
    public CompletableFuture<io.github.opcuasm.protocol.type.NodeId> createDirectory(
            CallContext context, NodeReference directory, String name) {
        Variant[] arguments = {Variant.ofString(name)};
        return calls.change(
                        context,
                        FileOperation.of("createDirectory", directory),
                        directory,
                        FileMethod.CREATE_DIRECTORY,
                        namespaces -> arguments)
                .thenApply(outputs -> TypeMapper.toWire(outputs.get(0, NodeId.class)));
    }

    /**
     * Creates an empty file.
     *
     * @param open whether it is opened too, for reading and writing (Part 20, 4.3.4)
     * @param withConnection as for {@link #openFile}
     */
    public CompletableFuture<CreateFileResult> createFile(
            CallContext context, NodeReference directory, String name, boolean open, boolean withConnection) {
        requireConnection(context, withConnection);
        FileOperation operation = FileOperation.of("createFileInDirectory", directory);
        Variant[] arguments = {Variant.ofString(name), Variant.ofBoolean(open)};
        if (!open) {
            return calls.change(context, operation, directory, FileMethod.CREATE_FILE, namespaces -> arguments)
                    .thenApply(outputs -> new CreateFileResult(TypeMapper.toWire(outputs.get(0, NodeId.class)), 0));
        }
        return opening(
                        context,
                        operation,
                        () -> calls.changeThatGives(
                                context,
                                operation,
                                directory,
                                FileMethod.CREATE_FILE,
                                namespaces -> arguments,
                                shown -> {},
                                late -> left.close(context.session(), created(context, late))))
                .thenApply(outputs -> {
                    OpenFiles.OpenFile created = created(context, outputs);
                    return new CreateFileResult(
                            TypeMapper.toWire(created.nodeId()), kept(context, created, withConnection));
                });
    }

    /** Deletes a file or directory. */
    public CompletableFuture<@Nullable Object> delete(
            CallContext context, NodeReference directory, NodeReference target) {
        return calls.change(
                        context,
                        FileOperation.of("deleteFileSystemObject", directory),
                        directory,
                        FileMethod.DELETE,
                        namespaces -> new Variant[] {Variant.ofNodeId(TypeMapper.toMilo(target, namespaces))})
                .thenApply(outputs -> {
                    nodes.forget(context, target);
                    return null;
                });
    }

    /**
     * Moves or copies a file or directory.
     *
     * @param newName empty = the name that it has
     * @return the NodeId that it has there
     */
    public CompletableFuture<io.github.opcuasm.protocol.type.NodeId> moveOrCopy(
            CallContext context,
            NodeReference directory,
            NodeReference source,
            NodeReference targetDirectory,
            boolean copy,
            String newName) {
        return calls.change(
                        context,
                        FileOperation.of("moveOrCopyFileSystemObject", directory),
                        directory,
                        FileMethod.MOVE_OR_COPY,
                        namespaces -> new Variant[] {
                            Variant.ofNodeId(TypeMapper.toMilo(source, namespaces)),
                            Variant.ofNodeId(TypeMapper.toMilo(targetDirectory, namespaces)),
                            Variant.ofBoolean(copy),
                            Variant.ofString(newName)
                        })
                .thenApply(outputs -> {
                    nodes.forget(context, source);
                    return TypeMapper.toWire(outputs.get(0, NodeId.class));
                });
    }

    /** Forgets what this server showed of its files; the next call asks anew. */
    public void forget(CallContext context) {
        nodes.forget(context);
    }

    /** Forgets what it showed of one. */
    public void forget(CallContext context, NodeReference node) {
        nodes.forget(context, node);
    }

    /** Opens something in a place that was kept for it. */
    private <T> CompletableFuture<T> opening(
            CallContext context, FileOperation operation, Supplier<CompletableFuture<T>> opening) {
        SessionHandle handle = context.handle();
        files.reserve(handle, operation);
        CompletableFuture<T> opened;
        try {
            opened = opening.get();
        } catch (RuntimeException e) {
            opened = CompletableFuture.failedFuture(e);
        }
        return opened.whenComplete((done, failure) -> files.leave(handle));
    }

    /** Hands an open file to its caller, or closes it if that has gone: then or, while nobody has answered it, later. */
    private static void requireConnection(CallContext context, boolean withConnection) {
        if (withConnection && context.connection() == null) {
            throw CommandException.invalidArgument(
                    "closeWithConnection",
                    "true on a connection that ends with its answer",
                    "a kept connection (protocol 2), or false");
        }
    }

    private long kept(CallContext context, OpenFiles.OpenFile file, boolean withConnection) {
        SessionHandle handle = context.handle();
        left.isOpenAgain(context.session(), file);
        if (!files.keep(handle, file)) {
            throw new CommandException(
                    ErrorType.SESSION_NOT_FOUND,
                    "The session was closed while the file was being opened: it is closed again",
                    null,
                    Outcome.UNKNOWN,
                    null);
        }
        ReaderConnection connection = context.connection();
        if (withConnection && connection != null) {
            files.endWith(connection, handle, file);
        }
        context.onAbandoned(() -> files.giveUp(handle, file));
        if (context.isAbandoned()) {
            throw new CommandException(
                    ErrorType.CANCELLED,
                    "Given up while the file was being opened: it is closed again",
                    null,
                    Outcome.UNKNOWN,
                    null);
        }
        return file.fileHandle();
    }

    private static OpenFiles.OpenFile opened(CallContext context, FileNode node, FileCalls.Outputs outputs) {
        return OpenFiles.OpenFile.of(node.nodeId(), outputs.handle(0), node.method(FileMethod.CLOSE), context.server());
    }

    private static OpenFiles.OpenFile created(CallContext context, FileCalls.Outputs outputs) {
        return OpenFiles.OpenFile.of(
                outputs.get(0, NodeId.class), outputs.handle(1), FileMethod.CLOSE.ofType(), context.server());
    }

    private OpenFiles.OpenFile held(CallContext context, FileOperation operation, long fileHandle) {
        NodeReference node = operation.node();
        NodeId nodeId = context.knows(node) ? TypeMapper.toMilo(context.local(node)) : null;
        return files.require(context.handle(), nodeId, fileHandle, operation);
    }

    /** @throws CommandException {@code ServiceException} if this session handle does not hold it, or no more */
    private OpenFiles.OpenFile open(CallContext context, FileOperation operation, long fileHandle) {
        OpenFiles.OpenFile file = held(context, operation, fileHandle);
        file.requireOpen(operation, context.session());
        return file;
    }

    /** What one call may carry: what both sides take, with something left for the rest of the message. */
    private static int callBytes(CallContext context, FileNode node) {
        int ours = context.session().encodingContext().getEncodingLimits().getMaxMessageSize();
        int most = Math.min(FileReading.MAX_CALL_BYTES, Math.max(1, ours - MESSAGE_OVERHEAD));
        Long theirs = node.maxBytes();
        return theirs == null ? most : (int) Math.min(most, theirs);
    }

    /** Whether a refused Close tells that the file is not open. */
    private static boolean isClosed(Throwable failure) {
        return failure instanceof CommandException error
                && error.type() == ErrorType.SERVICE
                && error.statusCode() != null
                && FileCalls.isClosed(error.statusCode());
    }
}

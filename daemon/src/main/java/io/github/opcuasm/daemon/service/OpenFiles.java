package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.ReaderConnection;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The files that callers have opened, by the session handle that they did it on. A server gives file handles to an OPC UA
 * session (Part 20, 4.2.2), which several session handles may share: each of these may use its own only, and what it
 * leaves open is closed when it ends.
 *
 * <p>A session handle holds at most {@value #MAX_PER_HANDLE}, those included that are being opened. The server closes the
 * files of a session that it lost. They stay known here as lost, until they are closed or make room, so that whoever comes
 * back is told why; on a session that was made anew the same number may be somebody else's file.
 */
final class OpenFiles {
    static final int MAX_PER_HANDLE = 100;

    private final BiConsumer<OpcUaSession, OpenFile> closing;
    private final Map<SessionHandle, OfHandle> handles = new ConcurrentHashMap<>();

    /** Those that end with a connection too, by its id, and whose they are. */
    private final Map<Long, Map<OpenFile, SessionHandle>> connections = new ConcurrentHashMap<>();

    /**
     * One open file.
     *
     * @param fileHandle the server's
     * @param close the method that ends it
     * @param openedOn what the server said of itself on the session that it was opened on
     * @param turns of those that use it
     * @param rest what comes before what the server gives
     */
    record OpenFile(NodeId nodeId, long fileHandle, NodeId close, ServerInfo openedOn, FileTurns turns, FileRest rest) {
        /** One that nobody has used yet. */
        static OpenFile of(NodeId nodeId, long fileHandle, NodeId close, ServerInfo openedOn) {
            return new OpenFile(nodeId, fileHandle, close, openedOn, new FileTurns(), new FileRest());
        }

        boolean isOf(OpcUaSession session) {
            return openedOn.isOfSameSession(session.serverInfo());
        }

        /** Whether this was its name on the session that it was opened on. */
        boolean wasNamed(NodeReference node) {
            NamespaceTable namespaces = openedOn.namespaces();
            return (!(node instanceof NamespacedNodeId named) || namespaces.getIndex(named.namespaceUri()) != null)
                    && TypeMapper.toMilo(node, namespaces).equals(nodeId);
        }

        /** @throws CommandException {@code ServiceException} Bad_SessionIdInvalid if its session is gone */
        void requireOpen(FileOperation operation, OpcUaSession session) {
            if (!isOf(session)) {
                throw operation.refused(
                        "the session was lost and made anew since the file was opened, and the file closed with it;"
                                + " open it again",
                        StatusCodes.Bad_SessionIdInvalid);
            }
        }
    }

    private record Key(NodeId nodeId, long fileHandle) {}

    /** @param closing closes one on the server if it is open there still; nobody waits for that */
    OpenFiles(BiConsumer<OpcUaSession, OpenFile> closing) {
        this.closing = closing;
    }

    /**
     * Keeps a place for a file that is about to be opened, until {@link #leave}.
     *
     * @throws CommandException {@code overloaded} if there is none
     */
    void reserve(SessionHandle handle, FileOperation operation) {
        if (!ofHandle(handle).reserve(handle.session())) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    operation.text() + ": this session has " + MAX_PER_HANDLE
                            + " files open, and more it may not have; close some (closeFile)");
        }
    }

    /** Gives back the place; a file that was kept counts by itself. */
    void leave(SessionHandle handle) {
        ofHandle(handle).leave();
    }

    /**
     * From now on the handle has this file open; if the handle has ended, the file is closed instead. A server that gives
     * a number has it to give (Part 20, 4.2.2: it is unique in the session), so that nobody else has it any more.
     */
    boolean keep(SessionHandle handle, OpenFile file) {
        handles.forEach((other, files) -> {
            if (other != handle) {
                files.givenAnew(file);
            }
        });
        boolean kept = ofHandle(handle).add(file);
        if (!kept) {
            closing.accept(handle.session(), file);
        }
        return kept;
    }

    /**
     * The file behind a file handle.
     *
     * @param nodeId of the file, by the namespaces of the session as they are now; null if it does not know its namespace
     * @throws CommandException {@code ServiceException}: Bad_InvalidArgument if this session handle has no such file open,
     *     Bad_SessionIdInvalid if it had it on a session that is gone
     */
    OpenFile require(SessionHandle handle, @Nullable NodeId nodeId, long fileHandle, FileOperation operation) {
        OfHandle own = handles.get(handle);
        OpenFile file = own == null || nodeId == null ? null : own.get(new Key(nodeId, fileHandle));
        if (file == null && own != null) {
            file = own.lost(operation.node(), fileHandle, handle.session());
        }
        if (file == null) {
            throw operation.refused(
                    "this session has no such file open: never, not any more, or another session has; openFile gives"
                            + " handles",
                    StatusCodes.Bad_InvalidArgument);
        }
        return file;
    }

    /** Closes a file that the handle has open when this connection ends, at once if it has: its caller may be killed. */
    void endWith(ReaderConnection connection, SessionHandle handle, OpenFile file) {
        Map<OpenFile, SessionHandle> first = new ConcurrentHashMap<>();
        Map<OpenFile, SessionHandle> known = connections.putIfAbsent(connection.id(), first);
        Map<OpenFile, SessionHandle> files = known == null ? first : known;
        files.put(file, handle);
        if (known == null) {
            connection.onEnd(() -> {
                connections.remove(connection.id());
                files.forEach((left, owner) -> giveUp(owner, left));
            });
        } else if (connections.get(connection.id()) != files) {
            giveUp(handle, file);
        }
    }

    /** It is not open any more; false if that was known. */
    boolean forget(SessionHandle handle, OpenFile file) {
        connections.values().forEach(files -> files.remove(file));
        OfHandle own = handles.get(handle);
        return own != null && own.remove(file);
    }

    /** Closes a file that nobody will ask for, once. */
    void giveUp(SessionHandle handle, OpenFile file) {
        if (forget(handle, file)) {
            closing.accept(handle.session(), file);
        }
    }

    private OfHandle ofHandle(SessionHandle handle) {
        OfHandle known = handles.get(handle);
        if (known != null) {
            return known;
        }
        OfHandle own = new OfHandle();
        known = handles.putIfAbsent(handle, own);
        if (known != null) {
            return known;
        }
        handle.onEnd(() -> {
            handles.remove(handle, own);
            own.end().forEach(file -> closing.accept(handle.session(), file));
        });
        return own;
    }

    /** The files of one handle. Its monitor guards them; nothing foreign runs under it. */
    private static final class OfHandle {
        private final Map<Key, OpenFile> files = new HashMap<>(2);
        private int reserved;
        private boolean ended;

        synchronized boolean reserve(OpcUaSession session) {
            if (files.size() + reserved >= MAX_PER_HANDLE) {
                files.values().removeIf(file -> !file.isOf(session));
            }
            if (files.size() + reserved >= MAX_PER_HANDLE) {
                return false;
            }
            reserved++;
            return true;
        }

        synchronized void leave() {
            reserved--;
        }

        synchronized boolean add(OpenFile file) {
            if (!ended) {
                files.put(new Key(file.nodeId(), file.fileHandle()), file);
            }
            return !ended;
        }

        synchronized @Nullable OpenFile get(Key key) {
            return files.get(key);
        }

        /** One of a session that is gone, and with it, maybe, the numbers of its namespaces. */
        synchronized @Nullable OpenFile lost(NodeReference node, long fileHandle, OpcUaSession now) {
            return files.values().stream()
                    .filter(file -> file.fileHandle() == fileHandle && !file.isOf(now) && file.wasNamed(node))
                    .findAny()
                    .orElse(null);
        }

        synchronized void givenAnew(OpenFile file) {
            files.computeIfPresent(
                    new Key(file.nodeId(), file.fileHandle()),
                    (key, known) -> known.openedOn().isOfSameSession(file.openedOn()) ? null : known);
        }

        synchronized boolean remove(OpenFile file) {
            return files.remove(new Key(file.nodeId(), file.fileHandle()), file);
        }

        synchronized List<OpenFile> end() {
            ended = true;
            List<OpenFile> left = List.copyOf(files.values());
            files.clear();
            return left;
        }
    }
}

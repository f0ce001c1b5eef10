package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePathResult;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePathTarget;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePath;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePathElement;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsResponse;
import org.jspecify.annotations.Nullable;

/**
 * Closes files on their servers that nobody asks for any more. The server itself closes them only with the OPC UA session,
 * which others may share for days, and until then they may be locked. So what was not sent, not answered or refused is
 * tried again, after pauses of 1 to 8 s, until the file is closed, its session is over, or an hour has passed; while the
 * session is lost nothing of it waits among the requests of others.
 *
 * <p>A Close that is sent again could meet another file, once the server gives the same number anew. {@link #isOpenAgain}
 * ends the trying then.
 */
final class LeftFiles {
    /** How many are tried again, at a time. */
    static final int MAX_TRIED_AGAIN = 10_000;

    private static final long NOBODY = 0;
    private static final long GOOD = 0;
    private static final String CLOSE = "Close";
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
    private static final Duration TRIED_FOR = Duration.ofHours(1);

    private final FileNodes nodes;
    private final Ticker ticker;
    private final Map<Key, Closing> closings = new ConcurrentHashMap<>();

    private record Key(OpcUaSession session, NodeId nodeId, long fileHandle) {}

    LeftFiles(FileNodes nodes, Ticker ticker) {
        this.nodes = nodes;
        this.ticker = ticker;
    }

    /** Closes a file, if it is still open on this session. Nobody waits for that. */
    void close(OpcUaSession session, OpenFiles.OpenFile file) {
        Key key = new Key(session, file.nodeId(), file.fileHandle());
        Closing closing = new Closing(key, file);
        if (closings.size() < MAX_TRIED_AGAIN) {
            Closing before = closings.put(key, closing);
            if (before != null) {
                before.withdrawn = true;
            }
        }
        closing.attempt();
    }

    /** The server has given this number anew: the file that was closed under it is closed. */
    void isOpenAgain(OpcUaSession session, OpenFiles.OpenFile file) {
        Closing before = closings.remove(new Key(session, file.nodeId(), file.fileHandle()));
        if (before != null) {
            before.withdrawn = true;
        }
    }

    private <T extends UaResponseMessageType> CompletableFuture<T> send(
            OpcUaSession session, Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        long deadline = ticker.read() + ANSWER_WITHIN.toNanos();
        return session.submit(new ServiceCall<>(responseType, message, null, deadline, NOBODY, 0));
    }

    /** One file; its steps come one after the other. */
    private final class Closing {
        private final Key key;
        private final OpenFiles.OpenFile file;
        private final FileOperation operation;
        private final long until;
        private Duration pause = FIRST_PAUSE;
        private NodeId method;
        private volatile boolean withdrawn;

        Closing(Key key, OpenFiles.OpenFile file) {
            this.key = key;
            this.file = file;
            this.operation = new FileOperation("closeFile", TypeMapper.toWire(file.nodeId()), file.fileHandle());
            this.until = ticker.read() + TRIED_FOR.toNanos();
            FileNode known = nodes.known(file.openedOn(), file.nodeId());
            this.method = known == null ? file.close() : known.method(FileMethod.CLOSE);
        }

        void attempt() {
            if (isOver()) {
                closings.remove(key, this);
            } else if (key.session().state() instanceof SessionState.Active) {
                send(key.session(), CallResponse.class, this::message).whenComplete(this::answered);
            } else {
                again();
            }
        }

        private UaRequestMessageType message(RequestHeader header) {
            file.requireOpen(operation, key.session());
            if (withdrawn) {
                throw operation.refused("it is closed already", StatusCodes.Bad_InvalidArgument);
            }
            return MethodService.request(header, file.nodeId(), method, Variant.ofUInt32(uint(file.fileHandle())));
        }

        private UaRequestMessageType question(RequestHeader header) {
            file.requireOpen(operation, key.session());
            RelativePathElement close =
                    new RelativePathElement(NodeIds.HasComponent, false, true, new QualifiedName(0, CLOSE));
            return new TranslateBrowsePathsToNodeIdsRequest(header, new BrowsePath[] {
                new BrowsePath(file.nodeId(), new RelativePath(new RelativePathElement[] {close}))
            });
        }

        private void answered(@Nullable CallResponse response, @Nullable Throwable failure) {
            long status = response != null ? status(response) : statusOf(failure);
            if (status == GOOD || FileCalls.isClosed(status)) {
                closings.remove(key, this);
            } else if (status == StatusCodes.Bad_MethodInvalid && !isOver()) {
                send(key.session(), TranslateBrowsePathsToNodeIdsResponse.class, this::question)
                        .whenComplete((found, unknown) -> {
                            NodeId own = found == null
                                    ? null
                                    : ownClose(found, file.openedOn().namespaces());
                            method = own == null ? FileMethod.CLOSE.ofType() : own;
                            again();
                        });
            } else {
                again();
            }
        }

        private void again() {
            if (isOver() || ticker.read() - until >= 0 || closings.get(key) != this) {
                closings.remove(key, this);
                return;
            }
            Duration now = pause;
            pause = now.compareTo(LONGEST_PAUSE) < 0 ? now.multipliedBy(2) : LONGEST_PAUSE;
            key.session().schedule(this::attempt, now);
        }

        private boolean isOver() {
            return withdrawn || key.session().state() instanceof SessionState.Closed || !file.isOf(key.session());
        }
    }

    /** By the object's own node, where it shows one. */
    private static @Nullable NodeId ownClose(TranslateBrowsePathsToNodeIdsResponse found, NamespaceTable namespaces) {
        BrowsePathResult[] results = found.getResults();
        BrowsePathTarget[] targets =
                results == null || results.length != 1 || results[0] == null ? null : results[0].getTargets();
        return targets == null || targets.length == 0 || targets[0] == null
                ? null
                : targets[0].getTargetId().toNodeId(namespaces).orElse(null);
    }

    /** {@link #GOOD} unless it is bad. */
    private static long status(CallResponse response) {
        CallMethodResult[] results = response.getResults();
        if (results == null || results.length != 1 || results[0] == null) {
            return StatusCodes.Bad_UnexpectedError;
        }
        return FileCalls.isBad(results[0]) ? results[0].getStatusCode().getValue() : GOOD;
    }

    private static long statusOf(@Nullable Throwable failure) {
        return failure != null
                        && OpcUaErrors.unwrap(failure) instanceof CommandException error
                        && error.statusCode() != null
                ? error.statusCode()
                : StatusCodes.Bad_UnexpectedError;
    }
}

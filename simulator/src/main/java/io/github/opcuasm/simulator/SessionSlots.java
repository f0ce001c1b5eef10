package io.github.opcuasm.simulator;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.SessionManager;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one run, counted as a device with few slots counts them: a slot is taken before CreateSession is carried
 * out and is free when the session has ended, or when the request was refused. Milo looks at its count and adds to it in
 * two steps, so that two requests at once can pass its limit; here there is never one more than {@link Limits} allow.
 */
final class SessionSlots {
    private static final int MAX_REMEMBERED = 10_000;

    private final Limits limits;
    private final Counters counters;
    private final Map<NodeId, NodeId> tokens = new ConcurrentHashMap<>();
    private final Set<NodeId> closedTokens = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<NodeId, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    });
    private volatile boolean anyClosed;
    private @Nullable SessionManager sessions;
    private int taken;

    SessionSlots(Limits limits, Counters counters) {
        this.limits = limits;
        this.counters = counters;
    }

    /** Before the server takes its first request. */
    synchronized void follow(SessionManager sessionManager) {
        sessions = sessionManager;
    }

    /** Carries out a CreateSession if there is a slot for it, else answers Bad_TooManySessions. */
    CompletableFuture<UaResponseMessageType> create(Supplier<CompletableFuture<UaResponseMessageType>> execute) {
        if (!take()) {
            return CompletableFuture.failedFuture(new UaException(StatusCodes.Bad_TooManySessions));
        }
        return execute.get().whenComplete((answer, failure) -> {
            if (answer instanceof CreateSessionResponse created) {
                watch(created);
            } else {
                free();
            }
        });
    }

    /** From now on requests of this session are told that it was closed. */
    void remember(Session session) {
        NodeId token = tokens.get(session.getSessionId());
        if (token != null) {
            synchronized (closedTokens) {
                closedTokens.add(token);
            }
            anyClosed = true;
        }
    }

    boolean wasClosed(NodeId token) {
        if (!anyClosed) {
            return false;
        }
        synchronized (closedTokens) {
            return closedTokens.contains(token);
        }
    }

    /** The client does not know the session yet, so only the end of the server could come between. */
    private void watch(CreateSessionResponse created) {
        NodeId sessionId = created.getSessionId();
        SessionManager manager = manager();
        Session session = manager == null
                ? null
                : manager.getAllSessions().stream()
                        .filter(candidate -> candidate.getSessionId().equals(sessionId))
                        .findFirst()
                        .orElse(null);
        if (session == null) {
            free();
            return;
        }
        tokens.put(sessionId, created.getAuthenticationToken());
        session.addLifecycleListener((ended, subscriptionsDeleted) -> {
            if (tokens.remove(sessionId) != null) {
                free();
            }
        });
    }

    private synchronized @Nullable SessionManager manager() {
        return sessions;
    }

    private synchronized boolean take() {
        if (taken >= limits.maxSessions()) {
            return false;
        }
        taken++;
        counters.countSessionsAtOnce(taken);
        return true;
    }

    private synchronized void free() {
        taken--;
    }
}

package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.SessionListener;
import org.eclipse.milo.opcua.sdk.server.SessionManager;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * Closes the files of sessions that end. Milo forgets a session before it tells of its end: an Open that comes to the
 * disk after the files of its session were closed finds the session gone and opens nothing.
 */
final class FileSessions implements SessionListener {
    private final SessionManager sessions;
    private final FileThread thread;
    private final OpenFiles open;

    FileSessions(SessionManager sessions, FileThread thread, OpenFiles open) {
        this.sessions = sessions;
        this.thread = thread;
        this.open = open;
    }

    @Override
    public void onSessionClosed(Session session) {
        thread.execute(() -> open.closeAll(session.getSessionId()));
    }

    /** @throws UaException Bad_SessionClosed if the session has ended */
    void requireAlive(NodeId sessionId) throws UaException {
        if (sessions.getAllSessions().stream()
                .noneMatch(session -> session.getSessionId().equals(sessionId))) {
            throw new UaException(StatusCodes.Bad_SessionClosed);
        }
    }
}

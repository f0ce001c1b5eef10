package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.ServerInfo;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A continuation point as the server knows it (Part 4, 7.9). It means something only to the session that granted it, and
 * some servers number theirs: on another session the same bytes may stand for somebody else's.
 *
 * @param grantedBy what the server said of itself when that session was created; a new session has a new one
 */
record ServerPoint(ByteString bytes, ServerInfo grantedBy) {

    /** Null where the server gave none, which is how it says that nothing follows. */
    static @Nullable ServerPoint of(@Nullable ByteString bytes, ServerInfo grantedBy) {
        return bytes == null || bytes.isNull() || bytes.length() == 0 ? null : new ServerPoint(bytes, grantedBy);
    }

    /** Whether the session with this information is the one that granted it. */
    boolean belongsTo(ServerInfo session) {
        return grantedBy.isOfSameSession(session);
    }

    static ByteString[] bytes(List<ServerPoint> points) {
        return points.stream().map(ServerPoint::bytes).toArray(ByteString[]::new);
    }
}

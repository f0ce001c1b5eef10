package io.github.opcuasm.daemon.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.protocol.type.NodeId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What nodes said of themselves, remembered for {@link #REMEMBERED_FOR}, and only as long as the session that was asked
 * lives: a server that was restarted may have changed. At most {@value #MAX_REMEMBERED} nodes over all sessions.
 */
final class NodeMemory<V> {
    private static final int MAX_REMEMBERED = 10_000;
    private static final Duration REMEMBERED_FOR = Duration.ofMinutes(5);

    private final Cache<Key, V> remembered;

    /** Compared by the OPC UA session: each new one may meet a server that has changed. */
    private record Key(ServerInfo session, NodeId nodeId) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && session.isOfSameSession(key.session) && nodeId.equals(key.nodeId);
        }

        @Override
        public int hashCode() {
            // What a session is told of later makes a new ServerInfo of the same session.
            return nodeId.hashCode();
        }
    }

    NodeMemory(Ticker ticker) {
        this.remembered = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterWrite(REMEMBERED_FOR)
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    /** Null if nothing is remembered of this node. */
    @Nullable
    V get(ServerInfo session, NodeId nodeId) {
        return remembered.getIfPresent(new Key(session, nodeId));
    }

    void put(ServerInfo session, NodeId nodeId, V said) {
        remembered.put(new Key(session, nodeId), said);
    }

    /** Forgets all nodes of a session. */
    void forget(ServerInfo session) {
        remembered.asMap().keySet().removeIf(key -> key.session().isOfSameSession(session));
    }

    /** Forgets one. */
    void forget(ServerInfo session, NodeId nodeId) {
        remembered.invalidate(new Key(session, nodeId));
    }
}

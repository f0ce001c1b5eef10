package io.github.opcuasm.daemon.datatype;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.jspecify.annotations.Nullable;

/**
 * The types of all servers, one registry for each. Sessions share one as long as they are with the same run of the same
 * server: same host and port, same namespaces, same start time. A server that was restarted, or that numbers its namespaces
 * anew, is another one here. Those that nobody uses for a while are dropped. Thread-safe.
 */
public final class TypeRegistries {
    private static final int MAX_SERVERS = 1_000;
    private static final Duration KEPT_UNUSED = Duration.ofMinutes(10);

    private final Ticker ticker;
    private final StandardTypes standard = new StandardTypes();
    private final Cache<Key, TypeRegistry> registries;

    private record Key(
            String server,
            Map<Integer, String> namespaces,
            @Nullable DateTime startTime) {}

    public TypeRegistries(Ticker ticker) {
        this.ticker = ticker;
        this.registries = Caffeine.newBuilder()
                .maximumSize(MAX_SERVERS)
                .expireAfterAccess(KEPT_UNUSED)
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    /** The types of the server that the session is with, as it says to be now. */
    public TypeRegistry of(OpcUaSession session) {
        ServerInfo info = session.serverInfo();
        Map<Integer, String> namespaces = new HashMap<>();
        info.namespaces().update(table -> table.forEach((index, uri) -> namespaces.put(index.intValue(), uri)));
        Key key = new Key(session.server(), namespaces, info.startTime());
        return registries.get(key, absent -> new TypeRegistry(info.namespaces(), standard, ticker));
    }
}

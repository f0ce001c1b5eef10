package io.github.opcuasm.daemon.datatype;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.SessionScope;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.jspecify.annotations.Nullable;

/**
 * The types of all servers, one registry for each. Sessions share one as long as they are with the same run of the same
 * server, secured alike and as the same user: same host and port, same namespaces, same start time. What came over a
 * channel without security, or what one user may not see, decides nothing for the others. A server that was restarted, or that numbers its namespaces
 * anew, is another one here. Those that nobody uses for a while are dropped.
 *
 * <p>Which registry a session's is, is remembered by the identity of what the server told when the session was created:
 * comparing all namespaces at each read costs more than the rest of it. It is forgotten often enough for the registry to
 * count as used. Thread-safe.
 */
public final class TypeRegistries {
    private static final int MAX_SERVERS = 1_000;
    private static final Duration KEPT_UNUSED = Duration.ofMinutes(10);
    private static final Duration FOUND_FOR = Duration.ofMinutes(1);

    private final Ticker ticker;
    private final StandardTypes standard = new StandardTypes();
    private final Cache<Key, TypeRegistry> registries;
    private final Cache<ServerInfo, TypeRegistry> found;

    private record Key(
            SessionScope scope,
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
        // Weak keys are compared by identity.
        this.found = Caffeine.newBuilder()
                .weakKeys()
                .expireAfterWrite(FOUND_FOR)
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    /** The types of the server that the session is with, as it says to be now. */
    public TypeRegistry of(OpcUaSession session) {
        ServerInfo info = session.serverInfo();
        TypeRegistry known = found.getIfPresent(info);
        return known != null ? known : of(session.scope(), info);
    }

    TypeRegistry of(SessionScope scope, ServerInfo info) {
        TypeRegistry known = found.getIfPresent(info);
        if (known != null) {
            return known;
        }
        Map<Integer, String> namespaces = new HashMap<>();
        info.namespaces().update(table -> table.forEach((index, uri) -> namespaces.put(index.intValue(), uri)));
        Key key = new Key(scope, namespaces, info.startTime());
        TypeRegistry registry = registries.get(key, absent -> new TypeRegistry(info, standard, ticker));
        found.put(info, registry);
        return registry;
    }
}

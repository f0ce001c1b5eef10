package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.service.CallContext;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The methods that tell about the session handle itself: its state, its options, the server's limits. */
final class HandleMethods {
    private HandleMethods() {}

    static void addTo(MethodTable.Rows rows) {
        rows.telling("isConnected", context -> context.session().state() instanceof SessionState.Active);
        rows.telling("getConnectionState", context -> context.session().state().connectionState());
        rows.add(new MethodTable.Method(
                "reconnect",
                MethodTable.Reach.QUERY,
                (context, p) -> context.session().ensureActive(context.nextDeadline())));
        rows.telling("getTimeout", context -> context.config().opcuaTimeout().toNanos() / 1e9);
        rows.telling("getAutoRetry", context -> context.config().autoRetry());
        rows.telling("getBatchSize", context -> context.config().batchSize());
        rows.telling("getDefaultBrowseMaxDepth", context -> context.config().defaultBrowseMaxDepth());
        rows.telling("getServerMaxNodesPerRead", context -> limit(context, ServerInfo::maxNodesPerRead));
        rows.telling("getServerMaxNodesPerWrite", context -> limit(context, ServerInfo::maxNodesPerWrite));
        for (String name : List.of("getEventDispatcher", "getLogger")) {
            rows.telling(name, context -> null);
        }
    }

    private static @Nullable Long limit(CallContext context, Function<ServerInfo, @Nullable Long> limit) {
        Integer batchSize = context.config().batchSize();
        boolean batchingOff = batchSize != null && batchSize == 0;
        return batchingOff ? null : limit.apply(context.session().serverInfo());
    }
}

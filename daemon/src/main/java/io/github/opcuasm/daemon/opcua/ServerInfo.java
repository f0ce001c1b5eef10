package io.github.opcuasm.daemon.opcua;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about itself when a session starts: its namespaces and its operation limits (Part 5, 6.3.1 and
 * 6.3.11). Read once per OPC UA session, because a restarted server may number its namespaces anew.
 *
 * @param namespaces index to URI; at least namespace 0
 * @param maxNodesPerRead null where the server gives none, or 0
 * @param maxNodesPerWrite null where the server gives none, or 0
 * @param maxNodesPerBrowse null where the server gives none, or 0
 */
public record ServerInfo(
        NamespaceTable namespaces,
        @Nullable Long maxNodesPerRead,
        @Nullable Long maxNodesPerWrite,
        @Nullable Long maxNodesPerBrowse) {

    /** A server that told nothing; each has a namespace table of its own. */
    static ServerInfo unknown() {
        return new ServerInfo(new NamespaceTable(), null, null, null);
    }

    static ServerInfo of(
            List<String> namespaceUris, @Nullable Long maxRead, @Nullable Long maxWrite, @Nullable Long maxBrowse) {
        NamespaceTable table = namespaceUris.isEmpty()
                ? new NamespaceTable()
                : new NamespaceTable(namespaceUris.toArray(String[]::new));
        return new ServerInfo(table, positive(maxRead), positive(maxWrite), positive(maxBrowse));
    }

    private static @Nullable Long positive(@Nullable Long limit) {
        return limit == null || limit == 0 ? null : limit;
    }
}

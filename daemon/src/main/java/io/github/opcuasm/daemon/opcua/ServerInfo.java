package io.github.opcuasm.daemon.opcua;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.util.Namespaces;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about itself when a session starts: its namespaces, its operation limits, and when it was started
 * (Part 5, 6.3.1, 6.3.11 and 12.10). Read once per OPC UA session, because a restarted server may number its namespaces anew;
 * while the session lasts it may only add some ({@link #withNamespacesAdded}).
 *
 * @param session of which OPC UA session this was read: an object of its own for each
 * @param namespaces index to URI; at least namespace 0
 * @param startTime when the server was started, by its own clock; null if it does not tell
 * @param maxNodesPerRead null where the server gives none, or 0
 * @param maxNodesPerWrite null where the server gives none, or 0
 * @param maxNodesPerBrowse null where the server gives none, or 0
 * @param maxNodesPerTranslateBrowsePaths null where the server gives none, or 0
 * @param maxNodesPerNodeManagement null where the server gives none, or 0
 */
public record ServerInfo(
        Identity session,
        NamespaceTable namespaces,
        @Nullable DateTime startTime,
        @Nullable Long maxNodesPerRead,
        @Nullable Long maxNodesPerWrite,
        @Nullable Long maxNodesPerBrowse,
        @Nullable Long maxNodesPerTranslateBrowsePaths,
        @Nullable Long maxNodesPerNodeManagement) {

    private static final int MAX_NAMESPACES = 65_536;

    /** Equal to nothing but itself. */
    static final class Identity {
        private Identity() {}
    }

    /** A server that told nothing; each has a namespace table of its own. */
    static ServerInfo unknown() {
        return new ServerInfo(new Identity(), new NamespaceTable(), null, null, null, null, null, null);
    }

    /** What a server told in one Read at the start of a session; limits of 0 are none. */
    public static ServerInfo of(
            List<String> namespaceUris,
            @Nullable DateTime startTime,
            @Nullable Long maxRead,
            @Nullable Long maxWrite,
            @Nullable Long maxBrowse,
            @Nullable Long maxTranslate,
            @Nullable Long maxNodeManagement) {
        return new ServerInfo(
                new Identity(),
                table(namespaceUris),
                startTime,
                positive(maxRead),
                positive(maxWrite),
                positive(maxBrowse),
                positive(maxTranslate),
                positive(maxNodeManagement));
    }

    /** Whether both were read in one and the same OPC UA session; then an index in one is that in the other. */
    public boolean isOfSameSession(ServerInfo other) {
        return session.equals(other.session);
    }

    /**
     * What the server says in the same session later: an index that had a URI keeps it (Part 5, 6.3.1), others may have
     * one now.
     *
     * @return this if nothing was added
     */
    ServerInfo withNamespacesAdded(List<String> namespaceUris) {
        NamespaceTable merged = new NamespaceTable();
        Set<String> known = new HashSet<>();
        namespaces.update(table -> table.forEach((index, uri) -> {
            merged.set(index.intValue(), uri);
            known.add(uri);
        }));
        int before = known.size();
        known.add("");
        for (int index = 1; index < Math.min(namespaceUris.size(), MAX_NAMESPACES); index++) {
            String uri = namespaceUris.get(index);
            if (merged.get(index) == null && known.add(uri)) {
                merged.set(index, uri);
            }
        }
        return known.size() == before + 1
                ? this
                : new ServerInfo(
                        session,
                        merged,
                        startTime,
                        maxNodesPerRead,
                        maxNodesPerWrite,
                        maxNodesPerBrowse,
                        maxNodesPerTranslateBrowsePaths,
                        maxNodesPerNodeManagement);
    }

    /** Each URI at the server's own index; an empty or repeated one leaves its index without a URI. */
    private static NamespaceTable table(List<String> uris) {
        NamespaceTable table = new NamespaceTable();
        Set<String> seen = new HashSet<>(Set.of("", Namespaces.OPC_UA));
        for (int index = 1; index < Math.min(uris.size(), MAX_NAMESPACES); index++) {
            if (seen.add(uris.get(index))) {
                table.set(index, uris.get(index));
            }
        }
        return table;
    }

    private static @Nullable Long positive(@Nullable Long limit) {
        return limit == null || limit == 0 ? null : limit;
    }
}

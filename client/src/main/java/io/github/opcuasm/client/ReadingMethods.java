package io.github.opcuasm.client;

import java.util.Set;

/**
 * Which methods of {@code query} and {@code invoke} may be sent twice. What is not named here is sent once: a method that comes
 * later, or that a daemon has and this client does not know, may change the plant. So is a method that only reads and whose
 * answer cannot be had again: {@code publish}, {@code browseNext}, {@code readFile}.
 */
final class ReadingMethods {
    private static final Set<String> NAMES = Set.of(
            "read",
            "readMulti",
            "browse",
            "browseAll",
            "browseRecursive",
            "translateBrowsePaths",
            "resolveNodeId",
            "historyReadRaw",
            "historyReadProcessed",
            "historyReadAtTime",
            "historyReadModified",
            "historyReadEvents",
            "aggregate",
            "historyAggregate",
            "discoverDataTypes",
            "republish",
            "isConnected",
            "getConnectionState",
            "getEndpoints",
            "getTimeout",
            "getAutoRetry",
            "getBatchSize",
            "getDefaultBrowseMaxDepth",
            "getServerMaxNodesPerRead",
            "getServerMaxNodesPerWrite",
            "getServerProductName",
            "getServerManufacturerName",
            "getServerSoftwareVersion",
            "getServerBuildNumber",
            "getServerBuildDate",
            "getServerBuildInfo",
            "getFilePosition");

    private ReadingMethods() {}

    static boolean contain(String method) {
        return NAMES.contains(method);
    }
}

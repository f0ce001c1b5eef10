package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.NodeReference;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the daemon knows of a session and its server, its caches and its trust. Each call has an asynchronous twin: see {@link
 * SessionQueries}.
 */
public sealed interface SessionServices extends SessionQueries permits ManagedClient {

    /** Has the daemon probe the session, and make it anew where it does not work; returns once it does. */
    default void reconnect() {
        Void unused = query(Queries.RECONNECT);
    }

    default CompletableFuture<Void> reconnectAsync() {
        return queryAsync(Queries.RECONNECT);
    }

    /** For one service call, waiting included ({@code opcuaTimeout}). */
    default Duration getTimeout() {
        return query(Queries.TIMEOUT);
    }

    default CompletableFuture<Duration> getTimeoutAsync() {
        return queryAsync(Queries.TIMEOUT);
    }

    /** How often the daemon repeats a read. */
    default long getAutoRetry() {
        return query(Queries.AUTO_RETRY);
    }

    default CompletableFuture<Long> getAutoRetryAsync() {
        return queryAsync(Queries.AUTO_RETRY);
    }

    /** Nodes in one service call; empty = what the server allows. */
    default Optional<Long> getBatchSize() {
        return query(Queries.BATCH_SIZE);
    }

    default CompletableFuture<Optional<Long>> getBatchSizeAsync() {
        return queryAsync(Queries.BATCH_SIZE);
    }

    default long getDefaultBrowseMaxDepth() {
        return query(Queries.DEFAULT_BROWSE_MAX_DEPTH);
    }

    default CompletableFuture<Long> getDefaultBrowseMaxDepthAsync() {
        return queryAsync(Queries.DEFAULT_BROWSE_MAX_DEPTH);
    }

    /** The server's limit; empty if it states none, or {@code batchSize} is 0. */
    default Optional<Long> getServerMaxNodesPerRead() {
        return query(Queries.MAX_NODES_PER_READ);
    }

    default CompletableFuture<Optional<Long>> getServerMaxNodesPerReadAsync() {
        return queryAsync(Queries.MAX_NODES_PER_READ);
    }

    /** The server's limit; empty if it states none, or {@code batchSize} is 0. */
    default Optional<Long> getServerMaxNodesPerWrite() {
        return query(Queries.MAX_NODES_PER_WRITE);
    }

    default CompletableFuture<Optional<Long>> getServerMaxNodesPerWriteAsync() {
        return queryAsync(Queries.MAX_NODES_PER_WRITE);
    }

    /** Forgets what the daemon remembers of a node. */
    default void invalidateCache(NodeReference node) {
        Void unused = query(Queries.invalidateCache(node));
    }

    default CompletableFuture<Void> invalidateCacheAsync(NodeReference node) {
        return queryAsync(Queries.invalidateCache(node));
    }

    /** Forgets all that the daemon remembers of the server, data types too. */
    default void flushCache() {
        Void unused = query(Queries.FLUSH_CACHE);
    }

    default CompletableFuture<Void> flushCacheAsync() {
        return queryAsync(Queries.FLUSH_CACHE);
    }

    /** Trusts a certificate in the session's {@code trustStorePath}; without one, nothing happens. */
    default void trustCertificate(byte[] der) {
        Void unused = query(Queries.trustCertificate(der));
    }

    default CompletableFuture<Void> trustCertificateAsync(byte[] der) {
        return queryAsync(Queries.trustCertificate(der));
    }

    /**
     * The opposite.
     *
     * @param fingerprint SHA-1 in hexadecimal digits, with or without colons
     */
    default void untrustCertificate(String fingerprint) {
        Void unused = query(Queries.untrustCertificate(fingerprint));
    }

    default CompletableFuture<Void> untrustCertificateAsync(String fingerprint) {
        return queryAsync(Queries.untrustCertificate(fingerprint));
    }

    /** {@code trustPolicy} of the session, if it was opened with one. */
    default Optional<String> getTrustPolicy() {
        return query(Queries.TRUST_POLICY);
    }

    default CompletableFuture<Optional<String>> getTrustPolicyAsync() {
        return queryAsync(Queries.TRUST_POLICY);
    }

    default Optional<String> getServerProductName() {
        return query(Queries.PRODUCT_NAME);
    }

    default CompletableFuture<Optional<String>> getServerProductNameAsync() {
        return queryAsync(Queries.PRODUCT_NAME);
    }

    default Optional<String> getServerManufacturerName() {
        return query(Queries.MANUFACTURER_NAME);
    }

    default CompletableFuture<Optional<String>> getServerManufacturerNameAsync() {
        return queryAsync(Queries.MANUFACTURER_NAME);
    }

    default Optional<String> getServerSoftwareVersion() {
        return query(Queries.SOFTWARE_VERSION);
    }

    default CompletableFuture<Optional<String>> getServerSoftwareVersionAsync() {
        return queryAsync(Queries.SOFTWARE_VERSION);
    }

    default Optional<String> getServerBuildNumber() {
        return query(Queries.BUILD_NUMBER);
    }

    default CompletableFuture<Optional<String>> getServerBuildNumberAsync() {
        return queryAsync(Queries.BUILD_NUMBER);
    }

    default Optional<Instant> getServerBuildDate() {
        return query(Queries.BUILD_DATE);
    }

    default CompletableFuture<Optional<Instant>> getServerBuildDateAsync() {
        return queryAsync(Queries.BUILD_DATE);
    }

    /** All of these in one request (Part 5, 12.4). */
    default BuildInfo getServerBuildInfo() {
        return query(Queries.BUILD_INFO);
    }

    default CompletableFuture<BuildInfo> getServerBuildInfoAsync() {
        return queryAsync(Queries.BUILD_INFO);
    }
}

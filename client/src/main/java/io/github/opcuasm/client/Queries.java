package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The methods of attributes, of the view and of the session itself (protocol, sections 5 and 6), one row each: parameters in their
 * order, and how the result is read. History, subscriptions, nodes and files have their own classes of rows.
 */
final class Queries {
    static final Query<String> CONNECTION_STATE = Query.bound("getConnectionState", Results::text);
    static final Query<Void> RECONNECT = Query.reading("reconnect", Results::nothing);
    static final Query<Duration> TIMEOUT = Query.reading("getTimeout", Results::seconds);
    static final Query<Long> AUTO_RETRY = number("getAutoRetry");
    static final Query<Optional<Long>> BATCH_SIZE = Query.reading("getBatchSize", Results::optionalNumber);
    static final Query<Long> DEFAULT_BROWSE_MAX_DEPTH = number("getDefaultBrowseMaxDepth");
    static final Query<Optional<Long>> MAX_NODES_PER_READ =
            Query.reading("getServerMaxNodesPerRead", Results::optionalNumber);
    static final Query<Optional<Long>> MAX_NODES_PER_WRITE =
            Query.reading("getServerMaxNodesPerWrite", Results::optionalNumber);
    static final Query<Void> FLUSH_CACHE = Query.changing("flushCache", Results::nothing);
    static final Query<Optional<String>> TRUST_POLICY = Query.reading("getTrustPolicy", Results::optionalText);
    static final Query<Optional<String>> PRODUCT_NAME =
            Query.reading("getServerProductName", Results::optionalText).ofSection6();
    static final Query<Optional<String>> MANUFACTURER_NAME =
            Query.reading("getServerManufacturerName", Results::optionalText).ofSection6();
    static final Query<Optional<String>> SOFTWARE_VERSION =
            Query.reading("getServerSoftwareVersion", Results::optionalText).ofSection6();
    static final Query<Optional<String>> BUILD_NUMBER =
            Query.reading("getServerBuildNumber", Results::optionalText).ofSection6();
    static final Query<Optional<Instant>> BUILD_DATE =
            Query.reading("getServerBuildDate", Results::optionalTime).ofSection6();
    static final Query<BuildInfo> BUILD_INFO =
            Query.reading("getServerBuildInfo", ResultReader::buildInfo).ofSection6();

    private Queries() {}

    // Attributes

    static Query<ReadResult> read(NodeReference node, AttributeId attribute, boolean refresh) {
        return Query.reading("read", json -> Results.result(node, json), node, attribute, refresh);
    }

    /** @param nodes of the items, in their order */
    static Query<List<ReadResult>> readMulti(List<NodeReference> nodes, List<Map<String, Object>> items) {
        return Query.reading("readMulti", json -> Results.results(nodes, json), items);
    }

    static Query<StatusCode> write(NodeReference node, @Nullable Object value, @Nullable BuiltinType type) {
        Map<String, @Nullable Object> written = written(value, type);
        return Query.changing("write", Results::statusCode, node, written.get("value"), written.get("type"));
    }

    static Query<List<StatusCode>> writeMulti(List<Map<String, @Nullable Object>> items) {
        return Query.changing("writeMulti", Results::statusCodes, items);
    }

    static Query<CallResult> call(NodeReference object, NodeReference method, List<Variant> arguments) {
        return Query.changing("call", ResultReader::callResult, object, method, arguments);
    }

    // View

    /** @param method {@code browse} or {@code browseAll} */
    static Query<List<ReferenceDescription>> browse(String method, NodeReference node, BrowseOptions options) {
        return Query.reading(
                method,
                json -> Results.list(json, ValueReader::readReferenceDescription),
                node,
                options.direction(),
                options.referenceTypeId(),
                options.includeSubtypes(),
                options.nodeClassList(),
                options.useCache());
    }

    /** Sent once: a page that nobody got would hold a continuation point. */
    static Query<BrowseResultSet> browseWithContinuation(NodeReference node, BrowseOptions options) {
        return Query.changing(
                "browseWithContinuation",
                ResultReader::browseResultSet,
                node,
                options.direction(),
                options.referenceTypeId(),
                options.includeSubtypes(),
                options.nodeClassList());
    }

    static Query<BrowseResultSet> browseNext(String continuationPoint) {
        return Query.bound("browseNext", ResultReader::browseResultSet, continuationPoint);
    }

    static Query<List<BrowseNode>> browseRecursive(
            NodeReference node, @Nullable Integer maxDepth, BrowseOptions options) {
        return Query.reading(
                "browseRecursive",
                json -> Results.list(json, ResultReader::browseNode),
                node,
                options.direction(),
                maxDepth,
                options.referenceTypeId(),
                options.includeSubtypes(),
                options.nodeClassList());
    }

    static Query<List<BrowsePathResult>> translateBrowsePaths(List<BrowsePath> paths) {
        return Query.reading(
                "translateBrowsePaths",
                json -> Results.list(json, ResultReader::browsePathResult),
                paths.stream().map(BrowsePath::members).toList());
    }

    static Query<NodeId> resolveNodeId(String path, @Nullable NodeReference start, boolean useCache) {
        return Query.reading("resolveNodeId", json -> ValueReader.readNodeId(json, "nodeId"), path, start, useCache);
    }

    static Query<List<EndpointDescription>> getEndpoints(String url, boolean useCache) {
        return Query.reading(
                "getEndpoints", json -> Results.list(json, ResultReader::endpointDescription), url, useCache);
    }

    static Query<List<ApplicationDescription>> findServers(String url) {
        return Query.reading("findServers", json -> Results.list(json, ResultReader::applicationDescription), url);
    }

    static Query<Long> discoverDataTypes(@Nullable Integer namespaceIndex, boolean useCache) {
        return Query.reading(
                "discoverDataTypes", json -> Answers.whole(json, "a number of types"), namespaceIndex, useCache);
    }

    // The handle

    static Query<Void> invalidateCache(NodeReference node) {
        return Query.changing("invalidateCache", Results::nothing, node);
    }

    static Query<Void> trustCertificate(byte[] der) {
        return Query.changing("trustCertificate", Results::nothing, ByteString.copyOf(der));
    }

    static Query<Void> untrustCertificate(String fingerprint) {
        return Query.changing("untrustCertificate", Results::nothing, fingerprint);
    }

    static ConnectionState connectionState(String name) {
        for (ConnectionState state : ConnectionState.values()) {
            if (state.wireName().equals(name)) {
                return state;
            }
        }
        return ConnectionState.BROKEN;
    }

    // Parameters

    /**
     * What is written, as {@code value} and {@code type}. A value that has a type of its own (Variant) is written with it. A
     * {@code byte[]} is a ByteString unless it shall be an array of Byte (its octets) or SByte.
     */
    static Map<String, @Nullable Object> written(@Nullable Object value, @Nullable BuiltinType type) {
        Map<String, @Nullable Object> written = new LinkedHashMap<>();
        if (value instanceof TypedValue typed) {
            return written(typed.variant(), type);
        } else if (value instanceof Variant variant) {
            BuiltinType own = type == null ? variant.type() : type;
            boolean isMatrix =
                    variant.dimensions() != null && !variant.dimensions().isEmpty();
            written.put("value", isMatrix ? OpcUaJson.matrix(variant) : Json.of(variant.value()));
            written.put("type", own == null ? null : own.id());
            return written;
        }
        if (value instanceof byte[] bytes && type == BuiltinType.BYTE) {
            written.put("value", Json.of(ArrayView.of(bytes.length, index -> bytes[index] & 0xFF)));
        } else if (value instanceof byte[] bytes && type == BuiltinType.SBYTE) {
            written.put("value", Json.of(ArrayView.ofBytes(bytes)));
        } else {
            written.put("value", Json.of(value));
        }
        written.put("type", type == null ? null : type.id());
        return written;
    }

    private static Query<Long> number(String method) {
        return Query.reading(method, json -> Answers.whole(json, "a number"));
    }
}

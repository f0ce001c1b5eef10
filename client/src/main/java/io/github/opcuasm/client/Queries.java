package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
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
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The methods of the protocol's section 5, one row each: parameters in their order, and how the result is read. */
final class Queries {
    static final Query<String> CONNECTION_STATE = Query.bound("getConnectionState", Queries::text);
    static final Query<Void> RECONNECT = Query.reading("reconnect", Queries::nothing);
    static final Query<Duration> TIMEOUT = Query.reading("getTimeout", Queries::seconds);
    static final Query<Long> AUTO_RETRY = number("getAutoRetry");
    static final Query<Optional<Long>> BATCH_SIZE = Query.reading("getBatchSize", Queries::optionalNumber);
    static final Query<Long> DEFAULT_BROWSE_MAX_DEPTH = number("getDefaultBrowseMaxDepth");
    static final Query<Optional<Long>> MAX_NODES_PER_READ =
            Query.reading("getServerMaxNodesPerRead", Queries::optionalNumber);
    static final Query<Optional<Long>> MAX_NODES_PER_WRITE =
            Query.reading("getServerMaxNodesPerWrite", Queries::optionalNumber);
    static final Query<Void> FLUSH_CACHE = Query.changing("flushCache", Queries::nothing);
    static final Query<Optional<String>> TRUST_POLICY = Query.reading("getTrustPolicy", Queries::optionalText);
    static final Query<Optional<String>> PRODUCT_NAME = Query.invoking("getServerProductName", Queries::optionalText);
    static final Query<Optional<String>> MANUFACTURER_NAME =
            Query.invoking("getServerManufacturerName", Queries::optionalText);
    static final Query<Optional<String>> SOFTWARE_VERSION =
            Query.invoking("getServerSoftwareVersion", Queries::optionalText);
    static final Query<Optional<String>> BUILD_NUMBER = Query.invoking("getServerBuildNumber", Queries::optionalText);
    static final Query<Optional<Instant>> BUILD_DATE = Query.invoking("getServerBuildDate", Queries::optionalTime);
    static final Query<BuildInfo> BUILD_INFO = Query.invoking("getServerBuildInfo", ResultReader::buildInfo);

    private Queries() {}

    // Attributes

    static Query<ReadResult> read(NodeReference node, AttributeId attribute, boolean refresh) {
        return Query.reading("read", json -> result(node, json), node, attribute, refresh);
    }

    /** @param nodes of the items, in their order */
    static Query<List<ReadResult>> readMulti(List<NodeReference> nodes, List<Map<String, Object>> items) {
        return Query.reading("readMulti", json -> results(nodes, json), items);
    }

    static Query<StatusCode> write(NodeReference node, @Nullable Object value, @Nullable BuiltinType type) {
        Map<String, @Nullable Object> written = written(value, type);
        return Query.changing("write", Queries::statusCode, node, written.get("value"), written.get("type"));
    }

    static Query<List<StatusCode>> writeMulti(List<Map<String, @Nullable Object>> items) {
        return Query.changing("writeMulti", Queries::statusCodes, items);
    }

    static Query<CallResult> call(NodeReference object, NodeReference method, List<Variant> arguments) {
        return Query.changing("call", ResultReader::callResult, object, method, arguments);
    }

    static Query<List<ReadResult>> historyReadRaw(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count, boolean returnBounds) {
        return Query.reading("historyReadRaw", json -> results(node, json), node, from, to, count, returnBounds);
    }

    static Query<List<ReadResult>> historyReadProcessed(
            NodeReference node, Instant from, Instant to, Duration interval, NodeReference aggregate) {
        return Query.reading(
                "historyReadProcessed", json -> results(node, json), node, from, to, millis(interval), aggregate);
    }

    static Query<List<ReadResult>> historyReadAtTime(NodeReference node, List<Instant> times) {
        return Query.reading("historyReadAtTime", json -> results(node, json), node, times);
    }

    // View

    /** @param method {@code browse} or {@code browseAll} */
    static Query<List<ReferenceDescription>> browse(String method, NodeReference node, BrowseOptions options) {
        return Query.reading(
                method,
                json -> list(json, ValueReader::readReferenceDescription),
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
                json -> list(json, ResultReader::browseNode),
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
                json -> list(json, ResultReader::browsePathResult),
                paths.stream().map(BrowsePath::members).toList());
    }

    static Query<NodeId> resolveNodeId(String path, @Nullable NodeReference start, boolean useCache) {
        return Query.reading("resolveNodeId", json -> ValueReader.readNodeId(json, "nodeId"), path, start, useCache);
    }

    static Query<List<EndpointDescription>> getEndpoints(String url, boolean useCache) {
        return Query.reading("getEndpoints", json -> list(json, ResultReader::endpointDescription), url, useCache);
    }

    static Query<List<ApplicationDescription>> findServers(String url) {
        return Query.reading("findServers", json -> list(json, ResultReader::applicationDescription), url);
    }

    static Query<Long> discoverDataTypes(@Nullable Integer namespaceIndex, boolean useCache) {
        return Query.reading(
                "discoverDataTypes", json -> Answers.whole(json, "a number of types"), namespaceIndex, useCache);
    }

    // Subscriptions

    static Query<SubscriptionResult> createSubscription(SubscriptionParameters parameters) {
        return Query.changing(
                "createSubscription",
                ResultReader::subscriptionResult,
                millis(parameters.publishingInterval()),
                parameters.lifetimeCount(),
                parameters.maxKeepAliveCount(),
                parameters.maxNotificationsPerPublish(),
                parameters.publishingEnabled(),
                parameters.priority());
    }

    static Query<List<MonitoredItemResult>> createMonitoredItems(
            long subscriptionId, List<MonitoredItemRequest> items) {
        return Query.bound(
                "createMonitoredItems",
                json -> list(json, ResultReader::monitoredItemResult),
                subscriptionId,
                items.stream().map(MonitoredItemRequest::members).toList());
    }

    static Query<MonitoredItemResult> createEventMonitoredItem(long subscriptionId, EventRequest event) {
        return Query.bound(
                "createEventMonitoredItem",
                ResultReader::monitoredItemResult,
                subscriptionId,
                event.node(),
                event.selectFields(),
                event.clientHandle() == null ? 1 : event.clientHandle(),
                event.where());
    }

    static Query<List<MonitoredItemModifyResult>> modifyMonitoredItems(
            long subscriptionId, List<MonitoredItemChange> changes) {
        return Query.bound(
                "modifyMonitoredItems",
                json -> list(json, ResultReader::monitoredItemModifyResult),
                subscriptionId,
                changes.stream().map(MonitoredItemChange::members).toList());
    }

    static Query<SetTriggeringResult> setTriggering(
            long subscriptionId, long triggeringItemId, List<Long> linksToAdd, List<Long> linksToRemove) {
        return Query.bound(
                "setTriggering",
                ResultReader::setTriggeringResult,
                subscriptionId,
                triggeringItemId,
                linksToAdd,
                linksToRemove);
    }

    static Query<List<StatusCode>> deleteMonitoredItems(long subscriptionId, List<Long> monitoredItemIds) {
        return Query.bound("deleteMonitoredItems", Queries::statusCodes, subscriptionId, monitoredItemIds);
    }

    static Query<StatusCode> deleteSubscription(long subscriptionId) {
        return Query.bound("deleteSubscription", Queries::statusCode, subscriptionId);
    }

    static Query<PublishResult> publish(
            List<Acknowledgement> acknowledgements, @Nullable List<Long> subscriptionIds, @Nullable Duration maxWait) {
        List<@Nullable Object> params = new ArrayList<>();
        params.add(acknowledgements.stream().map(Acknowledgement::members).toList());
        if (subscriptionIds != null || maxWait != null) {
            params.add(subscriptionIds);
            params.add(maxWait == null ? null : maxWait.toMillis());
        }
        return Query.bound("publish", ResultReader::publishResult, params.toArray());
    }

    static Query<List<TransferResult>> transferSubscriptions(List<Long> subscriptionIds, boolean sendInitialValues) {
        return Query.changing(
                "transferSubscriptions",
                json -> list(json, ResultReader::transferResult),
                subscriptionIds,
                sendInitialValues);
    }

    static Query<RepublishResult> republish(long subscriptionId, long sequenceNumber) {
        return Query.bound("republish", ResultReader::republishResult, subscriptionId, sequenceNumber);
    }

    // The handle

    static Query<Void> invalidateCache(NodeReference node) {
        return Query.changing("invalidateCache", Queries::nothing, node);
    }

    static Query<Void> trustCertificate(byte[] der) {
        return Query.changing("trustCertificate", Queries::nothing, ByteString.copyOf(der));
    }

    static Query<Void> untrustCertificate(String fingerprint) {
        return Query.changing("untrustCertificate", Queries::nothing, fingerprint);
    }

    static ConnectionState connectionState(String name) {
        for (ConnectionState state : ConnectionState.values()) {
            if (state.wireName().equals(name)) {
                return state;
            }
        }
        return ConnectionState.BROKEN;
    }

    // Parameters and results

    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

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

    static ReadResult result(NodeReference node, JsonValue json) {
        return new ReadResult(node.toString(), ValueReader.readDataValue(json));
    }

    private static List<ReadResult> results(NodeReference node, JsonValue json) {
        return list(json, value -> result(node, value));
    }

    private static List<ReadResult> results(List<NodeReference> nodes, JsonValue json) {
        List<JsonValue> values = Answers.array(json, "DataValues").elements();
        if (values.size() != nodes.size()) {
            throw new IllegalArgumentException("got " + values.size() + " values, expected " + nodes.size());
        }
        List<ReadResult> results = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            results.add(result(nodes.get(i), values.get(i)));
        }
        return List.copyOf(results);
    }

    private static <T> List<T> list(JsonValue json, Function<JsonValue, T> element) {
        return ResultReader.list(json, "result", element);
    }

    private static StatusCode statusCode(JsonValue json) {
        return ValueReader.readStatusCode(json, "statusCode");
    }

    private static List<StatusCode> statusCodes(JsonValue json) {
        return list(json, Queries::statusCode);
    }

    private static Query<Long> number(String method) {
        return Query.reading(method, json -> Answers.whole(json, "a number"));
    }

    private static Optional<Long> optionalNumber(JsonValue json) {
        return json instanceof JsonValue.Null ? Optional.empty() : Optional.of(Answers.whole(json, "a number"));
    }

    private static Duration seconds(JsonValue json) {
        if (json instanceof JsonValue.Num number) {
            return Duration.ofNanos(number.decimal().movePointRight(9).longValue());
        }
        throw new IllegalArgumentException("got " + json.excerpt() + ", expected seconds");
    }

    private static String text(JsonValue json) {
        return optionalText(json).orElseThrow(() -> new IllegalArgumentException("got null, expected a text"));
    }

    private static Optional<String> optionalText(JsonValue json) {
        if (json instanceof JsonValue.Null) {
            return Optional.empty();
        } else if (json instanceof JsonValue.Str text) {
            return Optional.of(text.value());
        }
        throw new IllegalArgumentException("got " + json.excerpt() + ", expected a text");
    }

    private static Optional<Instant> optionalTime(JsonValue json) {
        DateTime time = json instanceof JsonValue.Null ? DateTime.NULL : ValueReader.readDateTime(json, "buildDate");
        return ReadResult.instant(time);
    }

    @SuppressWarnings("NullAway") // there is no other Void
    private static Void nothing(JsonValue json) {
        return null;
    }
}

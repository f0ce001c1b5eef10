package io.github.opcuasm.protocol.json;

import static io.github.opcuasm.protocol.json.WireMember.Kind.ANY;
import static io.github.opcuasm.protocol.json.WireMember.Kind.FLAG;
import static io.github.opcuasm.protocol.json.WireMember.Kind.LIST;
import static io.github.opcuasm.protocol.json.WireMember.Kind.NODE_ID;
import static io.github.opcuasm.protocol.json.WireMember.Kind.NUMBER;
import static io.github.opcuasm.protocol.json.WireMember.Kind.OBJECT;
import static io.github.opcuasm.protocol.json.WireMember.Kind.TEXT;
import static io.github.opcuasm.protocol.json.WireMember.Kind.WHOLE;
import static io.github.opcuasm.protocol.json.WireMember.optional;
import static io.github.opcuasm.protocol.json.WireMember.required;
import static java.util.Map.entry;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ConnectionState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members of each typed value beside those of its plain shape (protocol, sections 5 and 6), and the values of each
 * enumeration. {@code NodeId}, {@code Variant}, {@code DataValue} and {@code DateTime} have more to them than other
 * names: {@link WireReader} knows those itself.
 */
final class WireShapes {
    private static final Map<String, List<WireMember>> MEMBERS = Map.ofEntries(
            entry("QualifiedName", List.of(required("ns", "ns", WHOLE), required("n", "name", TEXT))),
            entry("LocalizedText", List.of(optional("locale", "locale", TEXT), optional("text", "text", TEXT))),
            entry(
                    "ExtensionObject",
                    List.of(
                            required("typeId", "typeId", NODE_ID),
                            required("encoding", "encoding", WHOLE),
                            optional("bodyB64", "body", TEXT),
                            optional("value", "value", ANY))),
            entry(
                    "ReferenceDescription",
                    List.of(
                            required("refType", "referenceTypeId", NODE_ID),
                            required("isForward", "isForward", FLAG),
                            required("nodeId", "nodeId", NODE_ID),
                            required("browseName", "browseName", OBJECT),
                            required("displayName", "displayName", OBJECT),
                            required("nodeClass", "nodeClass", WHOLE),
                            optional("typeDef", "typeDefinition", NODE_ID))),
            entry(
                    "BrowseNode",
                    List.of(required("reference", "reference", OBJECT), required("children", "children", LIST))),
            entry(
                    "EndpointDescription",
                    List.of(
                            optional("url", "endpointUrl", TEXT),
                            optional("cert", "serverCertificate", TEXT),
                            required("mode", "securityMode", WHOLE),
                            optional("policy", "securityPolicyUri", TEXT),
                            required("tokens", "userIdentityTokens", LIST),
                            optional("profile", "transportProfileUri", TEXT),
                            required("level", "securityLevel", WHOLE))),
            entry(
                    "UserTokenPolicy",
                    List.of(
                            optional("policyId", "policyId", TEXT),
                            required("tokenType", "tokenType", WHOLE),
                            optional("issuedType", "issuedTokenType", TEXT),
                            optional("issuer", "issuerEndpointUrl", TEXT),
                            optional("policy", "securityPolicyUri", TEXT))),
            // The continuation point is decoded by the reader.
            entry(
                    "BrowseResultSet",
                    List.of(required("refs", "references", LIST), optional("cpB64", "continuationPoint", TEXT))),
            entry("BrowsePathResult", List.of(status(), required("targets", "targets", LIST))),
            entry(
                    "BrowsePathTarget",
                    List.of(
                            required("target", "targetId", NODE_ID),
                            required("remaining", "remainingPathIndex", WHOLE))),
            entry(
                    "CallResult",
                    List.of(
                            status(),
                            required("inputResults", "inputArgumentResults", LIST),
                            required("output", "outputArguments", LIST))),
            entry(
                    "SubscriptionResult",
                    List.of(
                            required("subId", "subscriptionId", WHOLE),
                            required("interval", "revisedPublishingInterval", NUMBER),
                            required("lifetime", "revisedLifetimeCount", WHOLE),
                            required("keepAlive", "revisedMaxKeepAliveCount", WHOLE))),
            entry(
                    "MonitoredItemResult",
                    List.of(
                            status(),
                            required("id", "monitoredItemId", WHOLE),
                            required("interval", "revisedSamplingInterval", NUMBER),
                            required("queue", "revisedQueueSize", WHOLE))),
            entry(
                    "MonitoredItemModifyResult",
                    List.of(
                            status(),
                            required("interval", "revisedSamplingInterval", NUMBER),
                            required("queue", "revisedQueueSize", WHOLE))),
            entry(
                    "SetTriggeringResult",
                    List.of(required("add", "addResults", LIST), required("remove", "removeResults", LIST))),
            entry(
                    "PublishResult",
                    List.of(
                            required("subId", "subscriptionId", WHOLE),
                            required("seq", "sequenceNumber", WHOLE),
                            required("more", "moreNotifications", FLAG),
                            required("notif", "notifications", LIST),
                            required("avail", "availableSequenceNumbers", LIST))),
            entry("TransferResult", List.of(status(), required("avail", "availableSequenceNumbers", LIST))),
            entry("AddNodesResult", List.of(status(), required("added", "addedNodeId", NODE_ID))),
            entry(
                    "BuildInfo",
                    List.of(
                            optional("product", "productName", TEXT),
                            optional("manufacturer", "manufacturerName", TEXT),
                            optional("version", "softwareVersion", TEXT),
                            optional("build", "buildNumber", TEXT),
                            optional("date", "buildDate", TEXT))),
            entry(
                    "CreateFileResult",
                    List.of(required("fileNodeId", "fileNodeId", TEXT), required("fileHandle", "fileHandle", WHOLE))),
            entry("HistoryUpdateResult", List.of(status(), required("ops", "operationResults", LIST))));

    /** The values of each enumeration, in the form that they have in both notations. */
    private static final Map<String, List<JsonValue>> ENUMS = Map.of(
            "BuiltinType",
            numbers(Arrays.stream(BuiltinType.values()).mapToInt(BuiltinType::id)),
            "NodeClass",
            numbers(IntStream.of(0, 1, 2, 4, 8, 16, 32, 64, 128)),
            "BrowseDirection",
            numbers(IntStream.of(0, 1, 2)),
            "OpenFileMode",
            numbers(IntStream.of(1, 2, 4, 8)),
            "PerformUpdateType",
            numbers(IntStream.of(1, 2, 3, 4)),
            "AggregateFunction",
            names(AggregateFunction.wireNames().stream()),
            "ConnectionState",
            names(Arrays.stream(ConnectionState.values()).map(ConnectionState::wireName)));

    private WireShapes() {}

    /** The members of a type; null if it is not in the table. */
    static @Nullable List<WireMember> members(String type) {
        return MEMBERS.get(type);
    }

    /** The values of an enumeration; null if there is none of this name. */
    static @Nullable List<JsonValue> enumeration(String type) {
        return ENUMS.get(type);
    }

    private static WireMember status() {
        return required("status", "statusCode", WHOLE);
    }

    private static List<JsonValue> numbers(IntStream values) {
        return values.<JsonValue>mapToObj(value -> new JsonValue.Num(Integer.toString(value)))
                .toList();
    }

    private static List<JsonValue> names(Stream<String> values) {
        return values.<JsonValue>map(JsonValue.Str::new).toList();
    }
}

package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the results of methods in the shapes that {@link ResultWriter} gives them, in both protocols, for clients. What the
 * reference's daemon leaves out ({@code epoch}, {@code dropped}, {@code gap}, {@code filterErrors}) has its default. A
 * result of another shape is an {@link ErrorType#ENCODING} error that names the member.
 */
public final class ResultReader {
    private static final BigInteger MAX_INT = BigInteger.valueOf(Integer.MAX_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private ResultReader() {}

    /**
     * An array, its elements read one by one; null counts as an empty one.
     *
     * @param name for messages
     */
    public static <T> List<T> list(JsonValue json, String name, Function<JsonValue, T> element) {
        List<JsonValue> elements = json instanceof JsonValue.Null ? List.of() : json.asArray();
        if (elements == null) {
            throw Members.wrong(ErrorType.ENCODING, name, json.excerpt(), "an array");
        }
        List<T> list = new ArrayList<>(elements.size());
        elements.forEach(each -> list.add(element.apply(each)));
        return Collections.unmodifiableList(list);
    }

    /** A whole number from 0 on. */
    public static long whole(JsonValue json, String name) {
        BigInteger whole = json instanceof JsonValue.Num number ? number.whole() : null;
        if (whole == null || whole.signum() < 0 || whole.compareTo(MAX_LONG) > 0) {
            throw Members.wrong(ErrorType.ENCODING, name, json.excerpt(), "an integer from 0 on");
        }
        return whole.longValueExact();
    }

    /** A page of a browse. */
    public static BrowseResultSet browseResultSet(JsonValue json) {
        Members members = members(json, "page");
        return new BrowseResultSet(
                list(members, "references", ValueReader::readReferenceDescription),
                members.optionalString("continuationPoint"));
    }

    /** A node of a tree. */
    public static BrowseNode browseNode(JsonValue json) {
        Members members = members(json, "node");
        return new BrowseNode(
                ValueReader.readReferenceDescription(members.required("reference")),
                list(members, "children", ResultReader::browseNode));
    }

    /** What became of one browse path. */
    public static BrowsePathResult browsePathResult(JsonValue json) {
        Members members = members(json, "path");
        return new BrowsePathResult(status(members), list(members, "targets", ResultReader::browsePathTarget));
    }

    private static BrowsePathTarget browsePathTarget(JsonValue json) {
        Members members = members(json, "target");
        return new BrowsePathTarget(
                ValueReader.readExpandedNodeId(members.required("targetId"), "targetId"),
                whole(members.required("remainingPathIndex"), "remainingPathIndex"));
    }

    /** What a method call gave. */
    public static CallResult callResult(JsonValue json) {
        Members members = members(json, "call");
        return new CallResult(
                status(members),
                statusCodes(members, "inputArgumentResults"),
                list(members, "outputArguments", ValueReader::readVariant));
    }

    /** An EndpointDescription of an answer. */
    public static EndpointDescription endpointDescription(JsonValue json) {
        Members members = members(json, "endpoint");
        JsonValue certificate = members.raw("serverCertificate");
        members.required("userIdentityTokens");
        return new EndpointDescription(
                members.optionalString("endpointUrl"),
                certificate instanceof JsonValue.Null
                        ? null
                        : (ByteString) new ScalarReader(ErrorType.ENCODING, "serverCertificate")
                                .required(certificate, BuiltinType.BYTE_STRING),
                members.whole("securityMode", MAX_INT).intValueExact(),
                members.optionalString("securityPolicyUri"),
                members.whole("securityLevel", MAX_INT).intValueExact(),
                members.optionalString("transportProfileUri"),
                list(members, "userIdentityTokens", ResultReader::userTokenPolicy));
    }

    private static UserTokenPolicy userTokenPolicy(JsonValue json) {
        Members members = members(json, "userTokenPolicy");
        return new UserTokenPolicy(
                members.optionalString("policyId"),
                members.whole("tokenType", MAX_INT).intValueExact(),
                members.optionalString("issuedTokenType"),
                members.optionalString("issuerEndpointUrl"),
                members.optionalString("securityPolicyUri"));
    }

    /** One application that a server tells of. */
    public static ApplicationDescription applicationDescription(JsonValue json) {
        Members members = members(json, "application");
        return new ApplicationDescription(
                members.optionalString("applicationUri"),
                members.optionalString("productUri"),
                (LocalizedText) new ScalarReader(ErrorType.ENCODING, "applicationName")
                        .required(members.raw("applicationName"), BuiltinType.LOCALIZED_TEXT),
                members.whole("applicationType", MAX_INT).intValueExact(),
                members.optionalString("gatewayServerUri"),
                members.optionalString("discoveryProfileUri"),
                list(members, "discoveryUrls", url -> url instanceof JsonValue.Str text ? text.value() : null));
    }

    /** A subscription that was granted. */
    public static SubscriptionResult subscriptionResult(JsonValue json) {
        Members members = members(json, "subscription");
        return new SubscriptionResult(
                whole(members, "subscriptionId"),
                number(members, "revisedPublishingInterval"),
                whole(members, "revisedLifetimeCount"),
                whole(members, "revisedMaxKeepAliveCount"));
    }

    /** A monitored item that was granted, or refused. */
    public static MonitoredItemResult monitoredItemResult(JsonValue json) {
        Members members = members(json, "monitoredItem");
        return new MonitoredItemResult(
                status(members),
                whole(members, "monitoredItemId"),
                number(members, "revisedSamplingInterval"),
                whole(members, "revisedQueueSize"),
                filterErrors(members));
    }

    /** A monitored item that was changed, or not. */
    public static MonitoredItemModifyResult monitoredItemModifyResult(JsonValue json) {
        Members members = members(json, "monitoredItem");
        return new MonitoredItemModifyResult(
                status(members),
                number(members, "revisedSamplingInterval"),
                whole(members, "revisedQueueSize"),
                filterErrors(members));
    }

    private static List<String> filterErrors(Members members) {
        return list(
                members,
                "filterErrors",
                text -> text instanceof JsonValue.Str string ? string.value() : text.toString());
    }

    /** What became of the links of a triggering item. */
    public static SetTriggeringResult setTriggeringResult(JsonValue json) {
        Members members = members(json, "triggering");
        return new SetTriggeringResult(statusCodes(members, "addResults"), statusCodes(members, "removeResults"));
    }

    /** A message of a subscription. */
    public static PublishResult publishResult(JsonValue json) {
        Members members = members(json, "message");
        return new PublishResult(
                whole(members, "subscriptionId"),
                whole(members, "sequenceNumber"),
                members.flag("moreNotifications"),
                list(members, "notifications", ResultReader::notification),
                wholes(members, "availableSequenceNumbers"),
                members.get("epoch") == null ? 0 : whole(members, "epoch"),
                members.get("dropped") == null ? 0 : whole(members, "dropped"),
                gap(members.get("gap")));
    }

    private static PublishResult.@Nullable Gap gap(@Nullable JsonValue json) {
        if (json == null) {
            return null;
        }
        Members members = members(json, "gap");
        String reason = members.optionalString("reason");
        return new PublishResult.Gap(time(members, "from"), time(members, "to"), reason == null ? "" : reason);
    }

    /** A message that was sent before. */
    public static RepublishResult republishResult(JsonValue json) {
        Members members = members(json, "message");
        return new RepublishResult(
                whole(members, "sequenceNumber"),
                time(members, "publishTime"),
                list(members, "notifications", ResultReader::notification));
    }

    private static Notification notification(JsonValue json) {
        Members members = members(json, "notification");
        JsonValue dataValue = members.get("dataValue");
        long clientHandle = whole(members, "clientHandle");
        return dataValue == null
                ? new Notification.Event(clientHandle, list(members, "eventFields", ResultReader::eventField))
                : new Notification.DataChange(clientHandle, ValueReader.readDataValue(dataValue));
    }

    private static Variant eventField(JsonValue json) {
        return json instanceof JsonValue.Null ? Variant.NULL : ValueReader.readVariant(json);
    }

    /** What became of one subscription that was to be taken over. */
    public static TransferResult transferResult(JsonValue json) {
        Members members = members(json, "transfer");
        return new TransferResult(status(members), wholes(members, "availableSequenceNumbers"));
    }

    /** What became of one node that was to be added. */
    public static AddNodesResult addNodesResult(JsonValue json) {
        Members members = members(json, "node");
        return new AddNodesResult(
                status(members), ValueReader.readNodeId(members.required("addedNodeId"), members.path("addedNodeId")));
    }

    /** A file that was created; its node id in text form, as {@code invoke} has it, or as an object. */
    public static CreateFileResult createFileResult(JsonValue json) {
        Members members = members(json, "file");
        JsonValue nodeId = members.required("fileNodeId");
        return new CreateFileResult(
                nodeId instanceof JsonValue.Str text
                        ? NodeId.parseTyped(text.value())
                        : ValueReader.readNodeId(nodeId, members.path("fileNodeId")),
                whole(members, "fileHandle"));
    }

    /** A value of history that was changed, and how. */
    public static ModifiedValue modifiedValue(JsonValue json) {
        Members members = members(json, "modified");
        return new ModifiedValue(
                ValueReader.readDataValue(members.required("value")),
                time(members, "modificationTime"),
                members.whole("updateType", MAX_INT).intValueExact(),
                members.optionalString("userName"));
    }

    /** Who made the server's software: of {@code invoke}, with the types of its values taken off ({@link WireReader}). */
    public static BuildInfo buildInfo(JsonValue json) {
        Members members = members(json, "buildInfo");
        return new BuildInfo(
                members.optionalString("productName"),
                members.optionalString("manufacturerName"),
                members.optionalString("softwareVersion"),
                members.optionalString("buildNumber"),
                time(members, "buildDate"));
    }

    private static Members members(JsonValue json, String name) {
        return Members.of(json, name, ErrorType.ENCODING);
    }

    private static <T> List<T> list(Members members, String name, Function<JsonValue, T> element) {
        return list(members.raw(name), members.path(name), element);
    }

    private static StatusCode status(Members members) {
        return ValueReader.readStatusCode(members.required("statusCode"), members.path("statusCode"));
    }

    private static List<StatusCode> statusCodes(Members members, String name) {
        return list(members, name, code -> ValueReader.readStatusCode(code, name));
    }

    private static List<Long> wholes(Members members, String name) {
        return list(members, name, number -> whole(number, name));
    }

    private static long whole(Members members, String name) {
        return whole(members.required(name), members.path(name));
    }

    private static double number(Members members, String name) {
        return (Double) new ScalarReader(ErrorType.ENCODING, members.path(name))
                .required(members.required(name), BuiltinType.DOUBLE);
    }

    private static @Nullable DateTime time(Members members, String name) {
        JsonValue json = members.get(name);
        return json == null ? null : new ScalarReader(ErrorType.ENCODING, members.path(name)).dateTime(json);
    }
}

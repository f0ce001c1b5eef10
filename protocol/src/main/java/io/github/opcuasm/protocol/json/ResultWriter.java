package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a method gave, in the shapes that {@code query} answers with (protocol, section 5): values as
 * {@link ValueWriter} does, and the results of the services. Lists become arrays; null becomes null.
 */
public final class ResultWriter {
    private ResultWriter() {}

    /**
     * Writes one result.
     *
     * @param result null, a Boolean, String, Integer, Long, BigInteger (a UInt64), Double or ByteString, a {@code List} of
     *     results, or one of the records of {@code protocol.type} that methods answer with
     * @throws IllegalArgumentException for an object of any other class
     */
    public static void write(JsonOutput out, @Nullable Object result) throws IOException {
        if (result instanceof DataValue value) {
            ValueWriter.dataValue(out, value);
        } else if (result instanceof List<?> list) {
            out.elements(list, ResultWriter::write);
        } else if (result instanceof StatusCode code) {
            ValueWriter.statusCode(out, code);
        } else if (result instanceof ReferenceDescription reference) {
            ValueWriter.referenceDescription(out, reference);
        } else if (result instanceof NodeId nodeId) {
            ValueWriter.nodeId(out, nodeId);
        } else if (result instanceof Variant variant) {
            ValueWriter.variant(out, variant);
        } else if (result instanceof Record) {
            record(out, result);
        } else {
            plain(out, result);
        }
    }

    private static void plain(JsonOutput out, @Nullable Object result) throws IOException {
        if (result == null) {
            out.nullValue();
        } else if (result instanceof Boolean flag) {
            out.bool(flag);
        } else if (result instanceof String text) {
            out.text(text);
        } else if (result instanceof Integer || result instanceof Long) {
            out.number(((Number) result).longValue());
        } else if (result instanceof BigInteger number) {
            ValueWriter.uint64(out, number);
        } else if (result instanceof Double number) {
            out.number(number.doubleValue());
        } else if (result instanceof ByteString bytes) {
            out.base64(bytes);
        } else if (result instanceof ConnectionState state) {
            out.string(state.wireName());
        } else {
            throw new IllegalArgumentException(
                    "result: got " + result.getClass().getName() + ", which no method answers with");
        }
    }

    private static void record(JsonOutput out, Object result) throws IOException {
        if (result instanceof BrowseResultSet page) {
            browseResultSet(out, page);
        } else if (result instanceof BrowseNode node) {
            browseNode(out, node);
        } else if (result instanceof BrowsePathResult path) {
            browsePathResult(out, path);
        } else if (result instanceof CallResult call) {
            callResult(out, call);
        } else if (result instanceof EndpointDescription endpoint) {
            endpointDescription(out, endpoint);
        } else if (result instanceof ApplicationDescription application) {
            applicationDescription(out, application);
        } else if (result instanceof SubscriptionResult subscription) {
            subscriptionResult(out, subscription);
        } else if (result instanceof MonitoredItemResult item) {
            monitoredItemResult(out, item);
        } else if (result instanceof MonitoredItemModifyResult item) {
            out.startObject();
            out.name("statusCode");
            ValueWriter.statusCode(out, item.statusCode());
            out.name("revisedSamplingInterval");
            out.number(item.revisedSamplingInterval());
            out.name("revisedQueueSize");
            out.number(item.revisedQueueSize());
            filterErrors(out, item.filterErrors());
            out.endObject();
        } else if (result instanceof SetTriggeringResult links) {
            list(out, "addResults", links.addResults(), () -> {
                out.name("removeResults");
                out.elements(links.removeResults(), ValueWriter::statusCode);
                out.then(out::endObject);
            });
        } else if (result instanceof PublishResult message) {
            publishResult(out, message);
        } else if (result instanceof RepublishResult message) {
            republishResult(out, message);
        } else if (result instanceof TransferResult transfer) {
            out.startObject();
            out.name("statusCode");
            ValueWriter.statusCode(out, transfer.statusCode());
            out.name("availableSequenceNumbers");
            out.elements(transfer.availableSequenceNumbers(), JsonOutput::number);
            out.then(out::endObject);
        } else if (result instanceof Notification notification) {
            notification(out, notification);
        } else if (result instanceof DateTime time) {
            ValueWriter.dateTime(out, time);
        } else if (result instanceof AddNodesResult node) {
            out.startObject();
            out.name("statusCode");
            ValueWriter.statusCode(out, node.statusCode());
            out.name("addedNodeId");
            ValueWriter.nodeId(out, node.addedNodeId());
            out.endObject();
        } else if (result instanceof CreateFileResult file) {
            out.startObject();
            out.name("fileNodeId");
            ValueWriter.nodeId(out, file.fileNodeId());
            out.name("fileHandle");
            out.number(file.fileHandle());
            out.endObject();
        } else if (result instanceof ModifiedValue modified) {
            modifiedValue(out, modified);
        } else if (result instanceof BuildInfo info) {
            buildInfo(out, info);
        } else {
            plain(out, result);
        }
    }

    private static void modifiedValue(JsonOutput out, ModifiedValue modified) throws IOException {
        out.startObject();
        out.name("value");
        out.body(o -> ValueWriter.dataValue(o, modified.value()));
        out.then(() -> {
            out.name("modificationTime");
            ValueWriter.dateTime(out, modified.modificationTime());
            out.name("updateType");
            out.number(modified.updateType());
            out.name("userName");
            out.string(modified.userName());
            out.endObject();
        });
    }

    private static void buildInfo(JsonOutput out, BuildInfo info) throws IOException {
        out.startObject();
        out.name("productName");
        out.string(info.productName());
        out.name("manufacturerName");
        out.string(info.manufacturerName());
        out.name("softwareVersion");
        out.string(info.softwareVersion());
        out.name("buildNumber");
        out.string(info.buildNumber());
        out.name("buildDate");
        ValueWriter.dateTime(out, info.buildDate());
        out.endObject();
    }

    private static void browseResultSet(JsonOutput out, BrowseResultSet page) throws IOException {
        list(out, "references", page.references(), () -> {
            out.name("continuationPoint");
            out.string(page.continuationPoint());
            out.endObject();
        });
    }

    private static void browseNode(JsonOutput out, BrowseNode node) throws IOException {
        out.startObject();
        out.name("reference");
        out.body(o -> ValueWriter.referenceDescription(o, node.reference()));
        out.then(() -> {
            out.name("children");
            // Handed over: the depth of the tree must not become the depth of calls.
            out.elements(node.children(), (o, child) -> o.body(inner -> browseNode(inner, child)));
            out.then(out::endObject);
        });
    }

    private static void browsePathResult(JsonOutput out, BrowsePathResult path) throws IOException {
        out.startObject();
        out.name("statusCode");
        ValueWriter.statusCode(out, path.statusCode());
        out.name("targets");
        out.elements(path.targets(), (o, target) -> {
            o.startObject();
            o.name("targetId");
            ValueWriter.expandedNodeId(o, target.targetId());
            o.name("remainingPathIndex");
            o.number(target.remainingPathIndex());
            o.endObject();
        });
        out.then(out::endObject);
    }

    private static void callResult(JsonOutput out, CallResult call) throws IOException {
        out.startObject();
        out.name("statusCode");
        ValueWriter.statusCode(out, call.statusCode());
        out.name("inputArgumentResults");
        out.elements(call.inputArgumentResults(), ValueWriter::statusCode);
        out.then(() -> {
            out.name("outputArguments");
            out.elements(call.outputArguments(), ValueWriter::variant);
            out.then(out::endObject);
        });
    }

    private static void endpointDescription(JsonOutput out, EndpointDescription endpoint) throws IOException {
        out.startObject();
        out.name("endpointUrl");
        out.string(endpoint.endpointUrl());
        out.name("serverCertificate");
        out.base64(endpoint.serverCertificate());
        out.then(() -> {
            out.name("securityMode");
            out.number(endpoint.securityMode());
            out.name("securityPolicyUri");
            out.string(endpoint.securityPolicyUri());
            out.name("securityLevel");
            out.number(endpoint.securityLevel());
            out.name("transportProfileUri");
            out.string(endpoint.transportProfileUri());
            out.name("userIdentityTokens");
            out.elements(endpoint.userIdentityTokens(), ResultWriter::userTokenPolicy);
            out.then(out::endObject);
        });
    }

    private static void applicationDescription(JsonOutput out, ApplicationDescription application) throws IOException {
        out.startObject();
        out.name("applicationUri");
        out.string(application.applicationUri());
        out.name("productUri");
        out.string(application.productUri());
        out.name("applicationName");
        ValueWriter.localizedText(out, application.applicationName());
        out.then(() -> {
            out.name("applicationType");
            out.number(application.applicationType());
            out.name("gatewayServerUri");
            out.string(application.gatewayServerUri());
            out.name("discoveryProfileUri");
            out.string(application.discoveryProfileUri());
            out.name("discoveryUrls");
            out.elements(application.discoveryUrls(), JsonOutput::string);
            out.then(out::endObject);
        });
    }

    private static void userTokenPolicy(JsonOutput out, UserTokenPolicy policy) throws IOException {
        out.startObject();
        out.name("policyId");
        out.string(policy.policyId());
        out.name("tokenType");
        out.number(policy.tokenType());
        out.name("issuedTokenType");
        out.string(policy.issuedTokenType());
        out.name("issuerEndpointUrl");
        out.string(policy.issuerEndpointUrl());
        out.name("securityPolicyUri");
        out.string(policy.securityPolicyUri());
        out.endObject();
    }

    private static void subscriptionResult(JsonOutput out, SubscriptionResult subscription) throws IOException {
        out.startObject();
        out.name("subscriptionId");
        out.number(subscription.subscriptionId());
        out.name("revisedPublishingInterval");
        out.number(subscription.revisedPublishingInterval());
        out.name("revisedLifetimeCount");
        out.number(subscription.revisedLifetimeCount());
        out.name("revisedMaxKeepAliveCount");
        out.number(subscription.revisedMaxKeepAliveCount());
        out.endObject();
    }

    /** Only where there are any: the reference's results have no such member. */
    private static void filterErrors(JsonOutput out, List<String> errors) throws IOException {
        if (!errors.isEmpty()) {
            out.name("filterErrors");
            out.startArray();
            for (String error : errors) {
                out.string(error);
            }
            out.endArray();
        }
    }

    private static void monitoredItemResult(JsonOutput out, MonitoredItemResult item) throws IOException {
        out.startObject();
        out.name("statusCode");
        ValueWriter.statusCode(out, item.statusCode());
        out.name("monitoredItemId");
        out.number(item.monitoredItemId());
        out.name("revisedSamplingInterval");
        out.number(item.revisedSamplingInterval());
        out.name("revisedQueueSize");
        out.number(item.revisedQueueSize());
        filterErrors(out, item.filterErrors());
        out.endObject();
    }

    private static void publishResult(JsonOutput out, PublishResult message) throws IOException {
        out.startObject();
        out.name("subscriptionId");
        out.number(message.subscriptionId());
        out.name("sequenceNumber");
        out.number(message.sequenceNumber());
        out.name("moreNotifications");
        out.bool(message.moreNotifications());
        out.name("notifications");
        out.elements(message.notifications(), ResultWriter::notification);
        out.then(() -> {
            out.name("availableSequenceNumbers");
            out.elements(message.availableSequenceNumbers(), JsonOutput::number);
            out.then(() -> {
                out.name("epoch");
                out.number(message.epoch());
                out.name("dropped");
                out.number(message.dropped());
                out.name("gap");
                gap(out, message.gap());
                out.endObject();
            });
        });
    }

    private static void gap(JsonOutput out, PublishResult.@Nullable Gap gap) throws IOException {
        if (gap == null) {
            out.nullValue();
            return;
        }
        out.startObject();
        out.name("from");
        ValueWriter.dateTime(out, gap.from());
        out.name("to");
        ValueWriter.dateTime(out, gap.to());
        out.name("reason");
        out.string(gap.reason());
        out.endObject();
    }

    private static void republishResult(JsonOutput out, RepublishResult message) throws IOException {
        out.startObject();
        out.name("sequenceNumber");
        out.number(message.sequenceNumber());
        out.name("publishTime");
        ValueWriter.dateTime(out, message.publishTime());
        out.name("notifications");
        out.elements(message.notifications(), ResultWriter::notification);
        out.then(out::endObject);
    }

    private static void notification(JsonOutput out, Notification notification) throws IOException {
        out.startObject();
        out.name("type");
        out.string(notification instanceof Notification.DataChange ? "DataChange" : "Event");
        out.name("clientHandle");
        out.number(notification.clientHandle());
        if (notification instanceof Notification.DataChange change) {
            out.name("dataValue");
            out.body(o -> ValueWriter.dataValue(o, change.dataValue()));
        } else if (notification instanceof Notification.Event event) {
            out.name("eventFields");
            out.elements(event.eventFields(), ValueWriter::variant);
        }
        out.then(out::endObject);
    }

    /** Begins an object with an array; {@code rest} writes what follows it, up to the end of the object. */
    private static void list(JsonOutput out, String name, List<?> elements, JsonOutput.Step rest) throws IOException {
        out.startObject();
        out.name(name);
        out.elements(elements, ResultWriter::write);
        out.then(rest);
    }
}

package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import java.io.IOException;

/** Writes the results of the MonitoredItem and Subscription service sets as typed values ({@link WireWriter}). */
final class WireSubscriptionWriter {
    private WireSubscriptionWriter() {}

    /** Whether it was a result of the MonitoredItem and Subscription service sets, and is written. */
    static boolean write(JsonOutput out, Object result) throws IOException {
        if (result instanceof SubscriptionResult subscription) {
            subscriptionResult(out, subscription);
        } else if (result instanceof MonitoredItemResult item) {
            monitoredItemResult(out, item);
        } else if (result instanceof MonitoredItemModifyResult item) {
            monitoredItemModifyResult(out, item);
        } else if (result instanceof SetTriggeringResult links) {
            setTriggeringResult(out, links);
        } else if (result instanceof PublishResult message) {
            publishResult(out, message);
        } else if (result instanceof RepublishResult message) {
            republishResult(out, message);
        } else if (result instanceof Notification notification) {
            notification(out, notification);
        } else if (result instanceof TransferResult transfer) {
            transferResult(out, transfer);
        } else {
            return false;
        }
        return true;
    }

    private static void subscriptionResult(JsonOutput out, SubscriptionResult subscription) throws IOException {
        WireValueWriter.start(out, "SubscriptionResult");
        out.name("subId");
        out.number(subscription.subscriptionId());
        out.name("interval");
        out.number(subscription.revisedPublishingInterval());
        out.name("lifetime");
        out.number(subscription.revisedLifetimeCount());
        out.name("keepAlive");
        out.number(subscription.revisedMaxKeepAliveCount());
        out.endObject();
    }

    private static void monitoredItemResult(JsonOutput out, MonitoredItemResult item) throws IOException {
        WireValueWriter.start(out, "MonitoredItemResult");
        out.name("status");
        ValueWriter.statusCode(out, item.statusCode());
        out.name("id");
        out.number(item.monitoredItemId());
        out.name("interval");
        out.number(item.revisedSamplingInterval());
        out.name("queue");
        out.number(item.revisedQueueSize());
        out.endObject();
    }

    private static void monitoredItemModifyResult(JsonOutput out, MonitoredItemModifyResult item) throws IOException {
        WireValueWriter.start(out, "MonitoredItemModifyResult");
        out.name("status");
        ValueWriter.statusCode(out, item.statusCode());
        out.name("interval");
        out.number(item.revisedSamplingInterval());
        out.name("queue");
        out.number(item.revisedQueueSize());
        out.endObject();
    }

    private static void setTriggeringResult(JsonOutput out, SetTriggeringResult links) throws IOException {
        WireValueWriter.start(out, "SetTriggeringResult");
        out.name("add");
        WireValueWriter.statusCodes(out, links.addResults());
        out.then(() -> {
            out.name("remove");
            WireValueWriter.statusCodes(out, links.removeResults());
            out.then(out::endObject);
        });
    }

    private static void publishResult(JsonOutput out, PublishResult message) throws IOException {
        WireValueWriter.start(out, "PublishResult");
        out.name("subId");
        out.number(message.subscriptionId());
        out.name("seq");
        out.number(message.sequenceNumber());
        out.name("more");
        out.bool(message.moreNotifications());
        out.name("notif");
        out.elements(message.notifications(), WireSubscriptionWriter::notification);
        out.then(() -> {
            out.name("avail");
            out.elements(message.availableSequenceNumbers(), JsonOutput::number);
            out.then(out::endObject);
        });
    }

    private static void transferResult(JsonOutput out, TransferResult transfer) throws IOException {
        WireValueWriter.start(out, "TransferResult");
        out.name("status");
        ValueWriter.statusCode(out, transfer.statusCode());
        out.name("avail");
        out.elements(transfer.availableSequenceNumbers(), JsonOutput::number);
        out.then(out::endObject);
    }

    /** A plain map: the table has no type for it. */
    private static void republishResult(JsonOutput out, RepublishResult message) throws IOException {
        out.startObject();
        out.name("sequenceNumber");
        out.number(message.sequenceNumber());
        out.name("publishTime");
        WireValueWriter.dateTime(out, message.publishTime());
        out.name("notifications");
        out.elements(message.notifications(), WireSubscriptionWriter::notification);
        out.then(out::endObject);
    }

    /** A plain map with typed members: the table has no type for it. */
    private static void notification(JsonOutput out, Notification notification) throws IOException {
        out.startObject();
        out.name("type");
        out.string(notification instanceof Notification.DataChange ? "DataChange" : "Event");
        out.name("clientHandle");
        out.number(notification.clientHandle());
        if (notification instanceof Notification.DataChange change) {
            out.name("dataValue");
            out.body(o -> WireValueWriter.dataValue(o, change.dataValue()));
        } else if (notification instanceof Notification.Event event) {
            out.name("eventFields");
            out.elements(event.eventFields(), WireValueWriter::variant);
        }
        out.then(out::endObject);
    }
}

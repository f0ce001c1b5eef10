package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.EventField;
import io.github.opcuasm.daemon.service.MonitoredItem;
import io.github.opcuasm.daemon.service.MonitoredItemChange;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.MonitoringFilter;
import io.github.opcuasm.protocol.CommandException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of the MonitoredItem service set. */
final class MonitoredItemMethods {
    private static final int EVENT_NOTIFIER = 12;
    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;
    private static final int REPORTING = 2;
    private static final int STATUS_VALUE = 1;
    private static final double SAMPLING_INTERVAL_MS = 250.0;
    private static final double PUBLISHING_INTERVAL = -1;

    /** Events that come while nobody publishes; the server may keep fewer. */
    private static final int EVENT_QUEUE_SIZE = 1_000;

    private final MonitoredItemService items;

    MonitoredItemMethods(MonitoredItemService items) {
        this.items = items;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading(
                "createMonitoredItems",
                (context, p) -> items.create(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "items").requiredList().stream()
                                .map(MonitoredItemMethods::item)
                                .toList()));
        rows.reading(
                "createEventMonitoredItem",
                (context, p) -> items.create(context, p.get(0, "subscriptionId").uint32(), List.of(eventItem(p)))
                        .thenApply(results -> results.get(0)));
        rows.reading(
                "modifyMonitoredItems",
                (context, p) -> items.modify(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "items").requiredList().stream()
                                .map(MonitoredItemMethods::change)
                                .toList()));
        rows.reading(
                "setTriggering",
                (context, p) -> items.setTriggering(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "triggeringItemId").uint32(),
                        p.get(2, "linksToAdd").list(Argument::uint32),
                        p.get(3, "linksToRemove").list(Argument::uint32)));
        rows.reading(
                "deleteMonitoredItems",
                (context, p) -> items.delete(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "monitoredItemIds").requiredList().stream()
                                .map(Argument::uint32)
                                .toList()));
    }

    /** One of {@code createMonitoredItems}. */
    static MonitoredItem item(Argument item) {
        return new MonitoredItem(
                item.member("nodeId").nodeId(),
                item.member("attributeId").whole(1, LAST_ATTRIBUTE, VALUE),
                item.member("monitoringMode").whole(0, REPORTING, REPORTING),
                item.member("clientHandle").uint32(0),
                samplingInterval(item.member("samplingInterval"), SAMPLING_INTERVAL_MS),
                item.member("queueSize").uint32(1),
                item.member("discardOldest").flag(true),
                filter(item.member("filter")));
    }

    private static MonitoredItem eventItem(Params p) {
        return eventItem(p.get(1, "nodeId"), p.get(2, "selectFields"), p.get(3, "clientHandle"));
    }

    /** {@code {"nodeId","selectFields","clientHandle"}}, all but the first optional. */
    static MonitoredItem eventItem(Argument item) {
        return eventItem(item.member("nodeId"), item.member("selectFields"), item.member("clientHandle"));
    }

    private static MonitoredItem eventItem(Argument nodeId, Argument fields, Argument clientHandle) {
        return new MonitoredItem(
                nodeId.nodeId(),
                EVENT_NOTIFIER,
                REPORTING,
                clientHandle.uint32(1),
                0.0,
                EVENT_QUEUE_SIZE,
                true,
                fields.isAbsent() ? MonitoringFilter.Event.DEFAULT : eventFilter(fields));
    }

    private static MonitoredItemChange change(Argument item) {
        Argument samplingInterval = item.member("samplingInterval");
        Argument queueSize = item.member("queueSize");
        Argument clientHandle = item.member("clientHandle");
        Argument discardOldest = item.member("discardOldest");
        return new MonitoredItemChange(
                item.member("monitoredItemId").uint32(),
                samplingInterval.isAbsent() ? null : samplingInterval(samplingInterval, SAMPLING_INTERVAL_MS),
                queueSize.isAbsent() ? null : queueSize.uint32(),
                clientHandle.isAbsent() ? null : clientHandle.uint32(),
                discardOldest.isAbsent() ? null : discardOldest.flag(true),
                filter(item.member("filter")));
    }

    /** Anything below 0 is the publishing interval, for which -1 stands (Part 4, 7.21). */
    private static double samplingInterval(Argument argument, double otherwise) {
        double millis;
        try {
            millis = argument.number(PUBLISHING_INTERVAL, otherwise);
        } catch (CommandException e) {
            throw argument.misfit("milliseconds, 0 for as fast as the server can, or -1 for the publishing interval");
        }
        return millis < 0 ? PUBLISHING_INTERVAL : millis;
    }

    /** {@code {"selectFields"}} is for events; else {@code {"trigger","deadbandType","deadbandValue"}}, all optional. */
    private static @Nullable MonitoringFilter filter(Argument filter) {
        if (filter.isAbsent()) {
            return null;
        }
        Argument fields = filter.member("selectFields");
        if (!fields.isAbsent()) {
            return eventFilter(fields);
        }
        return new MonitoringFilter.DataChange(
                filter.member("trigger").whole(0, 2, STATUS_VALUE),
                filter.member("deadbandType").whole(0, 2, 0),
                filter.member("deadbandValue").number(0, 0.0));
    }

    private static MonitoringFilter.Event eventFilter(Argument fields) {
        List<EventField> path =
                fields.requiredList().stream().map(MonitoredItemMethods::field).toList();
        if (path.isEmpty()) {
            throw fields.misfit("at least one field");
        }
        return new MonitoringFilter.Event(path);
    }

    private static EventField field(Argument field) {
        EventField parsed = EventField.parse(field.text());
        if (parsed == null) {
            throw field.misfit("browse names such as Severity, 2:Batch or ActiveState/Id");
        }
        return parsed;
    }
}

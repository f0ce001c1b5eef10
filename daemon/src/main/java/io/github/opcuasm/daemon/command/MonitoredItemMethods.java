package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.filter.EventField;
import io.github.opcuasm.daemon.filter.WhereClause;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.MonitoredItem;
import io.github.opcuasm.daemon.service.MonitoredItemChange;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.MonitoringFilter;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    private static final int PERCENT = 2;
    private static final double WHOLE_RANGE = 100.0;
    private static final List<String> TRIGGERS = List.of("status", "status-value", "status-value-timestamp");
    private static final List<String> DEADBANDS = List.of("none", "absolute", "percent");

    private final MonitoredItemService items;
    private final EventTypeNames types;

    /** @param types finds the event types that filters name */
    MonitoredItemMethods(MonitoredItemService items, EventTypeNames types) {
        this.items = items;
        this.types = types;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading(
                "createMonitoredItems",
                (context, p) -> create(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "items").requiredList().stream()
                                .map(MonitoredItemMethods::item)
                                .toList()));
        rows.reading(
                "createEventMonitoredItem",
                (context, p) -> create(context, p.get(0, "subscriptionId").uint32(), List.of(eventItem(p)))
                        .thenApply(results -> results.get(0)));
        rows.reading("modifyMonitoredItems", (context, p) -> {
            long subscriptionId = p.get(0, "subscriptionId").uint32();
            List<MonitoredItemChange> changes = p.get(1, "items").requiredList().stream()
                    .map(MonitoredItemMethods::change)
                    .toList();
            return types.foundForChanges(context, changes)
                    .thenCompose(found -> items.modify(context, subscriptionId, found));
        });
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

    private CompletableFuture<List<MonitoredItemResult>> create(
            CallContext context, long subscriptionId, List<MonitoredItem> wanted) {
        return types.found(context, wanted).thenCompose(found -> items.create(context, subscriptionId, found));
    }

    /** One of {@code createMonitoredItems}. */
    static MonitoredItem item(Argument item) {
        int attributeId = item.member("attributeId").whole(1, LAST_ATTRIBUTE, VALUE);
        MonitoringFilter filter = filter(item.member("filter"));
        if (filter instanceof MonitoringFilter.DataChange && attributeId != VALUE) {
            throw item.member("filter")
                    .misfit("one with selectFields or where for events (attributeId 12): trigger and deadband are for"
                            + " values (attributeId 13)");
        }
        if (filter instanceof MonitoringFilter.Event && attributeId != EVENT_NOTIFIER) {
            throw item.member("filter").misfit("attributeId 12 beside selectFields and where: they are for events");
        }
        return new MonitoredItem(
                item.member("nodeId").nodeId(),
                attributeId,
                item.member("monitoringMode").whole(0, REPORTING, REPORTING),
                item.member("clientHandle").uint32(0),
                samplingInterval(item.member("samplingInterval"), SAMPLING_INTERVAL_MS),
                item.member("queueSize").uint32(1),
                item.member("discardOldest").flag(true),
                filter);
    }

    private static MonitoredItem eventItem(Params p) {
        return eventItem(p.get(1, "nodeId"), p.get(2, "selectFields"), p.get(3, "clientHandle"), p.get(4, "where"));
    }

    /** {@code {"nodeId","selectFields","where","clientHandle"}}, all but the first optional. */
    static MonitoredItem eventItem(Argument item) {
        return eventItem(
                item.member("nodeId"), item.member("selectFields"), item.member("clientHandle"), item.member("where"));
    }

    private static MonitoredItem eventItem(
            Argument nodeId, Argument selectFields, Argument clientHandle, Argument where) {
        return new MonitoredItem(
                nodeId.nodeId(),
                EVENT_NOTIFIER,
                REPORTING,
                clientHandle.uint32(1),
                0.0,
                EVENT_QUEUE_SIZE,
                true,
                eventFilter(selectFields, where));
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

    /**
     * {@code {"selectFields","where"}}, at least one of them, is for events; else {@code
     * {"trigger","deadbandType","deadbandValue"}}, all optional.
     */
    private static @Nullable MonitoringFilter filter(Argument filter) {
        if (filter.isAbsent()) {
            return null;
        }
        Argument fields = filter.member("selectFields");
        Argument where = filter.member("where");
        Argument trigger = filter.member("trigger");
        Argument deadband = filter.member("deadbandType");
        Argument value = filter.member("deadbandValue");
        if (!fields.isAbsent() || !where.isAbsent()) {
            for (Argument other : List.of(trigger, deadband, value)) {
                if (!other.isAbsent()) {
                    throw other.misfit("nothing beside selectFields and where: events have no deadband and no trigger");
                }
            }
            return eventFilter(fields, where);
        }
        return new MonitoringFilter.DataChange(
                trigger.named(TRIGGERS, STATUS_VALUE), deadband.named(DEADBANDS, 0), deadbandValue(deadband, value));
    }

    /** Percent is that of the EURange (Part 8, 6.2). */
    private static double deadbandValue(Argument deadbandType, Argument deadbandValue) {
        double value = deadbandValue.number(0, 0.0);
        int type = deadbandType.named(DEADBANDS, 0);
        if (type == 0 && value > 0) {
            throw deadbandValue.misfit("deadbandType absolute (1) or percent (2) beside it");
        }
        if (type == PERCENT && value > WHOLE_RANGE) {
            throw deadbandValue.misfit("0 to 100 percent");
        }
        return value;
    }

    /** What {@code selectFields} and {@code where} ask for; both may be absent. */
    static MonitoringFilter.Event eventFilter(Argument selectFields, Argument where) {
        List<EventField> fields =
                selectFields.isAbsent() ? MonitoringFilter.Event.DEFAULT.fields() : eventFields(selectFields);
        String clause = where.textOrNull();
        return new MonitoringFilter.Event(fields, clause == null ? null : WhereClause.parse(clause, where.name()));
    }

    /** The names of fields, at least one. */
    static List<EventField> eventFields(Argument names) {
        List<EventField> fields = names.requiredList().stream()
                .map(field -> EventField.parse(field.text(), field.name()))
                .toList();
        if (fields.isEmpty()) {
            throw names.misfit("at least one field");
        }
        return fields;
    }
}

package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.HistoricalValue;
import io.github.opcuasm.daemon.service.HistoryUpdateService;
import io.github.opcuasm.daemon.service.MonitoringFilter;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The methods that change history: HistoryUpdate of the Attribute service set. */
final class HistoryUpdateMethods {
    private static final Targets NODE = p -> List.of(p.get(0, "nodeId").nodeId());

    private final HistoryUpdateService history;
    private final EventTypeNames types;

    /** @param types finds the event types that fields name */
    HistoryUpdateMethods(HistoryUpdateService history, EventTypeNames types) {
        this.history = history;
        this.types = types;
    }

    void addTo(MethodTable.Rows rows) {
        updating(rows, "historyInsertData", "historyInsertEvent", HistoryUpdateService.Update.INSERT);
        updating(rows, "historyReplaceData", "historyReplaceEvent", HistoryUpdateService.Update.REPLACE);
        updating(rows, "historyUpdateData", "historyUpdateEvent", HistoryUpdateService.Update.UPDATE);
        rows.changing6("historyDeleteRawModified", Scope.WRITE, NODE, this::deleteRawModified);
        rows.changing6(
                "historyDeleteAtTime",
                Scope.WRITE,
                NODE,
                (context, p) -> history.deleteAtTime(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "timestamps").requiredList().stream()
                                .map(Argument::dateTime)
                                .toList()));
        rows.changing6(
                "historyDeleteEvent",
                Scope.WRITE,
                NODE,
                (context, p) -> history.deleteEvents(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "eventIds").requiredList().stream()
                                .map(Argument::byteString)
                                .toList()));
    }

    private void updating(MethodTable.Rows rows, String ofData, String ofEvents, HistoryUpdateService.Update update) {
        rows.changing6(
                ofData,
                Scope.WRITE,
                NODE,
                (context, p) -> history.updateData(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        update,
                        p.get(1, "values").requiredList().stream()
                                .map(HistoryUpdateMethods::value)
                                .toList()));
        rows.changing6(ofEvents, Scope.WRITE, NODE, (context, p) -> updateEvents(context, p, update));
    }

    private CompletableFuture<StatusCode> deleteRawModified(CallContext context, Params p) {
        NodeReference nodeId = p.get(0, "nodeId").nodeId();
        Argument from = p.get(1, "startTime");
        DateTime startTime = from.dateTime();
        DateTime endTime = p.get(2, "endTime").dateTime();
        if (startTime.ticks() > endTime.ticks()) {
            throw from.misfit("one that is not after the endTime, "
                    + p.get(2, "endTime").raw().excerpt() + ": reversed, they enclose nothing that could be deleted");
        }
        return history.deleteRawModified(
                context,
                nodeId,
                startTime,
                endTime,
                p.get(3, "isDeleteModified").flag(false));
    }

    private CompletableFuture<List<StatusCode>> updateEvents(
            CallContext context, Params p, HistoryUpdateService.Update update) {
        NodeReference nodeId = p.get(0, "nodeId").nodeId();
        MonitoringFilter.Event fields =
                new MonitoringFilter.Event(MonitoredItemMethods.eventFields(p.get(1, "fields")), null);
        List<List<Variant>> events = p.get(2, "events").requiredList().stream()
                .map(event -> event(event, fields.fields().size()))
                .toList();
        return types.found(context, fields)
                .thenCompose(found -> history.updateEvents(context, nodeId, update, found, events));
    }

    /** A null in it is a field that the event does not have. */
    private static List<Variant> event(Argument event, int fields) {
        List<Argument> given = event.requiredList();
        if (given.size() != fields) {
            throw event.misfit(fields + " values, one for each of the fields, and not " + given.size());
        }
        return given.stream()
                .map(field -> field.isAbsent() ? Variant.NULL : field.typedVariant())
                .toList();
    }

    /** A DataValue whose type may be missing. */
    private static HistoricalValue value(Argument item) {
        Argument value = item.member("value");
        Argument sourceTimestamp = item.member("sourceTimestamp");
        if (sourceTimestamp.isAbsent()) {
            throw sourceTimestamp.misfit("a date and time: history keeps each value by its source timestamp");
        }
        return new HistoricalValue(
                plain(value, item.member("dimensions")),
                item.member("type").builtinTypeOrNull(),
                new StatusCode(item.member("statusCode").uint32(0)),
                sourceTimestamp.dateTime(),
                item.member("serverTimestamp").dateTimeOrNull(),
                value.name());
    }

    /** A matrix comes flat, with its dimensions beside it. */
    private static JsonValue plain(Argument value, Argument dimensions) {
        if (value.isAbsent() || dimensions.isAbsent() || dimensions.list().isEmpty()) {
            return value.isAbsent() ? JsonValue.Null.INSTANCE : value.raw();
        }
        Map<String, JsonValue> matrix = new LinkedHashMap<>();
        matrix.put("value", value.raw());
        matrix.put("dimensions", dimensions.raw());
        return new JsonValue.Obj(matrix);
    }
}

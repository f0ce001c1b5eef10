package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.HistoryService;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;

/** The methods that read history: HistoryRead of the Attribute service set. */
final class HistoryMethods {
    private final HistoryService history;
    private final EventTypeNames types;

    /** @param types finds the event types that filters name */
    HistoryMethods(HistoryService history, EventTypeNames types) {
        this.history = history;
        this.types = types;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading(
                "historyReadRaw",
                (context, p) -> history.readRaw(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "startTime").dateTimeOrNull(),
                        p.get(2, "endTime").dateTimeOrNull(),
                        p.get(3, "numValuesPerNode").uint32(0),
                        p.get(4, "returnBounds").flag(false)));
        rows.reading(
                "historyReadProcessed",
                (context, p) -> history.readProcessed(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "startTime").dateTime(),
                        p.get(2, "endTime").dateTime(),
                        p.get(3, "processingInterval").number(0),
                        p.get(4, "aggregateType").nodeId()));
        rows.reading(
                "historyReadAtTime",
                (context, p) -> history.readAtTime(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "timestamps").requiredList().stream()
                                .map(Argument::dateTime)
                                .toList()));
        rows.reading6(
                "historyReadModified",
                (context, p) -> history.readModified(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        p.get(1, "startTime").dateTimeOrNull(),
                        p.get(2, "endTime").dateTimeOrNull(),
                        p.get(3, "numValuesPerNode").uint32(0)));
        rows.reading6("historyReadEvents", (context, p) -> {
            NodeReference nodeId = p.get(0, "nodeId").nodeId();
            DateTime startTime = p.get(1, "startTime").dateTimeOrNull();
            DateTime endTime = p.get(2, "endTime").dateTimeOrNull();
            long numEventsPerNode = p.get(3, "numEventsPerNode").uint32(0);
            return types.found(context, MonitoredItemMethods.eventFilter(p.get(4, "selectFields"), p.get(5, "where")))
                    .thenCompose(filter ->
                            history.readEvents(context, nodeId, startTime, endTime, numEventsPerNode, filter));
        });
    }
}

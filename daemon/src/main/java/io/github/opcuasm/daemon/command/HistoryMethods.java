package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.HistoryService;

/** The methods that read history: HistoryRead of the Attribute service set. */
final class HistoryMethods {
    private final HistoryService history;

    HistoryMethods(HistoryService history) {
        this.history = history;
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
    }
}

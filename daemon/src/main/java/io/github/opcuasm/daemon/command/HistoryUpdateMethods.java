package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.HistoryUpdateService;

/** The methods that change history: HistoryUpdate of the Attribute service set. */
final class HistoryUpdateMethods {
    HistoryUpdateMethods(HistoryUpdateService service) {}

    void addTo(MethodTable.Rows rows) {}
}

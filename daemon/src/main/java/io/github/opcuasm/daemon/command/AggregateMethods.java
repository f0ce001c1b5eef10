package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.AggregateService;

/** The methods that make aggregates of values. */
final class AggregateMethods {
    AggregateMethods(AggregateService service) {}

    void addTo(MethodTable.Rows rows) {}
}

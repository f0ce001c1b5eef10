package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.DataValue;

/** Makes one value of an interval. Called for each interval, in the order of time. */
@FunctionalInterface
interface Calculation {
    DataValue of(Interval interval);
}

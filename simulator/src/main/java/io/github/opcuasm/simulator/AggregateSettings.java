package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.structured.AggregateConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * How aggregates of a history are computed (Part 13, 4.2.1.2), and whether its values hold until the next one
 * (Part 11, 5.2.2).
 *
 * @param stepped whether a value holds until the next one, rather than moves to it in a straight line
 * @param percentDataBad from 0 to 100: this much bad data makes a result Bad
 * @param percentDataGood from 0 to 100: this much good data makes a result Good
 * @param slopedExtrapolation whether the line through the last two values goes on after the last one
 */
record AggregateSettings(
        boolean stepped,
        boolean treatUncertainAsBad,
        int percentDataBad,
        int percentDataGood,
        boolean slopedExtrapolation) {
    private static final int ALL = 100;

    static AggregateSettings standard(boolean stepped) {
        return new AggregateSettings(stepped, true, ALL, ALL, false);
    }

    /**
     * These settings, or what a request puts in their place.
     *
     * @throws UaException Bad_AggregateInvalidInputs for percentages that contradict each other or are above 100
     */
    AggregateSettings overriddenBy(@Nullable AggregateConfiguration request) throws UaException {
        if (request == null || Boolean.TRUE.equals(request.getUseServerCapabilitiesDefaults())) {
            return this;
        }
        int bad = request.getPercentDataBad().intValue();
        int good = request.getPercentDataGood().intValue();
        if (bad > ALL || good > ALL || good < ALL - bad) {
            throw new UaException(StatusCodes.Bad_AggregateInvalidInputs);
        }
        return new AggregateSettings(
                stepped, request.getTreatUncertainAsBad(), bad, good, request.getUseSlopedExtrapolation());
    }
}

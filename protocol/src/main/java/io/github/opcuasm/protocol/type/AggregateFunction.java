package io.github.opcuasm.protocol.type;

import java.util.Arrays;
import java.util.List;

/**
 * What is made of the values of an interval (Part 13, 5.4.3), under the names that {@code aggregate} and {@code
 * historyAggregate} take (protocol, section 6). The first five names are those of the PHP client.
 */
public enum AggregateFunction {
    INTERPOLATE("interpolate", "Interpolative", 2341),
    MINIMUM("minimum", "Minimum", 2346),
    MAXIMUM("maximum", "Maximum", 2347),
    AVERAGE("average", "Average", 2342),
    COUNT("count", "Count", 2352),
    TIME_AVERAGE("timeAverage", "TimeAverage", 2343),
    TOTAL("total", "Total", 2344),
    RANGE("range", "Range", 2350),
    DELTA("delta", "Delta", 2359),
    START("start", "Start", 2357),
    END("end", "End", 2358),
    DURATION_GOOD("durationGood", "DurationGood", 2360),
    DURATION_BAD("durationBad", "DurationBad", 2361),
    PERCENT_GOOD("percentGood", "PercentGood", 2362),
    /** Of a sample: divided by one less than the number of values. */
    STANDARD_DEVIATION("standardDeviation", "StandardDeviationSample", 11426);

    private static final List<String> WIRE_NAMES =
            Arrays.stream(values()).map(AggregateFunction::wireName).toList();

    private final String wireName;
    private final String browseName;
    private final int id;

    AggregateFunction(String wireName, String browseName, int id) {
        this.wireName = wireName;
        this.browseName = browseName;
        this.id = id;
    }

    /** The name in requests. */
    public String wireName() {
        return wireName;
    }

    /** The name in the address space (Part 13, 4.2.2). */
    public String browseName() {
        return browseName;
    }

    /** The AggregateFunctionType object that servers know it by. */
    public NodeId nodeId() {
        return NodeId.numeric(0, id);
    }

    /** All names, in the order of the constants. */
    public static List<String> wireNames() {
        return WIRE_NAMES;
    }
}

package io.github.opcuasm.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How aggregates treat what is uncertain, bad or missing (Part 13, 4.2.1.2), and who computes them. Immutable; what is not given
 * is as the node's history configuration on the server says, else as Part 13 has it.
 */
public final class AggregateOptions {
    /** Everything as the server or Part 13 has it. */
    public static final AggregateOptions DEFAULTS = new AggregateOptions(Map.of());

    private final Map<String, Object> members;

    private AggregateOptions(Map<String, Object> members) {
        this.members = members;
    }

    /** Who computes. */
    public enum Calculator {
        /** The OPC UA server, by ReadProcessed; one that does not offer the aggregate refuses. */
        SERVER,
        /** The daemon, from the raw values. */
        DAEMON
    }

    /** Whether uncertain values count as bad ones. */
    public AggregateOptions treatUncertainAsBad(boolean value) {
        return with("treatUncertainAsBad", value);
    }

    /**
     * From how much bad data on an interval is bad.
     *
     * @param value percent, 0 to 100
     */
    public AggregateOptions percentDataBad(int value) {
        return with("percentDataBad", percent("percentDataBad", value));
    }

    /**
     * From how much good data on an interval is good.
     *
     * @param value percent, 0 to 100
     */
    public AggregateOptions percentDataGood(int value) {
        return with("percentDataGood", percent("percentDataGood", value));
    }

    /** Whether values beyond the last one go on with its slope; else they stay as it is. */
    public AggregateOptions useSlopedExtrapolation(boolean value) {
        return with("useSlopedExtrapolation", value);
    }

    /**
     * Whether a value holds until the next one; else there is a line between the two. TimeAverage and Total take the line whatever
     * this says (Part 13, 5.4.3.6).
     */
    public AggregateOptions stepped(boolean value) {
        return with("stepped", value);
    }

    /** Who computes; the server where it offers the aggregate, else the daemon, unless given. */
    public AggregateOptions calculatedBy(Calculator value) {
        return with("calculatedBy", value.name().toLowerCase(Locale.ROOT));
    }

    private AggregateOptions with(String name, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(name, value);
        return new AggregateOptions(Collections.unmodifiableMap(changed));
    }

    private static int percent(String name, int value) {
        if (value < 0 || value > 100) {
            throw new IllegalArgumentException(name + ": got " + value + ", expected 0 to 100");
        }
        return value;
    }

    /** The parameter: null where nothing is given, as the reference's daemon wants it. */
    @Nullable
    Map<String, Object> members() {
        return members.isEmpty() ? null : members;
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.type.AggregateFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The standard aggregates (Part 13, 4.2.2) by their names: those that the daemon makes too, and those that only servers do. */
final class Aggregates {
    static final String OPTION = "--aggregate";

    private static final Map<String, Integer> SERVER_ONLY = serverOnly();

    private Aggregates() {}

    /** One that the daemon can make; null for all others. */
    static @Nullable AggregateFunction function(String name) {
        for (AggregateFunction function : AggregateFunction.values()) {
            if (function.browseName().equalsIgnoreCase(name)
                    || function.wireName().equalsIgnoreCase(name)) {
                return function;
            }
        }
        return null;
    }

    /**
     * The node of one that only a server makes.
     *
     * @throws UsageException naming the nearest one
     */
    static String node(String name) {
        for (Map.Entry<String, Integer> known : SERVER_ONLY.entrySet()) {
            if (known.getKey().equalsIgnoreCase(name)) {
                return "i=" + known.getValue();
            }
        }
        if (ReferenceTypes.isNode(name) && !name.startsWith("/")) {
            return name;
        }
        throw new UsageException(OPTION + ": got " + name
                + NearestName.hint(name, names(), "expected one of " + String.join(", ", names()) + ", or a node id"));
    }

    static List<String> daemonNames() {
        return Arrays.stream(AggregateFunction.values())
                .map(AggregateFunction::browseName)
                .toList();
    }

    /** All of them, the daemon's first. */
    static List<String> names() {
        List<String> names = new ArrayList<>(daemonNames());
        names.addAll(SERVER_ONLY.keySet());
        return names;
    }

    private static Map<String, Integer> serverOnly() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        ids.put("TimeAverage2", 11285);
        ids.put("Total2", 11304);
        ids.put("Minimum2", 11286);
        ids.put("Maximum2", 11287);
        ids.put("MinimumActualTime", 2348);
        ids.put("MaximumActualTime", 2349);
        ids.put("MinimumActualTime2", 11305);
        ids.put("MaximumActualTime2", 11306);
        ids.put("Range2", 11288);
        ids.put("AnnotationCount", 2351);
        ids.put("NumberOfTransitions", 2355);
        ids.put("DurationInStateZero", 11307);
        ids.put("DurationInStateNonZero", 11308);
        ids.put("StartBound", 11505);
        ids.put("EndBound", 11506);
        ids.put("DeltaBounds", 11507);
        ids.put("PercentBad", 2363);
        ids.put("WorstQuality", 2364);
        ids.put("WorstQuality2", 11292);
        ids.put("StandardDeviationPopulation", 11427);
        ids.put("VarianceSample", 11428);
        ids.put("VariancePopulation", 11429);
        return ids;
    }
}

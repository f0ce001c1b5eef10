package io.github.opcuasm.simulator;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * The histories by which Part 13 shows its aggregates (annex A.1), on {@link #NOON}. The first sample of each tells
 * that its point was created then and is no data.
 */
final class AnnexHistories {
    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    /** Seconds after noon and a value; ? is Uncertain, ! is Bad, and an empty value is none. */
    private static final String STEADY = "10=10 20=20 30=30 40=40! 50=50 60=60 70=70? 80=80 90=90";

    private static final String IRREGULAR = "2=10 25=20 28=25 39=30 42=! 48=40 52=50 72=60 77=70? 83=70 86=80 90=90";

    private static final String SWITCHED = "2=1 25=0 28=1 39=1 42=! 48=1 52=0 72=0 77=1? 83=1 86=0 90=1";

    private AnnexHistories() {}

    static List<AnnexHistory> all() {
        return List.of(
                new AnnexHistory(
                        "Historian1", NodeIds.Double, STEADY, new AggregateSettings(false, false, 100, 100, false)),
                new AnnexHistory(
                        "Historian2", NodeIds.Double, IRREGULAR, new AggregateSettings(false, true, 100, 100, false)),
                new AnnexHistory(
                        "Historian3", NodeIds.Double, IRREGULAR, new AggregateSettings(true, true, 50, 50, false)),
                new AnnexHistory(
                        "Historian4", NodeIds.Boolean, SWITCHED, new AggregateSettings(true, true, 100, 100, false)));
    }

    /** One of them. */
    record AnnexHistory(String name, NodeId type, String samples, AggregateSettings settings) {
        HistoryStore store() {
            HistoryStore store = new HistoryStore(settings);
            store.put(sample(Variant.NULL_VALUE, StatusCodes.Bad_NoData, NOON));
            Stream.of(samples.split(" ")).map(this::parsed).forEach(store::put);
            return store;
        }

        private DataValue parsed(String sample) {
            int equals = sample.indexOf('=');
            Instant time = NOON.plusSeconds(Long.parseLong(sample.substring(0, equals)));
            String value = sample.substring(equals + 1).replaceAll("[?!]", "");
            long status = sample.endsWith("?")
                    ? StatusCodes.Uncertain
                    : sample.endsWith("!") ? StatusCodes.Bad : StatusCodes.Good;
            return sample(value.isEmpty() ? Variant.NULL_VALUE : variant(Double.parseDouble(value)), status, time);
        }

        private Variant variant(double value) {
            return new Variant(type.equals(NodeIds.Boolean) ? (Object) (value != 0) : (Object) value);
        }

        private static DataValue sample(Variant value, long status, Instant time) {
            DateTime timestamp = new DateTime(time);
            return new DataValue(value, new StatusCode(status), timestamp, timestamp);
        }
    }
}

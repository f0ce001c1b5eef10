package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Each answer that was recorded of the reference's daemon is one that this client reads (docs/conformance.md). */
final class ReferenceAnswersTest {
    private static final NodeId NODE = NodeId.numeric(0, 1);

    /** Those whose result has a shape; the others give null, or are not ours. */
    private static final Map<String, Query<?>> QUERIES = Map.ofEntries(
            Map.entry("browse", Queries.browse("browse", NODE, BrowseOptions.DEFAULTS)),
            Map.entry("browseAll", Queries.browse("browseAll", NODE, BrowseOptions.DEFAULTS)),
            Map.entry("browseWithContinuation", Queries.browseWithContinuation(NODE, BrowseOptions.DEFAULTS)),
            Map.entry("browseNext", Queries.browseNext("point")),
            Map.entry("browseRecursive", Queries.browseRecursive(NODE, null, BrowseOptions.DEFAULTS)),
            Map.entry("translateBrowsePaths", Queries.translateBrowsePaths(List.of())),
            Map.entry("resolveNodeId", Queries.resolveNodeId("/", null, true)),
            Map.entry("read", Queries.read(NODE, AttributeId.VALUE, false)),
            Map.entry("write", Queries.write(NODE, null, null)),
            Map.entry("writeMulti", Queries.writeMulti(List.of())),
            Map.entry("call", Queries.call(NODE, NODE, List.of())),
            Map.entry("historyReadRaw", HistoryQueries.historyReadRaw(NODE, null, null, 0, false)),
            Map.entry(
                    "historyReadProcessed",
                    HistoryQueries.historyReadProcessed(NODE, Instant.EPOCH, Instant.EPOCH, Duration.ZERO, NODE)),
            Map.entry("historyReadAtTime", HistoryQueries.historyReadAtTime(NODE, List.of())),
            Map.entry("getEndpoints", Queries.getEndpoints("opc.tcp://a", true)),
            Map.entry("discoverDataTypes", Queries.discoverDataTypes(null, true)),
            Map.entry("createSubscription", SubscriptionQueries.createSubscription(SubscriptionParameters.DEFAULTS)),
            Map.entry("createMonitoredItems", SubscriptionQueries.createMonitoredItems(1, List.of())),
            Map.entry(
                    "createEventMonitoredItem", SubscriptionQueries.createEventMonitoredItem(1, EventRequest.of(NODE))),
            Map.entry("modifyMonitoredItems", SubscriptionQueries.modifyMonitoredItems(1, List.of())),
            Map.entry("setTriggering", SubscriptionQueries.setTriggering(1, 1, List.of(), List.of())),
            Map.entry("deleteMonitoredItems", SubscriptionQueries.deleteMonitoredItems(1, List.of())),
            Map.entry("deleteSubscription", SubscriptionQueries.deleteSubscription(1)),
            Map.entry("publish", SubscriptionQueries.publish(List.of(), null, null)),
            Map.entry("transferSubscriptions", SubscriptionQueries.transferSubscriptions(List.of(), false)),
            Map.entry("republish", SubscriptionQueries.republish(1, 1)),
            Map.entry("getConnectionState", Queries.CONNECTION_STATE),
            Map.entry("getTimeout", Queries.TIMEOUT),
            Map.entry("getAutoRetry", Queries.AUTO_RETRY),
            Map.entry("getBatchSize", Queries.BATCH_SIZE),
            Map.entry("getDefaultBrowseMaxDepth", Queries.DEFAULT_BROWSE_MAX_DEPTH),
            Map.entry("getServerMaxNodesPerRead", Queries.MAX_NODES_PER_READ),
            Map.entry("getServerMaxNodesPerWrite", Queries.MAX_NODES_PER_WRITE),
            Map.entry("getTrustPolicy", Queries.TRUST_POLICY));

    /** What the reference changes on its way is refused: UInt64 above 2^63 - 1 comes negative, ByteStrings as text. */
    private static final Set<String> GARBLED = Set.of(
            "read:UInt64_2p63",
            "read:UInt64Max",
            "read:ByteStringAscii",
            "read:UInt64Array",
            "read:ByteStringArrayAscii",
            "readback:ByteStringAscii",
            "call-Echo type=15 val=\"abc\"");

    private record Exchange(String tag, String method, JsonValue.Obj answer) {}

    private static List<Exchange> exchanges() throws IOException {
        Path recording = Path.of("..", "interop", "src", "test", "resources", "conformance", "exchanges.ndjson");
        List<Exchange> exchanges = new ArrayList<>();
        for (String line : Files.readAllLines(recording)) {
            byte[] utf8 = line.getBytes(StandardCharsets.UTF_8);
            if (!(JsonReader.readValue(utf8, 0, utf8.length) instanceof JsonValue.Obj exchange)
                    || !(exchange.get("request") instanceof JsonValue.Obj request)
                    || !(exchange.get("response") instanceof JsonValue.Obj response)
                    || !text(request, "command").equals("query")) {
                continue;
            }
            exchanges.add(new Exchange(text(exchange, "tag"), text(request, "method"), response));
        }
        return exchanges;
    }

    private static String text(JsonValue.Obj object, String member) {
        return object.get(member) instanceof JsonValue.Str text ? text.value() : "";
    }

    private static boolean isSuccess(Exchange exchange) {
        return exchange.answer().get("success") instanceof JsonValue.Bool good && good.value();
    }

    @Test
    void allAnswersAreReadButThoseThatTheReferenceGarbles() throws IOException {
        var refused = new TreeMap<String, String>();
        for (Exchange exchange : exchanges()) {
            Query<?> query = QUERIES.get(exchange.method());
            if (query != null && isSuccess(exchange)) {
                try {
                    assertThat((Object) query.read(Answers.data(exchange.answer()), Query.Notation.PLAIN))
                            .as(exchange.tag())
                            .isNotNull();
                } catch (ConnectionLostException e) {
                    refused.put(exchange.tag(), e.messageText());
                }
            }
        }

        assertThat(refused.keySet()).isEqualTo(GARBLED);
        assertThat(refused.values()).allMatch(message -> message.contains("does not fit"));
    }

    @Test
    void failuresAreOfClassesThatAreKnown() throws IOException {
        for (Exchange exchange : exchanges()) {
            if (!isSuccess(exchange)) {
                assertThatThrownBy(() -> Answers.data(exchange.answer()))
                        .as(exchange.tag())
                        .isInstanceOf(RequestFailedException.class);
            }
        }
    }

    @Test
    void theRecordingHasMostMethods() throws IOException {
        var recorded = new TreeSet<String>();
        for (Exchange exchange : exchanges()) {
            recorded.add(exchange.method());
        }

        assertThat(recorded).hasSizeGreaterThan(30).containsAll(List.of("read", "publish", "browseRecursive"));
    }
}

package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.Acknowledgement;
import io.github.opcuasm.client.AttributeId;
import io.github.opcuasm.client.BrowseDirection;
import io.github.opcuasm.client.BrowseOptions;
import io.github.opcuasm.client.EventRequest;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.MonitoredItemChange;
import io.github.opcuasm.client.MonitoredItemRequest;
import io.github.opcuasm.client.NodeClass;
import io.github.opcuasm.client.ReadResult;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.SessionOptions;
import io.github.opcuasm.client.SubscriptionParameters;
import io.github.opcuasm.client.TypedValue;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.simulator.Simulator;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each method of the protocol once, from Java to the server and back. */
@ExtendWith(DaemonExtension.class)
final class ManagedClientMethodsTest {
    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final NodeId SCALARS = NodeId.text(2, "Scalars");
    /** They have no meaning outside of PHP, and give null. */
    private static final Set<String> NOT_HERE = Set.of("getTrustStore", "getEventDispatcher", "getLogger");

    private final ManagedClient client;
    private final Simulator server;

    ManagedClientMethodsTest(IpcEndpoint endpoint, Simulator server) {
        this.client = ManagedClient.builder().socket(endpoint).build();
        this.server = server;
    }

    @BeforeEach
    void connect() {
        client.connect(server.endpointUrl());
    }

    @AfterEach
    void close() {
        client.disconnect();
        client.close();
    }

    private static NodeId scalar(String name) {
        return NodeId.text(2, "Scalars/" + name);
    }

    @Test
    void eachDocumentedMethodHasACallAndAnAsynchronousTwin() throws Exception {
        Set<String> calls = Arrays.stream(ManagedClient.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());
        var documented = new TreeSet<String>();
        Pattern.compile("(?m)^\\| `([a-zA-Z]+)` \\|")
                .matcher(Files.readString(Path.of("..", "docs", "methods.md")))
                .results()
                .forEach(match -> documented.add(match.group(1)));
        documented.removeAll(NOT_HERE);

        assertThat(documented).hasSizeGreaterThan(40);
        assertThat(calls).containsAll(documented);
        documented.remove("writeMulti"); // as an object, whose execute has a twin
        assertThat(calls)
                .containsAll(documented.stream().map(name -> name + "Async").toList());
    }

    @Test
    void valuesOfEachTypeComeAsWhatJavaHasForThem() {
        assertThat(client.read(scalar("Boolean")).as(boolean.class)).isTrue();
        assertThat(client.read(scalar("SByte")).as(byte.class)).isEqualTo((byte) -8);
        assertThat(client.read(scalar("UInt32")).as(long.class)).isEqualTo(32);
        assertThat(client.read(scalar("Float")).as(float.class)).isEqualTo(3.25f);
        assertThat(client.read(scalar("Double")).as(BigDecimal.class)).isEqualTo(new BigDecimal("2.718281828459045"));
        assertThat(client.read("ns=2;s=Scalars/String").as(String.class)).isEqualTo("simulated");
        assertThat(client.read("nsu=" + Simulator.NAMESPACE_URI + ";s=Scalars/Int32")
                        .as(int.class))
                .isEqualTo(-32);
        assertThat(client.read(scalar("DateTime")).as(Instant.class)).isEqualTo("2024-02-29T12:30:15.123Z");
        assertThat(client.read(scalar("Guid")).as(UUID.class))
                .isEqualTo(UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63"));
        assertThat(client.read(scalar("ByteString")).as(byte[].class))
                .asString()
                .isNotEmpty();
        assertThat(client.read(scalar("NodeId")).as(NodeId.class)).isEqualTo(NodeId.numeric(0, 2253));
        assertThat(client.read(scalar("LocalizedText")).as(LocalizedText.class))
                .isEqualTo(new LocalizedText("de", "Förderband"));
        assertThat(client.read("ns=2;s=Arrays/Double").as(double[].class))
                .containsExactly(-1.5, Double.NaN, Double.POSITIVE_INFINITY);
        assertThat(client.read("ns=2;s=Arrays/Matrix").as(int[][].class))
                .isDeepEqualTo(new int[][] {{11, 12, 13}, {21, 22, 23}});
        assertThat(client.read("ns=2;s=Arrays/UInt64").asList(BigInteger.class))
                .containsExactly(BigInteger.ZERO, MAX_UINT64);
        Map<?, ?> fields = client.read("ns=2;s=Structures/Everything").as(Map.class);
        assertThat(fields).isNotEmpty();
        assertThat(client.read(SCALARS, AttributeId.DISPLAY_NAME)
                        .as(LocalizedText.class)
                        .text())
                .isEqualTo("Scalars");
        assertThat(client.readAsync(scalar("Int32")).join().as(int.class)).isEqualTo(-32);
    }

    @Test
    void integersKeepAllTheirDigitsBothWays() {
        assertThat(client.write(scalar("Int64"), Long.MIN_VALUE).isGood()).isTrue();
        assertThat(client.write(scalar("UInt64"), MAX_UINT64).isGood()).isTrue();

        assertThat(client.read(scalar("Int64")).as(long.class)).isEqualTo(Long.MIN_VALUE);
        assertThat(client.read(scalar("UInt64")).as(BigInteger.class)).isEqualTo(MAX_UINT64);
    }

    @Test
    void whatJavaHasIsWritten() {
        Instant time = Instant.parse("2026-05-15T10:30:00.1234567Z");

        List<StatusCode> written = client.writeMulti()
                .value(scalar("Double"), 12.5)
                .value("ns=2;s=Scalars/Int16", (short) 7, BuiltinType.INT16)
                .value(scalar("DateTime"), time)
                .value(scalar("ByteString"), new byte[] {1, -1})
                .value(scalar("Guid"), new UUID(1, 2))
                .value("ns=2;s=Arrays/Float", new float[] {0.5f, Float.NaN})
                .value(NodeId.text(2, "Arrays/Byte"), new byte[] {0, -1}, BuiltinType.BYTE)
                .value("ns=2;s=Arrays/Matrix", new int[][] {{1, 2, 3}, {4, 5, 6}})
                .value(scalar("QualifiedName"), new QualifiedName(2, "q"))
                .value(scalar("Boolean"), TypedValue.of(Variant.scalar(BuiltinType.BOOLEAN, false)))
                .execute();

        assertThat(written).hasSize(10).allMatch(StatusCode::isGood);
        assertThat(client.read(scalar("DateTime")).as(Instant.class)).isEqualTo(time);
        assertThat(client.read(scalar("ByteString")).as(byte[].class)).containsExactly(1, -1);
        assertThat(client.read("ns=2;s=Arrays/Float").as(float[].class)).containsExactly(0.5f, Float.NaN);
        assertThat(client.read("ns=2;s=Arrays/Byte").as(int[].class)).containsExactly(0, 255);
        assertThat(client.read("ns=2;s=Arrays/Matrix").as(int[][].class)[1]).containsExactly(4, 5, 6);
        assertThat(client.read(scalar("Boolean")).as(boolean.class)).isFalse();
        assertThat(client.writeAsync(scalar("Boolean"), true).join().isGood()).isTrue();
        assertThat(client.writeMulti()
                        .value(scalar("Boolean"), true)
                        .executeAsync()
                        .join())
                .hasSize(1);
    }

    @Test
    void whatDoesNotFitIsAFailureOfItsOwnKind() {
        assertThatThrownBy(() -> client.write(scalar("Byte"), 300))
                .isInstanceOf(RequestFailedException.WriteTypeMismatch.class);
        assertThatThrownBy(() -> client.resolveNodeId("/Objects/2:Nowhere"))
                .isInstanceOfSatisfying(
                        RequestFailedException.Service.class,
                        e -> assertThat(e.status().orElseThrow().name()).isEqualTo("Bad_NoMatch"));
        assertThatThrownBy(() -> client.readMulti().execute())
                .isInstanceOf(RequestFailedException.Service.class)
                .hasMessageContaining("Bad_NothingToDo");
        assertThat(client.write("ns=2;s=Nowhere", 1, BuiltinType.INT32).name()).isEqualTo("Bad_NodeIdUnknown");
    }

    @Test
    void severalAreReadAtOnceInOrder() {
        List<ReadResult> results = client.readMulti()
                .value("ns=2;s=Scalars/Float")
                .attribute("ns=2;s=Scalars", AttributeId.NODE_CLASS)
                .value("ns=2;s=Nowhere")
                .execute();

        assertThat(results.get(0).as(float.class)).isEqualTo(3.25f);
        assertThat(results.get(1).as(NodeClass.class)).isEqualTo(NodeClass.OBJECT);
        assertThat(results.get(2).node()).isEqualTo("ns=2;s=Nowhere");
        assertThat(results.get(2).statusCode().isBad()).isTrue();
        assertThat(client.readMulti(List.of(scalar("Float")))).hasSize(1);
        assertThat(client.readMultiAsync(List.of(scalar("Float"))).join()).hasSize(1);
    }

    @Test
    void theAddressSpaceIsLookedThrough() {
        var onlyVariables = BrowseOptions.DEFAULTS.withNodeClasses(NodeClass.VARIABLE);

        assertThat(client.browse("i=85"))
                .extracting(reference -> reference.browseName().name())
                .contains("Server");
        assertThat(client.browseAll(SCALARS, onlyVariables)).hasSizeGreaterThan(15);
        assertThat(client.browse(SCALARS, BrowseOptions.DEFAULTS.withDirection(BrowseDirection.INVERSE)))
                .isNotEmpty();
        assertThat(client.browseRecursive(SCALARS, 1, onlyVariables)).isNotEmpty();
        var page = client.browseWithContinuation(SCALARS, BrowseOptions.DEFAULTS);
        assertThat(page.references()).isNotEmpty();
        assertThatThrownBy(() -> client.browseNext("none"))
                .isInstanceOfSatisfying(
                        RequestFailedException.Service.class,
                        e -> assertThat(e.status().orElseThrow().name()).isEqualTo("Bad_ContinuationPointInvalid"));
        assertThat(client.resolveNodeId("/Objects/2:Simulator/2:Scalars")).isEqualTo(SCALARS);
        assertThat(client.browsePaths()
                        .path(SCALARS, new QualifiedName(2, "Int32"))
                        .path(SCALARS, new QualifiedName(2, "Nowhere"))
                        .execute())
                .satisfiesExactly(
                        found -> assertThat(found.targets())
                                .singleElement()
                                .satisfies(target ->
                                        assertThat(target.targetId().nodeId()).isEqualTo(scalar("Int32"))),
                        missing -> assertThat(missing.statusCode().name()).isEqualTo("Bad_NoMatch"));
        assertThat(client.discoverDataTypes(null, true)).isPositive();
    }

    @Test
    void methodsAreCalled() {
        var result = client.call(
                NodeId.text(2, "Methods"),
                NodeId.text(2, "Methods/Add"),
                Variant.scalar(BuiltinType.DOUBLE, 1.5),
                Variant.scalar(BuiltinType.DOUBLE, 2.25));

        assertThat(result.statusCode().isGood()).isTrue();
        assertThat(TypedValue.of(result.outputArguments().get(0)).as(double.class))
                .isEqualTo(3.75);
    }

    @Test
    void historyIsRead() {
        NodeId ramp = NodeId.text(2, "History/Ramp");
        List<ReadResult> first = client.historyReadRaw(ramp, Instant.parse("2000-01-01T00:00:00Z"), null, 3, false);
        Instant start = first.get(0).sourceTimestamp().orElseThrow();

        assertThat(first).extracting(value -> value.as(double.class)).containsExactly(0.0, 1.0, 2.0);
        assertThat(client.historyReadRaw(ramp, start, start.plusSeconds(5))).hasSizeGreaterThan(3);
        assertThat(client.historyReadAtTime(ramp, List.of(start))).hasSize(1);
        assertThat(client.historyReadProcessed(
                        ramp, start, start.plusSeconds(10), Duration.ofSeconds(5), NodeId.numeric(0, 2342)))
                .hasSize(2);
    }

    @Test
    void subscriptionsAreHandledByTheirServices() {
        long id = client.createSubscription(
                        SubscriptionParameters.DEFAULTS.withPublishingInterval(Duration.ofMillis(50)))
                .subscriptionId();
        List<MonitoredItemResult> items = client.createMonitoredItems(
                id,
                List.of(
                        MonitoredItemRequest.of("ns=2;s=Dynamic/Counter")
                                .clientHandle(7)
                                .samplingInterval(Duration.ofMillis(50)),
                        MonitoredItemRequest.of("ns=2;s=Nowhere")));
        long item = items.get(0).monitoredItemId();
        MonitoredItemResult events =
                client.createEventMonitoredItem(id, EventRequest.of("i=2253").where("Severity > 1"));

        PublishResult message = client.publish();

        assertThat(items.get(1).statusCode().name()).isEqualTo("Bad_NodeIdUnknown");
        assertThat(events.statusCode().isGood()).isTrue();
        assertThat(message.notifications())
                .first()
                .satisfies(change -> assertThat(change.clientHandle()).isEqualTo(7));
        assertThat(client.republish(id, message.sequenceNumber()).notifications())
                .isEqualTo(message.notifications());
        assertThat(client.publish(List.of(Acknowledgement.of(message)), List.of(id), Duration.ofSeconds(5))
                        .subscriptionId())
                .isEqualTo(id);
        assertThat(client.modifyMonitoredItems(
                        id, List.of(MonitoredItemChange.of(item).queueSize(5))))
                .singleElement()
                .satisfies(changed -> assertThat(changed.revisedQueueSize()).isEqualTo(5));
        assertThat(client.setTriggering(id, item, List.of(events.monitoredItemId()), List.of())
                        .addResults())
                .hasSize(1);
        assertThat(client.transferSubscriptions(List.of(424_242L), false))
                .singleElement()
                .satisfies(transfer -> assertThat(transfer.statusCode().isBad()).isTrue());
        assertThat(client.deleteMonitoredItems(id, List.of(item))).allMatch(StatusCode::isGood);
        assertThat(client.deleteSubscription(id).isGood()).isTrue();
        assertThatThrownBy(() -> client.publishAsync().join())
                .hasCauseInstanceOf(RequestFailedException.Service.class)
                .hasMessageContaining("Bad_NoSubscription");
    }

    @Test
    void theSessionTellsOfItselfAndOfItsServer() {
        client.reconnect();
        client.invalidateCache(SCALARS);
        client.flushCache();
        client.trustCertificate(new byte[] {0x30, 0});
        client.untrustCertificate("00".repeat(20));

        assertThat(client.isConnected()).isTrue();
        assertThat(client.getConnectionState()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(client.getTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(client.getAutoRetry()).isEqualTo(1);
        assertThat(client.getBatchSize()).isEmpty();
        assertThat(client.getDefaultBrowseMaxDepth()).isEqualTo(10);
        assertThat(client.getServerMaxNodesPerRead())
                .isEqualTo(client.getServerMaxNodesPerReadAsync().join());
        assertThat(client.getServerMaxNodesPerWrite())
                .isEqualTo(client.getServerMaxNodesPerWriteAsync().join());
        assertThat(client.getTrustPolicy()).isEmpty();
        assertThat(client.getServerBuildInfo().productName())
                .isEqualTo(client.getServerProductName().orElseThrow());
        assertThat(client.getServerManufacturerName()).isPresent();
        assertThat(client.getServerSoftwareVersion()).isPresent();
        assertThat(client.getServerBuildNumber()).isPresent();
        assertThat(client.getServerBuildDate())
                .isEqualTo(client.getServerBuildDateAsync().join());
    }

    @Test
    void serversAreAskedWithoutASession() {
        client.disconnect();

        assertThat(client.getEndpoints(server.endpointUrl())).isNotEmpty();
        assertThat(client.findServers(server.endpointUrl()))
                .extracting(application -> application.applicationUri())
                .contains(Simulator.APPLICATION_URI);
        assertThat(client.findServersAsync(server.endpointUrl()).join()).isNotEmpty();
    }

    @Test
    void sessionsAreSharedUnlessOneIsWantedForOneself() {
        String shared = client.sessionId();

        client.connect(server.endpointUrl());
        String again = client.sessionId();
        boolean reused = client.wasSessionReused();
        client.connectForceNew(
                server.endpointUrl(),
                SessionOptions.builder().timeout(Duration.ofMillis(2500)).build());

        assertThat(again).isEqualTo(shared);
        assertThat(reused).isTrue();
        assertThat(client.wasSessionReused()).isFalse();
        assertThat(client.sessionId()).isNotEqualTo(shared);
        assertThat(client.getTimeout()).isEqualTo(Duration.ofMillis(2500));
    }

    @Test
    void manyCallsAreUnderWayAtOnce() {
        List<CompletableFuture<ReadResult>> reads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            reads.add(client.readAsync(scalar("Int32")));
        }

        assertThat(reads)
                .allSatisfy(read -> assertThat(read.join().as(int.class)).isEqualTo(-32));
    }

    @Test
    void aStructureIsJsonToo() {
        NodeReference point = NodeId.text(2, "Structures/Everything");

        assertThat(client.read(point).as(JsonValue.class)).isInstanceOf(JsonValue.Obj.class);
    }
}

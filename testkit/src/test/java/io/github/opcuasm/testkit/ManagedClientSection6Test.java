package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.AggregateOptions;
import io.github.opcuasm.client.AttributeId;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.EventRequest;
import io.github.opcuasm.client.HistoricEvent;
import io.github.opcuasm.client.HistoryUpdateType;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.NodeClass;
import io.github.opcuasm.client.NodeToAdd;
import io.github.opcuasm.client.NodeToDelete;
import io.github.opcuasm.client.OpenFileMode;
import io.github.opcuasm.client.ProtocolVersion;
import io.github.opcuasm.client.ReadResult;
import io.github.opcuasm.client.ReferenceToAdd;
import io.github.opcuasm.client.ReferenceToDelete;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.TypedValue;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes, history, aggregates and files, from Java to the server and back, in both protocols. */
@ExtendWith(DaemonExtension.class)
final class ManagedClientSection6Test {
    private static final NodeId MANAGED = NodeId.text(2, "Managed");
    private static final NodeId FILES = NodeId.text(2, "Files");
    private static final NodeId EDITABLE = NodeId.text(2, "History/Editable");
    private static final NodeId HAS_COMPONENT = NodeId.numeric(0, 47);
    private static final NodeId ORGANIZES = NodeId.numeric(0, 35);
    /** Calls that are the client's own, or have the name of a command; those are no methods of the daemon. */
    private static final Set<String> OWN =
            Set.of("connect", "connectForceNew", "connectNamed", "disconnect", "query", "addNode");
    /** They have no meaning outside of PHP, and give null. */
    private static final Set<String> NOT_HERE = Set.of("getTrustStore", "getEventDispatcher", "getLogger");

    private final IpcEndpoint endpoint;
    private final Simulator server;

    ManagedClientSection6Test(IpcEndpoint endpoint, Simulator server) {
        this.endpoint = endpoint;
        this.server = server;
    }

    private ManagedClient connected(ProtocolVersion protocol) {
        ManagedClient client =
                ManagedClient.builder().socket(endpoint).protocol(protocol).build();
        client.connect(server.endpointUrl());
        return client;
    }

    @Test
    void theDaemonsMethodsAndTheClientsCallsAreTheSame(DaemonClient daemon) {
        Set<String> calls = Arrays.stream(ManagedClient.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());
        var withTwin = new TreeSet<>(calls);
        withTwin.removeIf(name -> !calls.contains(name + "Async"));
        withTwin.removeAll(OWN);
        var described = new TreeSet<String>();
        try (var client = connected(ProtocolVersion.TWO)) {
            var answer = (JsonValue.Obj)
                    daemon.command("describe", Map.of("sessionId", new JsonValue.Str(client.sessionId())), true);
            var methods = (JsonValue.Arr) Objects.requireNonNull(answer.get("methods"));
            methods.elements().forEach(name -> described.add(((JsonValue.Str) name).value()));
        }

        assertThat(described).hasSizeGreaterThan(50).contains("addNodes", "historyAggregate", "readFile");
        assertThat(withTwin).containsAll(withoutThose(described, "writeMulti")); // an object's execute has its twin
        // The others are known to query alone: docs/methods.md has them, and ManagedClientMethodsTest compares.
        withTwin.removeAll(described);
        assertThat(withTwin).allSatisfy(name -> assertThat(queriesAlone()).contains(name));
    }

    private static Set<String> withoutThose(Set<String> names, String... others) {
        var left = new TreeSet<>(names);
        left.removeAll(Set.of(others));
        left.removeAll(NOT_HERE);
        return left;
    }

    /** Methods that {@code invoke} does not have. */
    private static Set<String> queriesAlone() {
        try {
            return Files.readAllLines(Path.of("..", "docs", "methods.md")).stream()
                    .filter(line -> line.matches("\\| `\\w+` \\|.*\\| yes \\| no \\| (yes|no) \\|"))
                    .map(line -> line.substring(3, line.indexOf('`', 3)))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void nodesAndReferencesComeAndGo(ProtocolVersion protocol) {
        try (var client = connected(protocol)) {
            NodeId speed = NodeId.text(2, "Managed/Speed" + protocol);

            List<AddNodesResult> added = client.addNodes(List.of(
                    NodeToAdd.folder(MANAGED, "2:Line" + protocol).displayName("Line"),
                    NodeToAdd.variable(MANAGED, "2:Speed" + protocol)
                            .nodeId(speed)
                            .value(12.5, BuiltinType.DOUBLE)
                            .accessLevel(3)
                            .description("of the belt"),
                    NodeToAdd.object(NodeId.text(2, "Managed/Locked"), "2:Refused")));
            NodeId line = added.get(0).addedNodeId();

            assertThat(added.get(0).statusCode().isGood()).isTrue();
            assertThat(added.get(1).addedNodeId()).isEqualTo(speed);
            assertThat(added.get(2).statusCode().name()).isEqualTo("Bad_UserAccessDenied");
            assertThat(added.get(2).addedNodeId().isNull()).isTrue();
            assertThat(client.read(speed).as(double.class)).isEqualTo(12.5);
            assertThat(client.read(speed, AttributeId.DATA_TYPE).as(NodeId.class))
                    .isEqualTo(NodeId.numeric(0, 11));
            assertThat(client.write(speed, 3.5).isGood()).isTrue();
            assertThat(client.addReferences(List.of(ReferenceToAdd.of(line, ORGANIZES, speed, NodeClass.VARIABLE))))
                    .allMatch(StatusCode::isGood);
            assertThat(client.browse(line))
                    .singleElement()
                    .satisfies(
                            reference -> assertThat(reference.nodeId().nodeId()).isEqualTo(speed));
            assertThat(client.deleteReferencesAsync(List.of(
                                    ReferenceToDelete.of(line, ORGANIZES, speed),
                                    ReferenceToDelete.of(line, HAS_COMPONENT, speed)))
                            .join())
                    .satisfiesExactly(
                            gone -> assertThat(gone.isGood()).isTrue(),
                            none -> assertThat(none.isBad()).isTrue());
            assertThat(client.deleteNodes(
                            List.of(NodeToDelete.of(speed), NodeToDelete.of(line), NodeToDelete.of("ns=2;s=Nowhere"))))
                    .extracting(StatusCode::name)
                    .containsExactly("Good", "Good", "Bad_NodeIdUnknown");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void historyIsChangedAndWhatItWasIsKept(ProtocolVersion protocol) {
        Instant start =
                Instant.parse(protocol == ProtocolVersion.ONE ? "2026-02-01T00:00:00Z" : "2026-03-01T00:00:00Z");
        List<DataValue> values = List.of(
                TypedValue.of(1.0, BuiltinType.DOUBLE).at(start),
                TypedValue.of(2.0, BuiltinType.DOUBLE).at(start.plusSeconds(10)),
                TypedValue.of(3.0, BuiltinType.DOUBLE).at(start.plusSeconds(20)));
        Instant end = start.plusSeconds(60);
        try (var client = connected(protocol)) {

            List<StatusCode> inserted = client.historyInsertData(EDITABLE, values);
            List<StatusCode> again = client.historyInsertDataAsync(EDITABLE, values.subList(0, 1))
                    .join();
            List<StatusCode> replaced = client.historyReplaceData(
                    EDITABLE, List.of(TypedValue.of(2.5, BuiltinType.DOUBLE).at(start.plusSeconds(10))));
            List<StatusCode> updated = client.historyUpdateData(
                    EDITABLE, List.of(TypedValue.of(4.0, BuiltinType.DOUBLE).at(start.plusSeconds(30))));

            assertThat(inserted).hasSize(3).noneMatch(StatusCode::isBad);
            assertThat(again).extracting(StatusCode::name).containsExactly("Bad_EntryExists");
            assertThat(replaced).noneMatch(StatusCode::isBad);
            assertThat(updated).noneMatch(StatusCode::isBad);
            assertThat(client.historyReadRaw(EDITABLE, start, end))
                    .extracting(value -> value.as(double.class))
                    .containsExactly(1.0, 2.5, 3.0, 4.0);
            assertThat(client.historyReadModified(EDITABLE, start, end))
                    .filteredOn(modified -> modified.as(double.class) == 2.0)
                    .singleElement()
                    .satisfies(modified -> {
                        assertThat(modified.updateType()).contains(HistoryUpdateType.REPLACE);
                        assertThat(modified.modificationTime()).isPresent();
                    });
            assertThat(client.historyDeleteAtTime(EDITABLE, List.of(start, start.plusSeconds(5))))
                    .extracting(StatusCode::isBad)
                    .containsExactly(false, true);
            assertThat(client.historyDeleteRawModified(EDITABLE, start, end, false)
                            .isBad())
                    .isFalse();
            assertThat(client.historyReadRaw(EDITABLE, start, end)).isEmpty();
            assertThatThrownBy(() -> client.historyInsertData(NodeId.text(2, "Scalars/Double"), values))
                    .isInstanceOf(RequestFailedException.Service.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void eventsOfHistoryAreReadAddedAndDeleted(ProtocolVersion protocol) {
        NodeId notifier = NodeId.text(2, "Events/History");
        EventRequest all = EventRequest.of(notifier).select("EventId", "Time", "Severity", "SourceName");
        Instant time = Instant.parse("2030-01-01T00:00:00Z");
        List<String> fields = List.of("EventId", "EventType", "Time", "Severity", "SourceName", "Message");
        try (var client = connected(protocol)) {
            List<HistoricEvent> stored = client.historyReadEvents(all, Instant.EPOCH, time.plusSeconds(60), 3);
            List<Variant> event = List.of(
                    Variant.scalar(BuiltinType.BYTE_STRING, ByteString.copyOf(new byte[] {9, 8, 7})),
                    Variant.scalar(BuiltinType.NODE_ID, NodeId.numeric(0, 2041)),
                    TypedValue.of(time, BuiltinType.DATE_TIME).variant(),
                    TypedValue.of(700, BuiltinType.UINT16).variant(),
                    TypedValue.of("Pump", BuiltinType.STRING).variant(),
                    Variant.NULL);

            List<StatusCode> inserted = client.historyInsertEvent(notifier, fields, List.of(event));
            List<HistoricEvent> found =
                    client.historyReadEvents(all.where("Severity >= 700"), time, time.plusSeconds(1));

            assertThat(stored).hasSize(3);
            assertThat(inserted).noneMatch(StatusCode::isBad);
            assertThat(found).singleElement().satisfies(one -> {
                assertThat(one.field("Severity").as(int.class)).isEqualTo(700);
                assertThat(one.field("SourceName").as(String.class)).isEqualTo("Pump");
                assertThat(one.field("Time").as(Instant.class)).isEqualTo(time);
            });
            assertThat(client.historyReplaceEvent(notifier, fields, List.of(event)))
                    .noneMatch(StatusCode::isBad);
            assertThat(client.historyUpdateEvent(notifier, fields, List.of(event)))
                    .noneMatch(StatusCode::isBad);
            ByteString id = found.get(0).field("EventId").as(ByteString.class);
            assertThat(client.historyDeleteEvent(notifier, List.of(id, ByteString.copyOf(new byte[] {0}))))
                    .extracting(StatusCode::isBad)
                    .containsExactly(false, true);
            assertThat(client.historyReadEventsAsync(all, time, time.plusSeconds(1))
                            .join())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void aggregatesAreOfHistoryAndOfValuesThatTheProgramHas(ProtocolVersion protocol) {
        NodeId ramp = NodeId.text(2, "History/Ramp");
        try (var client = connected(protocol)) {
            List<ReadResult> raw = client.historyReadRaw(ramp, Instant.parse("2000-01-01T00:00:00Z"), null, 10, false);
            Instant start = raw.get(0).sourceTimestamp().orElseThrow();
            Instant end = start.plusSeconds(10);
            Duration interval = Duration.ofSeconds(5);

            List<ReadResult> byServer = client.historyAggregate(ramp, start, end, interval, AggregateFunction.MAXIMUM);
            List<ReadResult> byDaemon = client.historyAggregate(
                    ramp,
                    start,
                    end,
                    interval,
                    AggregateFunction.MAXIMUM,
                    AggregateOptions.DEFAULTS.calculatedBy(AggregateOptions.Calculator.DAEMON));
            List<DataValue> own = client.aggregate(
                    raw.stream().map(ReadResult::dataValue).toList(),
                    start,
                    end,
                    Duration.ZERO,
                    AggregateFunction.COUNT,
                    AggregateOptions.DEFAULTS.stepped(true));

            assertThat(byServer).hasSize(2);
            assertThat(byDaemon)
                    .extracting(value -> value.as(double.class))
                    .containsExactlyElementsOf(byServer.stream()
                            .map(value -> value.as(double.class))
                            .toList());
            assertThat(own)
                    .singleElement()
                    .satisfies(
                            count -> assertThat(TypedValue.of(count.variant()).as(int.class))
                                    .isEqualTo(10));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void filesAndDirectoriesAreMadeWrittenMovedAndDeleted(ProtocolVersion protocol) throws IOException {
        byte[] text = "Grüße aus der Anlage\n".getBytes(StandardCharsets.UTF_8);
        try (var client = connected(protocol)) {
            NodeId readme = NodeId.text(2, "Files/readme.txt");
            NodeId directory = client.createDirectory(FILES, "made" + protocol);
            CreateFileResult created = client.createFileInDirectory(directory, "a.txt", true);
            NodeId file = created.fileNodeId();

            client.writeFile(file, created.fileHandle(), text);
            long position = client.getFilePosition(file, created.fileHandle());
            client.closeFile(file, created.fileHandle());
            long handle = client.openFile(file, OpenFileMode.READ);
            client.setFilePosition(file, handle, 9);
            byte[] rest = client.readFile(file, handle, 100);
            byte[] end = client.readFileAsync(file, handle, 100).join();
            client.closeFile(file, handle);
            NodeId copy = client.moveOrCopyFileSystemObject(directory, file, FILES, true, protocol + ".txt");

            assertThat(position).isEqualTo(text.length);
            assertThat(rest).asString(StandardCharsets.UTF_8).isEqualTo("us der Anlage\n");
            assertThat(end).isEmpty();
            try (InputStream in = client.fileInput(copy)) {
                assertThat(in.readAllBytes()).isEqualTo(text);
            }
            try (OutputStream out = client.fileOutput(copy, OpenFileMode.WRITE, OpenFileMode.APPEND)) {
                out.write("mehr".getBytes(StandardCharsets.UTF_8));
            }
            try (InputStream in = client.fileInput(copy, text.length)) {
                assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("mehr");
            }
            client.deleteFileSystemObject(FILES, copy);
            client.deleteFileSystemObject(FILES, directory);
            assertThatThrownBy(() -> client.fileInput(copy)).isInstanceOf(RequestFailedException.Service.class);
            assertThatThrownBy(() -> client.readFile(readme, handle, 1))
                    .isInstanceOfSatisfying(
                            RequestFailedException.Service.class,
                            e -> assertThat(e.status().orElseThrow().name()).isEqualTo("Bad_InvalidArgument"));
        }
    }

    @Test
    void fiveMegabytesGoUpAndDownByteForByte(@TempDir Path directory) throws IOException {
        byte[] content = new byte[5 << 20];
        new Random(5).nextBytes(content);
        Path source = Files.write(directory.resolve("source"), content);
        Path target = directory.resolve("target");
        try (var client = connected(ProtocolVersion.TWO)) {
            NodeId file = client.createFileInDirectory(FILES, "big.bin", false).fileNodeId();

            long sent = client.upload(source, file);
            long got = client.download(file, target);

            assertThat(sent).isEqualTo(content.length);
            assertThat(got).isEqualTo(content.length);
            assertThat(Files.mismatch(source, target)).isEqualTo(-1);
            client.deleteFileSystemObject(FILES, file);
        }
    }

    @Test
    void aFileIsClosedAtTheServerWhenItsStreamEndsByAnException() throws IOException {
        try (var client = connected(ProtocolVersion.TWO)) {
            NodeId file =
                    client.createFileInDirectory(FILES, "locked.bin", false).fileNodeId();

            assertThatThrownBy(() -> {
                        try (OutputStream out = client.fileOutput(file)) {
                            out.write(1);
                            throw new IllegalStateException("the program's own");
                        }
                    })
                    .isInstanceOf(IllegalStateException.class);

            // An open file could be neither written by another nor deleted.
            try (OutputStream out = client.fileOutput(file)) {
                out.write(2);
            }
            client.deleteFileSystemObject(FILES, file);
        }
    }

    @Test
    void whatIsNoTextIsRefusedInProtocol1() throws IOException {
        try (var client = connected(ProtocolVersion.ONE)) {
            try (InputStream in = client.fileInput("ns=2;s=Files/data.bin")) {
                assertThatThrownBy(in::read)
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(RequestFailedException.Encoding.class);
            }
            assertThatThrownBy(() -> client.fileOutput("ns=2;s=Files/locked.txt"))
                    .isInstanceOf(RequestFailedException.Service.class);
        }
    }
}

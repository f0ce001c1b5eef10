package io.github.opcuasm.testkit;

import io.github.opcuasm.client.AggregateOptions;
import io.github.opcuasm.client.AttributeId;
import io.github.opcuasm.client.BadStatusException;
import io.github.opcuasm.client.BrowseOptions;
import io.github.opcuasm.client.EventRequest;
import io.github.opcuasm.client.HistoricEvent;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.ModifiedResult;
import io.github.opcuasm.client.MonitoredItemRequest;
import io.github.opcuasm.client.NodeClass;
import io.github.opcuasm.client.NodeToAdd;
import io.github.opcuasm.client.NodeToDelete;
import io.github.opcuasm.client.OpenFileMode;
import io.github.opcuasm.client.Query;
import io.github.opcuasm.client.ReadResult;
import io.github.opcuasm.client.ReferenceToAdd;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.SessionOptions;
import io.github.opcuasm.client.Subscription;
import io.github.opcuasm.client.SubscriptionEvent;
import io.github.opcuasm.client.TypedValue;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What docs/java.md shows, between a {@code // tag} and an {@code // end}. */
final class JavaExamples {
    private final StringBuilder out = new StringBuilder();

    /** What the examples printed. */
    String printed() {
        return out.toString();
    }

    private void print(Object value) {
        synchronized (out) {
            out.append(value).append('\n');
        }
    }

    void first(String socket, String url) {
        // tag first
        try (var client = ManagedClient.builder().socket(socket).build()) {
            client.connect(url); // opc.tcp://plc-1:4840
            double value = client.read("ns=2;s=Scalars/Double").as(double.class);
            client.write("ns=2;s=Scalars/Double", value + 1);
            print(value);
        }
        // end
    }

    void session(ManagedClient client, String url) {
        // tag session
        var options = SessionOptions.builder()
                .timeout(Duration.ofSeconds(2))
                .sessionName("line 1")
                .readMetadataCache(true)
                .build();
        client.connect(url, options);
        print(client.wasSessionReused());
        // end
    }

    void values(ManagedClient client) {
        // tag values
        ReadResult result = client.read("ns=2;s=Scalars/DateTime");
        StatusCode status = result.statusCode();
        Optional<Instant> source = result.sourceTimestamp();
        Instant time = result.as(Instant.class);

        BigInteger all = client.read("ns=2;s=Scalars/UInt64").as(BigInteger.class);
        double[] array = client.read("ns=2;s=Arrays/Double").as(double[].class);
        int[][] matrix = client.read("ns=2;s=Arrays/Matrix").as(int[][].class);
        Map<?, ?> fields = client.read("ns=2;s=Structures/Everything").as(Map.class);
        Optional<String> text = client.read("ns=2;s=Scalars/String").asOptional(String.class);
        // end
        print(List.of(status, source.isPresent(), time, all, array.length, matrix[1][2], fields.isEmpty(), text));
    }

    void writing(ManagedClient client) {
        // tag writing
        StatusCode status = client.write("ns=2;s=Scalars/Int32", 12);
        client.write(NodeId.text(2, "Scalars/UInt64"), new BigInteger("18446744073709551615"));
        client.write(NodeId.text(2, "Scalars/Float"), 0.5f, BuiltinType.FLOAT);
        client.write("ns=2;s=Arrays/Matrix", new int[][] {{1, 2, 3}, {4, 5, 6}});
        // end
        print(status);
    }

    void several(ManagedClient client) {
        // tag several
        List<ReadResult> results = client.readMulti()
                .value("ns=2;s=Scalars/Double")
                .attribute("ns=2;s=Scalars/Double", AttributeId.DISPLAY_NAME)
                .execute();
        List<StatusCode> written = client.writeMulti()
                .value("ns=2;s=Scalars/Int16", 1)
                .value("ns=2;s=Scalars/Boolean", true)
                .execute();
        // end
        print(results.size() + written.size());
    }

    void async(ManagedClient client) {
        // tag async
        CompletableFuture<Double> sum = client.readAsync("ns=2;s=Scalars/Double")
                .thenCombine(
                        client.readAsync("ns=2;s=Scalars/Float"),
                        (one, other) -> one.as(double.class) + other.as(double.class));
        print(sum.join());
        // end
    }

    void browse(ManagedClient client) {
        // tag browse
        NodeId folder = client.resolveNodeId("/Objects/2:Simulator/2:Scalars");
        var variables = BrowseOptions.DEFAULTS.withNodeClasses(NodeClass.VARIABLE);
        for (ReferenceDescription reference : client.browseAll(folder, variables)) {
            print(reference.nodeId() + " " + reference.displayName().text());
        }
        client.browsePaths().path(folder, new QualifiedName(2, "Int32")).execute();
        // end
    }

    void listen(ManagedClient client, Runnable work) {
        // tag listen
        try (Subscription speed = client.monitor()
                .item("ns=2;s=Dynamic/Counter", Duration.ofMillis(50))
                .item(MonitoredItemRequest.of("ns=2;s=Dynamic/Sine").deadband(0.1))
                .publishingInterval(Duration.ofMillis(100))
                .listen(change -> print(change.node() + " " + change.as(double.class)))) {
            print(speed.subscription().revisedPublishingInterval());
            work.run();
        }
        // end
    }

    void iterate(ManagedClient client) {
        // tag iterate
        try (Subscription alarms = client.monitor()
                .events("ns=2;s=Events/Notifier", "Severity", "Message")
                .item("ns=2;s=Dynamic/Counter")
                .open()) {
            for (SubscriptionEvent event : alarms) {
                if (event instanceof SubscriptionEvent.Change change) {
                    print(change.node() + " = " + change.as(long.class));
                    break;
                } else if (event instanceof SubscriptionEvent.Gap gap) {
                    print("missing since " + gap.from());
                }
            }
        }
        // end
    }

    void history(ManagedClient client) {
        // tag history
        NodeId tank = NodeId.text(2, "History/Editable");
        Instant start = Instant.parse("2026-01-10T12:00:00Z");
        Instant end = start.plusSeconds(60);
        client.historyUpdateData(
                tank,
                List.of(
                        TypedValue.of(20.0, BuiltinType.DOUBLE).at(start),
                        TypedValue.of(26.0, BuiltinType.DOUBLE).at(start.plusSeconds(30))));
        for (ReadResult value : client.historyReadRaw(tank, start, end)) {
            print(value.sourceTimestamp().orElseThrow() + " " + value.as(double.class));
        }
        var options =
                AggregateOptions.DEFAULTS.treatUncertainAsBad(false).calculatedBy(AggregateOptions.Calculator.DAEMON);
        for (ReadResult mean : client.historyAggregate(
                tank, start, end, Duration.ofSeconds(30), AggregateFunction.TIME_AVERAGE, options)) {
            print("mean " + mean.as(double.class));
        }
        client.historyDeleteRawModified(tank, start, end, false);
        for (ModifiedResult before : client.historyReadModified(tank, start, end)) {
            print(before.updateType() + " " + before.as(double.class));
        }
        // end
    }

    void historicEvents(ManagedClient client) {
        // tag historicEvents
        var severe = EventRequest.of("ns=2;s=Events/History")
                .select("EventId", "Time", "Severity")
                .where("Severity >= 1");
        for (HistoricEvent event : client.historyReadEvents(severe, null, Instant.now(), 3)) {
            print(event.field("Time").as(Instant.class) + " "
                    + event.field("Severity").as(int.class));
        }
        // end
    }

    void nodes(ManagedClient client) {
        // tag nodes
        NodeId parent = NodeId.text(2, "Managed");
        List<AddNodesResult> added = client.addNodes(List.of(
                NodeToAdd.folder(parent, "2:Line"),
                NodeToAdd.variable(parent, "2:Speed")
                        .nodeId("ns=2;s=Managed/Speed")
                        .value(12.5, BuiltinType.DOUBLE)
                        .accessLevel(3)));
        NodeId line = added.get(0).addedNodeId();
        NodeId speed = added.get(1).addedNodeId();
        NodeId organizes = NodeId.numeric(0, 35);
        client.addReferences(List.of(ReferenceToAdd.of(line, organizes, speed, NodeClass.VARIABLE)));
        print("added " + speed + " " + client.read(speed).as(double.class));
        client.deleteNodes(List.of(NodeToDelete.of(line), NodeToDelete.of(speed)));
        // end
    }

    void files(ManagedClient client, Path directory) throws IOException {
        // tag files
        try (InputStream in = client.fileInput("ns=2;s=Files/data.bin")) {
            print("bytes " + in.readAllBytes().length);
        }
        NodeId logs = NodeId.text(2, "Files/logs");
        NodeId file = client.createFileInDirectory(logs, "shift.txt", false).fileNodeId();
        try (OutputStream out = client.fileOutput(file, OpenFileMode.WRITE, OpenFileMode.APPEND)) {
            out.write("begun\n".getBytes(StandardCharsets.UTF_8));
        }
        Path copy = directory.resolve("shift.txt");
        client.download(file, copy);
        client.upload(copy, file);
        client.deleteFileSystemObject(logs, file);
        print(Files.readString(copy).strip());
        // end
    }

    void failures(ManagedClient client) {
        // tag failures
        try {
            client.write("ns=2;s=Scalars/Byte", 300);
        } catch (RequestFailedException.WriteTypeMismatch e) {
            print(e.messageText()); // value: 300 does not fit Byte (0 to 255)
        } catch (RequestFailedException e) {
            boolean mayBeRepeated = e.outcome().filter(Outcome.NOT_SENT::equals).isPresent();
            print(e.type() + " " + mayBeRepeated);
        }
        try {
            client.read("ns=2;s=Nowhere").as(double.class);
        } catch (BadStatusException e) {
            print(e.statusCode().name()); // Bad_NodeIdUnknown
        }
        // end
    }

    void query(ManagedClient client) {
        // tag query
        String state = client.query(Query.reading("getConnectionState", json -> json.toString()));
        print(state);
        // end
    }
}

package io.github.opcuasm.clients;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.EventWriter;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultWriter;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The Java client as the conformance kit drives it ({@code clients/conformance/README.md}): {@code main} takes the path of the
 * socket. Requests are repeated as {@link DaemonClient#query} does it: what reads, once.
 */
final class DaemonClientDriver {
    /** Commands that change nothing; of methods the client knows it. What is in neither is sent once. */
    private static final List<String> READING = List.of("ping", "hello", "list", "stats", "describe");

    private final IpcEndpoint endpoint;
    private final ClientOptions options = ClientOptions.DEFAULTS.withToken(System.getenv("OPCUA_AUTH_TOKEN"));
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private @Nullable DaemonClient client;

    private DaemonClientDriver(IpcEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    public static void main(String[] arguments) throws IOException {
        var driver = new DaemonClientDriver(new IpcEndpoint.Unix(Path.of(arguments[0])));
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                byte[] json = line.getBytes(StandardCharsets.UTF_8);
                driver.run(JsonReader.readValue(json, 0, json.length));
            }
        }
        if (driver.client != null) {
            driver.client.close();
        }
    }

    private void run(JsonValue request) throws IOException {
        if (request instanceof JsonValue.Arr together) {
            List<CompletableFuture<JsonBody>> answers =
                    together.elements().stream().map(this::answer).toList();
            print(o -> o.elements(answers, (inner, answer) -> inner.body(answer.join())));
        } else if (members(request).get("take") instanceof JsonValue.Num take) {
            stream(members(request), take.decimal().intValueExact());
        } else {
            print(answer(request).join());
        }
    }

    private CompletableFuture<JsonBody> answer(JsonValue request) {
        Map<String, JsonValue> members = new LinkedHashMap<>(members(request));
        String command = text(members.remove("command"));
        boolean repeatable = READING.contains(command) || DaemonClient.isReading(text(members.get("method")));
        try {
            return client().commandAsync(command, members, repeatable).handle((data, failure) -> {
                return failure == null ? success(o -> value(o, data)) : failed(failure);
            });
        } catch (ClientException e) {
            return CompletableFuture.completedFuture(failed(e));
        }
    }

    private DaemonClient client() {
        if (client == null) {
            client = DaemonClient.connect(endpoint, options);
            // Else the first of several requests goes alone: it shows which protocol the daemon speaks.
            Objects.requireNonNull(client.hello());
        }
        return client;
    }

    private void stream(Map<String, JsonValue> request, int wanted) throws IOException {
        try (NotificationStream stream = client().subscribe(streamRequest(request))) {
            print(success(o -> {
                o.startObject();
                o.name("subscriptionId");
                o.number(stream.subscription().subscriptionId());
                o.name("revisedPublishingInterval");
                o.number(stream.subscription().revisedPublishingInterval());
                o.name("revisedLifetimeCount");
                o.number(stream.subscription().revisedLifetimeCount());
                o.name("revisedMaxKeepAliveCount");
                o.number(stream.subscription().revisedMaxKeepAliveCount());
                o.name("items");
                o.elements(stream.items(), ResultWriter::write);
                o.then(() -> {
                    o.name("events");
                    o.elements(stream.events(), ResultWriter::write);
                    o.then(o::endObject);
                });
            }));
            int left = wanted;
            for (StreamEvent event : stream) {
                if (event instanceof StreamEvent.Notifications || event instanceof StreamEvent.End) {
                    print(o -> EventWriter.write(o, event));
                    left--;
                }
                if (left == 0 || event instanceof StreamEvent.End) {
                    return;
                }
            }
        } catch (ClientException e) {
            print(failed(e));
        }
    }

    private static StreamRequest streamRequest(Map<String, JsonValue> request) {
        StreamRequest stream = request.get("sessionId") instanceof JsonValue.Str id
                ? StreamRequest.ofSession(id.value())
                : StreamRequest.ofServer(text(request.get("endpointUrl")), members(request.get("config")));
        members(request.get("subscription"))
                .forEach((name, value) -> stream.subscription(name, ((JsonValue.Num) value).decimal()));
        if (request.get("items") instanceof JsonValue.Arr items) {
            items.elements().forEach(item -> stream.item(members(item)));
        }
        return stream;
    }

    private static JsonBody success(JsonBody data) {
        return o -> {
            o.startObject();
            o.name("success");
            o.bool(true);
            o.name("data");
            o.body(data);
            o.then(o::endObject);
        };
    }

    private static JsonBody failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!(cause instanceof ClientException failure)) {
            throw new IllegalStateException("No failure of the client's own", thrown);
        }
        return o -> {
            o.startObject();
            o.name("success");
            o.bool(false);
            o.name("error");
            o.startObject();
            o.name("type");
            o.string(failure instanceof RequestFailedException refused ? refused.type() : "connection_lost");
            o.name("message");
            o.string(failure.messageText());
            if (failure instanceof RequestFailedException refused
                    && refused.statusCode().isPresent()) {
                o.name("code");
                o.number(refused.statusCode().get());
            }
            if (failure.outcome().isPresent()) {
                o.name("outcome");
                o.string(failure.outcome().map(Outcome::wireName).get());
            }
            o.endObject();
            o.endObject();
        };
    }

    /** A value as it came. */
    private static void value(JsonOutput out, JsonValue value) throws IOException {
        if (value instanceof JsonValue.Obj object) {
            out.startObject();
            members(out, new ArrayList<>(object.members().entrySet()), 0);
        } else if (value instanceof JsonValue.Arr array) {
            out.elements(array.elements(), (o, element) -> o.body(inner -> value(inner, element)));
        } else if (value instanceof JsonValue.Num number) {
            if (number.literal().matches("-?[0-9]+")) {
                out.number(number.decimal().toBigIntegerExact());
            } else {
                out.number(number.decimal().doubleValue());
            }
        } else if (value instanceof JsonValue.Bool flag) {
            out.bool(flag.value());
        } else if (value instanceof JsonValue.Str text) {
            out.text(text.value());
        } else {
            out.nullValue();
        }
    }

    private static void members(JsonOutput out, List<Map.Entry<String, JsonValue>> members, int from)
            throws IOException {
        if (from == members.size()) {
            out.endObject();
            return;
        }
        out.name(members.get(from).getKey());
        out.body(o -> value(o, members.get(from).getValue()));
        out.then(() -> members(out, members, from + 1));
    }

    private static Map<String, JsonValue> members(@Nullable JsonValue value) {
        return value instanceof JsonValue.Obj object ? object.members() : Map.of();
    }

    private static String text(@Nullable JsonValue value) {
        return value instanceof JsonValue.Str text ? text.value() : "";
    }

    private void print(JsonBody body) throws IOException {
        out.write(JsonEncoder.toBytes(body, new JsonStyle(2, false)));
        out.println();
    }
}

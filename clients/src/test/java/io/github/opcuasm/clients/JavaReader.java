package io.github.opcuasm.clients;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.simulator.Producers;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;

/**
 * A Java reader of the variables of {@link ChangeLoad}, beside those in other languages, on a thread of its own. It ends when
 * every variable has the value that {@link #await} is told.
 */
final class JavaReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long NONE = -1;

    private final DaemonClient client;
    private final NotificationStream stream;
    private final FutureTask<Count> reading = new FutureTask<>(this::read);
    private final long[] last = new long[ChangeLoad.VARIABLES];
    private volatile long end = NONE;
    private long changes;
    private long lost;
    private long interruptions;

    /**
     * What was read.
     *
     * @param lost values that are missing between others
     * @param interruptions events that told of values that were dropped or may be missing
     */
    record Count(long changes, long lost, long interruptions) {}

    private JavaReader(DaemonClient client, NotificationStream stream) {
        this.client = client;
        this.stream = stream;
        Arrays.fill(last, NONE);
    }

    /** Returns when every variable is monitored. */
    static JavaReader start(Plant plant) throws IOException {
        DaemonClient client = DaemonClient.connect(plant.endpoint(), ClientOptions.DEFAULTS);
        try {
            StreamRequest request =
                    StreamRequest.ofServer(plant.url(), Map.of()).publishingInterval(Duration.ofMillis(50));
            for (int i = 0; i < ChangeLoad.VARIABLES; i++) {
                String node = Simulator.node(Producers.variable(i)).toParseableString();
                request.item(Map.of("nodeId", node, "clientHandle", i, "samplingInterval", 0.0, "queueSize", 1_000));
            }
            JavaReader reader = new JavaReader(client, client.subscribe(request));
            if (!reader.stream.items().stream()
                    .allMatch(item -> item.statusCode().value() == 0)) {
                throw new IOException("not every variable is monitored: " + reader.stream.items());
            }
            Thread thread = new Thread(reader.reading, "java-reader");
            thread.setDaemon(true);
            thread.start();
            return reader;
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /** Waits until every variable has this value, at most a minute. */
    Count await(long value) throws ExecutionException, InterruptedException, TimeoutException {
        end = value;
        return reading.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        stream.close();
        client.close();
    }

    private Count read() throws IOException {
        while (end == NONE || !LongStream.of(last).allMatch(value -> value == end)) {
            StreamEvent event = stream.next(POLL);
            if (event instanceof StreamEvent.Notifications message) {
                message.notifications().forEach(this::count);
            } else if (event instanceof StreamEvent.Overflow || event instanceof StreamEvent.Gap) {
                interruptions++;
            } else if (event instanceof StreamEvent.End) {
                throw new IOException("the stream ended: " + event);
            }
        }
        return new Count(changes, lost, interruptions);
    }

    private void count(Notification notification) {
        if (notification instanceof Notification.DataChange change
                && change.dataValue().variant().value() instanceof Number number) {
            int variable = (int) change.clientHandle();
            long value = number.longValue();
            if (last[variable] != NONE) {
                lost += Math.abs(value - last[variable] - 1);
            }
            last[variable] = value;
            changes++;
        }
    }
}

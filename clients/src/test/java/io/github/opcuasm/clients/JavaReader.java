package io.github.opcuasm.clients;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The reader that is the Java client, on a thread of its own. */
final class JavaReader implements StreamReader {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long NONE = -1;

    private final DaemonClient client;
    private final NotificationStream stream;
    private final FutureTask<Tally> reading;
    private final long[] last;
    private final long round;
    private int behind;
    private long changes;
    private long lost;
    private long interruptions;

    private JavaReader(DaemonClient client, NotificationStream stream, int variables, long round) {
        this.client = client;
        this.stream = stream;
        this.round = round;
        this.behind = variables;
        this.last = new long[variables];
        Arrays.fill(last, NONE);
        this.reading = new FutureTask<>(this::read);
    }

    static JavaReader start(Plant plant, int variables, long round) throws IOException {
        DaemonClient client = DaemonClient.connect(plant.endpoint(), ClientOptions.DEFAULTS);
        try {
            StreamRequest request =
                    StreamRequest.ofServer(plant.url(), Map.of()).publishingInterval(Duration.ofMillis(50));
            for (int i = 0; i < variables; i++) {
                request.item(Map.of("nodeId", StreamLoadIT.variable(i), "clientHandle", i, "queueSize", 1_000));
            }
            JavaReader reader = new JavaReader(client, client.subscribe(request), variables, round);
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

    @Override
    public void awaitReady() {
        // It was when it started.
    }

    @Override
    public Tally await() throws ExecutionException, InterruptedException, TimeoutException {
        return reading.get(LIMIT.toSeconds() + StreamLoadIT.SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        stream.close();
        client.close();
    }

    private Tally read() throws IOException {
        while (behind > 0) {
            StreamEvent event = stream.next(LIMIT);
            if (event instanceof StreamEvent.Notifications message) {
                message.notifications().forEach(this::count);
            } else if (event instanceof StreamEvent.Overflow || event instanceof StreamEvent.Gap) {
                interruptions++;
            } else if (event == null || event instanceof StreamEvent.End) {
                throw new IOException("the stream ended: " + event);
            }
        }
        return new Tally(changes, lost, interruptions);
    }

    private void count(Notification notification) {
        if (notification instanceof Notification.DataChange change
                && change.dataValue().variant().value() instanceof Number number) {
            int variable = (int) change.clientHandle();
            long before = last[variable];
            long value = number.longValue();
            last[variable] = value;
            if (before != NONE) {
                changes++;
                lost += Math.abs(value - before - 1);
            }
            if (value >= round && before < round) {
                behind--;
            }
        }
    }
}

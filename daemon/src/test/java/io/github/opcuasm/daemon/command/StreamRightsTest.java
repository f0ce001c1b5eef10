package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stream takes what reading takes, for as long as it runs. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class StreamRightsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private Path tokens;
    private RunningDaemon daemon;

    @BeforeAll
    void start() throws Exception {
        tokens = directory.resolve("tokens");
        token("reader", "read", "*");
        token("removed", "read", "*");
        token("caller", "call", "*");
        token("elsewhere", "read", "opc.tcp://elsewhere:4840");
        daemon = new RunningDaemon(
                config -> config.tokensFile(tokens).readOnlySocket(new IpcEndpoint.Unix(directory.resolve("r.sock"))));
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @Test
    void whoMayNotReadMayNotFollow() {
        refused("caller", server());
        refused("elsewhere", server());
    }

    @Test
    void nobodyFollowsOnSomebodyElsesSession() {
        try (DaemonClient reader = client("reader")) {
            String session =
                    reader.open(daemon.simulator.endpointUrl(), Map.of(), false).sessionId();

            try (DaemonClient other = client("removed")) {
                assertThatThrownBy(() -> other.subscribe(item(StreamRequest.ofSession(session))))
                        .isInstanceOfSatisfying(
                                RequestFailedException.class,
                                e -> assertThat(e.type()).isEqualTo("session_not_found"));
            }
        }
    }

    @Test
    void aPeerOfTheReadOnlySocketMayFollow() {
        try (DaemonClient reader =
                        DaemonClient.connect(daemon.endpoints().get(1), ClientOptions.DEFAULTS.withToken("reader"));
                NotificationStream stream = reader.subscribe(item(server()))) {
            assertThat(firstOf(stream)).isInstanceOf(StreamEvent.Notifications.class);
        }
    }

    @Test
    void aStreamEndsSoonAfterItsTokenWasRemovedAndOthersGoOn() throws Exception {
        try (DaemonClient removed = client("removed");
                DaemonClient reader = client("reader");
                NotificationStream stream = removed.subscribe(item(server()));
                NotificationStream other = reader.subscribe(item(server()))) {
            assertThat(firstOf(stream)).isInstanceOf(StreamEvent.Notifications.class);

            new TokensFile(tokens).remove("removed");
            daemon.reload();

            StreamEvent last = null;
            for (StreamEvent event : stream) {
                last = event;
            }
            assertThat(last)
                    .isInstanceOfSatisfying(
                            StreamEvent.End.class,
                            end -> assertThat(
                                            Objects.requireNonNull(end.error()).type())
                                    .isEqualTo("auth_failed"));
            assertThat(other.next(LONG)).isNotNull().isNotInstanceOf(StreamEvent.End.class);
        }
    }

    private void refused(String token, StreamRequest request) {
        try (DaemonClient client = client(token)) {
            assertThatThrownBy(() -> client.subscribe(item(request)))
                    .isInstanceOfSatisfying(
                            RequestFailedException.class,
                            e -> assertThat(e.type()).isEqualTo("access_denied"));
        }
    }

    private DaemonClient client(String token) {
        return DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withToken(token));
    }

    private StreamRequest server() {
        return StreamRequest.ofServer(daemon.simulator.endpointUrl(), Map.of());
    }

    private static StreamRequest item(StreamRequest request) {
        return request.publishingInterval(Duration.ofMillis(100)).item("ns=2;s=Scalars/Int32", 1);
    }

    private void token(String name, String scope, String endpoint) throws Exception {
        new TokensFile(tokens)
                .add(new NamedToken(
                        name,
                        TokensFile.sha256(name),
                        Grant.of(List.of(scope), List.of(endpoint), List.of("*"), Map.of()),
                        null));
    }

    /** A keep-alive may come before. */
    private static @Nullable StreamEvent firstOf(NotificationStream stream) {
        StreamEvent event = stream.next(LONG);
        while (event instanceof StreamEvent.KeepAlive) {
            event = stream.next(LONG);
        }
        return event;
    }
}

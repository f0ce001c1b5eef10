package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.ProtocolVersion;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client of ours and the daemon of the reference, which knows neither ids nor kept connections. */
@Timeout(60)
class ReferenceDaemonTest {
    private static final int AT_LEAST = 600;

    @ParameterizedTest
    @CsvSource({"AUTO,false", "AUTO,true", "ONE,false"})
    void everyRecordedAnswerReachesWhoAskedAndNothingIsAskedTwice(ProtocolVersion protocol, boolean clientForEach)
            throws Exception {
        List<RecordedDaemon.Exchange> exchanges = RecordedDaemon.recording().stream()
                .filter(RecordedDaemon.Exchange::isCommand)
                .toList();
        ClientOptions options = ClientOptions.DEFAULTS.withProtocol(protocol);
        try (var daemon = new RecordedDaemon(exchanges)) {
            DaemonClient client = DaemonClient.connect(daemon.endpoint(), options);
            try {
                for (RecordedDaemon.Exchange exchange : exchanges) {
                    if (clientForEach) {
                        client.close();
                        client = DaemonClient.connect(daemon.endpoint(), options);
                    }
                    JsonValue.Obj answer = (JsonValue.Obj) RecordedDaemon.parse(exchange.answer());

                    assertThat(ask(client, (JsonValue.Obj) exchange.request()))
                            .as(exchange.request().toString())
                            .isEqualTo(expected(answer));
                }
            } finally {
                client.close();
            }
            assertThat(daemon.requests()).isEqualTo(exchanges.size()).isGreaterThan(AT_LEAST);
        }
    }

    /** What came: the data, or the type and the message of the failure. */
    private static Object ask(DaemonClient client, JsonValue.Obj request) {
        Map<String, JsonValue> members = new LinkedHashMap<>(request.members());
        JsonValue command = Objects.requireNonNull(members.remove("command"));
        try {
            return client.command(((JsonValue.Str) command).value(), members, false);
        } catch (RequestFailedException e) {
            return e.type() + ": " + e.getMessage();
        }
    }

    private static Object expected(JsonValue.Obj answer) {
        if (answer.get("error") instanceof JsonValue.Obj error) {
            return text(error.get("type")) + ": " + text(error.get("message"));
        }
        JsonValue data = answer.get("data");
        return data == null ? JsonValue.Null.INSTANCE : data;
    }

    private static String text(@Nullable JsonValue value) {
        return value instanceof JsonValue.Str text ? text.value() : String.valueOf(value);
    }
}

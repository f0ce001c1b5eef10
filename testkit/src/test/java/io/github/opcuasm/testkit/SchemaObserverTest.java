package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchemaObserverTest {
    private final SchemaObserver observer = new SchemaObserver();
    private final ProbeObserver.Conversation conversation = observer.connected();

    @Test
    void isFoundByEveryProbeOfTheTests() {
        assertThat(ServiceLoader.load(ProbeObserver.class)).hasOnlyElementsOfType(SchemaObserver.class);
    }

    @Test
    void anAnswerIsJudgedByItsRequest() {
        send("{\"id\":1,\"command\":\"open\",\"endpointUrl\":\"opc.tcp://plc\",\"config\":{}}");
        send("{\"id\":2,\"command\":\"ping\"}");

        receive("{\"id\":2,\"success\":true,\"data\":{\"status\":\"ok\",\"sessions\":0,\"time\":1.5}}");
        assertThatThrownBy(() ->
                        receive("{\"id\":1,\"success\":true,\"data\":{\"status\":\"ok\",\"sessions\":0,\"time\":1.5}}"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("sessionId");
    }

    /** What the daemon must never write, each with one thing wrong. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            "i=2258" | {"value":1,"type":6,"dimensions":null,"statusCode":0,"sourceTimestamp":null}
            "i=2258" | {"value":"one","type":6,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            "i=2258" | {"value":256,"type":3,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            "i=2258" | {"value":null,"type":6,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            "i=2258" | {"value":"1","type":8,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            "i=2258" | {"value":1,"type":6,"dimensions":null,"statusCode":-1,"sourceTimestamp":null,"serverTimestamp":null}
            "i=2258" | {"value":1,"type":6,"dimensions":null,"statusCode":0,"sourceTimestamp":"2026-05-15T10:30:00.1234567+00:00","serverTimestamp":null}
            "i=2258" | {"value":{"ns":0,"id":"x","type":"numeric"},"type":17,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            7        | {"value":1,"type":6,"dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}
            """)
    void aWrongAnswerFailsTheTest(String nodeId, String data) {
        send("{\"command\":\"query\",\"sessionId\":\"a\",\"method\":\"read\",\"params\":[" + nodeId + "]}");

        assertThatThrownBy(() -> receive("{\"success\":true,\"data\":" + data + "}"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void protocol2WritesWhatProtocol1MustNot() {
        send("{\"id\":\"a\",\"command\":\"query\",\"sessionId\":\"a\",\"method\":\"read\",\"params\":[\"i=2258\"]}");

        assertThatCode(
                        () -> receive(
                                "{\"id\":\"a\",\"success\":true,\"data\":{\"value\":null,\"type\":6,\"dimensions\":null,"
                                        + "\"statusCode\":0,\"sourceTimestamp\":\"2026-05-15T10:30:00.1234567+00:00\",\"serverTimestamp\":null}}"))
                .doesNotThrowAnyException();
    }

    @Test
    void aFailureMayAnswerAnything() {
        send("{\"command\":\"query\",\"params\":7}");

        receive("{\"success\":false,\"error\":{\"type\":\"forbidden_method\",\"message\":\"Method not allowed: \"}}");
    }

    @Test
    void anErrorTypeThatIsNotDocumentedFailsTheTest() {
        send("{\"command\":\"ping\"}");

        assertThatThrownBy(() -> receive("{\"success\":false,\"error\":{\"type\":\"moon_phase\",\"message\":\"\"}}"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("moon_phase");
    }

    @Test
    void anEventThatIsNotDocumentedFailsTheTest() {
        receive("{\"id\":7,\"event\":{\"type\":\"KeepAlive\"}}");

        assertThatThrownBy(() -> receive("{\"id\":7,\"event\":{\"type\":\"Overflow\"}}"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void whatIsLargeIsCountedAndNotLookedInto() {
        receive("{\"success\":true,\"data\":\"" + "x".repeat(CheckedConversation.LARGEST) + "\"}");

        assertThat(observer.frames()).isEqualTo(1);
        assertThat(observer.skipped()).isEqualTo(1);
    }

    private void send(String request) {
        conversation.sent((request + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void receive(String line) {
        conversation.received(line);
    }
}

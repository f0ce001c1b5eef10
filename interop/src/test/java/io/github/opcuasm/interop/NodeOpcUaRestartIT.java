package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session id outlives its server; a write that could not be sent is never sent later. */
@RequiresNode
@Timeout(120)
class NodeOpcUaRestartIT {
    private static final String NODE = "ns=2;s=Scratch/Scalar/Int32";
    private static final String WRITES_SERVED = "ns=2;s=Served/Write";
    private static final int INITIAL = -123456;
    private static final String INT32 = "6";
    private static final Duration BACK_WITHIN = Duration.ofSeconds(5);
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(10);
    private static final Duration REQUEST_LIFETIME = Duration.ofSeconds(2);

    enum Ending {
        KILLED,
        STOPPED
    }

    @ParameterizedTest
    @EnumSource
    void theSameSessionIdWorksAgainAndTheFailedWriteNeverArrives(Ending ending, @TempDir Path directory)
            throws IOException, InterruptedException {
        try (var server = NodeServer.start(directory.resolve("pki"));
                var daemon = DaemonProcess.in(directory).start()) {
            var session = ScriptSession.open(JsonLines.to(daemon), server.url(), "{\"opcuaTimeout\":2.0}");
            assertThat(session.write(NODE, "41", INT32)).isZero();

            end(server, ending);
            await().atMost(NOTICED_WITHIN)
                    .until(() -> !"Connected"
                            .equals(session.query("getConnectionState", "[]").textValue()));
            JsonNode refused = session.answer("write", ScriptSession.writeParams(NODE, "42", INT32));

            assertThat(refused.get("success").booleanValue()).isFalse();
            assertThat(refused.get("error").get("type").textValue()).isEqualTo("ConnectionException");
            assertThat(refused.get("error").get("outcome").textValue()).isEqualTo("not_sent");

            server.restart();

            await().atMost(BACK_WITHIN).until(() -> succeeds(session.answer("read", "[\"" + NODE + "\"]")));
            assertThat(session.query("getConnectionState", "[]").textValue()).isEqualTo("Connected");
            await().during(REQUEST_LIFETIME)
                    .atMost(REQUEST_LIFETIME.plusSeconds(10))
                    .until(() -> session.read(WRITES_SERVED).get("value").longValue() == 0
                            && session.read(NODE).get("value").intValue() == INITIAL);
            assertThat(session.write(NODE, "43", INT32)).isZero();
            assertThat(session.read(NODE).get("value").intValue()).isEqualTo(43);
            assertThat(session.read(WRITES_SERVED).get("value").longValue()).isOne();
        }
    }

    private static void end(NodeServer server, Ending ending) throws InterruptedException {
        switch (ending) {
            case KILLED -> server.kill();
            case STOPPED -> server.stop();
        }
    }

    private static boolean succeeds(JsonNode answer) {
        return answer.get("success").booleanValue();
    }
}

package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file that node-opcua serves, the aggregates that it computes, and the services that it has not, by {@code query} of
 * protocol 2. Each test opens files of its own, so their order does not matter.
 */
@RequiresNode
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeOpcUaServicesIT {
    private static final String FILE = "\"nsu=urn:opcuasm:interop:services;s=Files/Data\"";
    private static final String HISTORY = "nsu=urn:opcuasm:interop:services;s=History/";
    private static final String RANGE = "\"2026-01-01T12:00:00Z\",\"2026-01-01T12:01:40Z\"";
    private static final int INITIAL_BYTES = 40 * 256;
    private static final int READ = 1;
    private static final int WRITE_ANEW = 2 + 4;
    private static final int APPEND = 2 + 8;
    private static final long BAD_INVALID_ARGUMENT = 0x80AB0000L;
    private static final long BAD_INVALID_STATE = 0x80AF0000L;
    private static final int SEVERITY = 30;

    private NodeServer server;
    private DaemonProcess daemon;
    private IpcProbe connection;
    private int requests;

    @BeforeAll
    void startBoth(@TempDir Path directory) throws IOException, InterruptedException {
        server = NodeServer.start(NodeServer.Script.SERVICES, directory.resolve("pki"));
        daemon = DaemonProcess.in(directory).start();
        connection = IpcProbe.connect(daemon.endpoint());
    }

    @AfterAll
    void stopBoth() throws IOException {
        if (connection != null) {
            connection.close();
        }
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aFileIsReadWrittenAndSoughtByteForByte() throws IOException {
        byte[] written = new byte[3 * INITIAL_BYTES];
        for (int i = 0; i < written.length; i++) {
            written[i] = (byte) (i * 31);
        }

        long writing = open(WRITE_ANEW);
        write(writing, Arrays.copyOf(written, INITIAL_BYTES));
        assertThat(position(writing)).isEqualTo(INITIAL_BYTES);
        close(writing);
        long appending = open(APPEND);
        assertThat(position(appending)).isEqualTo(INITIAL_BYTES);
        write(appending, Arrays.copyOfRange(written, INITIAL_BYTES, written.length));
        close(appending);

        long reading = open(READ);
        assertThat(readToTheEnd(reading, 7_001)).isEqualTo(written);
        ask("setFilePosition", FILE + "," + reading + ",12345");
        assertThat(read(reading, 16)).isEqualTo(Arrays.copyOfRange(written, 12_345, 12_361));
        assertThat(position(reading)).isEqualTo(12_361);
        close(reading);
    }

    @Test
    void whatTheServerRefusesNamesTheFileAndWhatWasAsked() throws IOException {
        long handle = open(APPEND);

        JsonNode unreadable = refused("readFile", FILE + "," + handle + ",1");
        close(handle);
        JsonNode closed = refused("closeFile", FILE + "," + handle);
        JsonNode noFile = refused("openFile", "\"" + HISTORY + "Boolean\",1");

        assertThat(unreadable.get("type").textValue()).isEqualTo("ServiceException");
        assertThat(unreadable.get("code").longValue()).isEqualTo(BAD_INVALID_STATE);
        assertThat(unreadable.get("message").textValue()).contains("readFile", "s=Files/Data", "Bad_InvalidState");
        assertThat(closed.get("code").longValue()).isEqualTo(BAD_INVALID_ARGUMENT);
        assertThat(closed.get("message").textValue()).contains("closeFile", "handle " + handle);
        assertThat(noFile.get("message").textValue()).contains("openFile", "s=History/Boolean");
    }

    /**
     * The same samples, two implementations: values, and whether they are good, uncertain or bad. Not compared is where
     * node-opcua departs from Part 13: PercentGood without good data, Average and Count of Historian3 (percent limits
     * below 100), and what is counted in intervals without samples, which it answers with Bad_NoData.
     */
    @ParameterizedTest
    @CsvSource({
        "Historian1, 16000, interpolate minimum maximum average count durationGood durationBad",
        "Historian2, 16000, interpolate minimum maximum average count durationGood durationBad percentGood",
        "Historian3, 16000, interpolate minimum maximum durationGood durationBad percentGood",
        "Historian1,  5000, interpolate minimum maximum average",
        "Historian2,  5000, interpolate minimum maximum average",
        "Historian3,  5000, interpolate minimum maximum average",
    })
    void serverAndDaemonFindTheSame(String historian, int interval, String functions) throws IOException {
        for (String function : functions.split(" ", -1)) {
            JsonNode byServer = aggregate(historian, interval, function, "server");
            JsonNode byDaemon = aggregate(historian, interval, function, "daemon");

            assertThat(byDaemon).as(function).hasSameSizeAs(byServer).hasSizeGreaterThan(6);
            for (int i = 0; i < byServer.size(); i++) {
                assertSame(byServer.get(i), byDaemon.get(i), function);
            }
        }
    }

    private static void assertSame(JsonNode expected, JsonNode actual, String function) {
        String place = function + ", " + expected;
        assertThat(actual.get("sourceTimestamp")).as(place).isEqualTo(expected.get("sourceTimestamp"));
        assertThat(actual.get("statusCode").longValue() >> SEVERITY)
                .as(place)
                .isEqualTo(expected.get("statusCode").longValue() >> SEVERITY);
        if (expected.get("value").isNull()) {
            assertThat(actual.get("value").isNull()).as(place).isTrue();
        } else {
            assertThat(actual.get("value").doubleValue())
                    .as(place)
                    .isCloseTo(expected.get("value").doubleValue(), within(0.0005));
        }
    }

    /** node-opcua has neither Total nor StandardDeviationSample. */
    @ParameterizedTest
    @ValueSource(strings = {"total", "standardDeviation"})
    void theDaemonComputesWhatTheServerHasNot(String function) throws IOException {
        String params = "\"" + HISTORY + "Historian2\"," + RANGE + ",16000,\"" + function + "\"";

        JsonNode computed = ask("historyAggregate", params);
        JsonNode refused = refused("historyAggregate", params + ",{\"calculatedBy\":\"server\"}");

        assertThat(computed).isEqualTo(aggregate("Historian2", 16_000, function, "daemon"));
        assertThat(refused.get("message").textValue()).contains("Bad_AggregateNotSupported");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    addNodes         | [{"parentNodeId":"i=85","referenceTypeId":"i=35","browseName":"1:New","nodeClass":1,"typeDefinition":"i=61"}]
                    deleteNodes      | [{"nodeId":"i=85"}]
                    addReferences    | [{"sourceNodeId":"i=85","referenceTypeId":"i=35","targetNodeId":"i=86","targetNodeClass":1}]
                    deleteReferences | [{"sourceNodeId":"i=85","referenceTypeId":"i=35","targetNodeId":"i=86"}]
                    historyInsertData | "nsu=urn:opcuasm:interop:services;s=History/Historian1",[{"value":1.0,"type":11,"sourceTimestamp":"2026-01-01T12:00:00Z"}]
                    historyDeleteAtTime | "nsu=urn:opcuasm:interop:services;s=History/Historian1",["2026-01-01T12:00:00Z"]
                    """)
    void aServiceThatTheServerHasNotIsUnsupported(String method, String params) throws IOException {
        JsonNode error = refused(method, params);

        assertThat(error.get("type").textValue()).isEqualTo("ServiceUnsupportedException");
        assertThat(error.get("message").textValue()).contains("Bad_ServiceUnsupported");
    }

    private JsonNode aggregate(String historian, int interval, String function, String calculatedBy)
            throws IOException {
        return ask(
                "historyAggregate",
                "\"%s\",%s,%d,\"%s\",{\"calculatedBy\":\"%s\"}"
                        .formatted(HISTORY + historian, RANGE, interval, function, calculatedBy));
    }

    private long open(int mode) throws IOException {
        return ask("openFile", FILE + "," + mode).longValue();
    }

    private void close(long handle) throws IOException {
        ask("closeFile", FILE + "," + handle);
    }

    private void write(long handle, byte[] bytes) throws IOException {
        ask("writeFile", FILE + "," + handle + ",\"" + Base64.getEncoder().encodeToString(bytes) + "\"");
    }

    private long position(long handle) throws IOException {
        return ask("getFilePosition", FILE + "," + handle).longValue();
    }

    private byte[] read(long handle, int length) throws IOException {
        return Base64.getDecoder()
                .decode(ask("readFile", FILE + "," + handle + "," + length).textValue());
    }

    private byte[] readToTheEnd(long handle, int length) throws IOException {
        var content = new ByteArrayOutputStream();
        for (byte[] part = read(handle, length); part.length > 0; part = read(handle, length)) {
            content.write(part);
        }
        return content.toByteArray();
    }

    /** @param params JSON, without the brackets around them */
    private JsonNode ask(String method, String params) throws IOException {
        JsonNode answer = answer(method, params);
        assertThat(answer.get("success").booleanValue()).as("%s", answer).isTrue();
        return answer.get("data");
    }

    private JsonNode refused(String method, String params) throws IOException {
        JsonNode answer = answer(method, params);
        assertThat(answer.get("success").booleanValue()).as("%s", answer).isFalse();
        return answer.get("error");
    }

    private JsonNode answer(String method, String params) throws IOException {
        connection.send("""
                {"id":%d,"command":"query","endpointUrl":"%s","method":"%s","params":[%s]}
                """.formatted(++requests, server.url(), method, params));
        return JsonLines.parse(Objects.requireNonNull(connection.readLine()));
    }
}

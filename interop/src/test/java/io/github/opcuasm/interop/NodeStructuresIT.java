package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.cli.CommandLineRun;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Structures of node-opcua's own types: its encoder against our decoder, and ours against its decoder, which tells what it
 * made of a value in the nodes below {@code Seen}. Each test puts back what it found.
 */
@RequiresNode
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeStructuresIT {
    private NodeServer server;
    private DaemonProcess daemon;
    private ScriptSession session;

    @BeforeAll
    void startBoth(@TempDir Path directory) throws IOException, InterruptedException {
        server = NodeServer.start(NodeServer.Script.STRUCTURES, directory.resolve("pki"));
        daemon = DaemonProcess.in(directory).start();
        session = ScriptSession.open(JsonLines.to(daemon), server.url(), "{\"opcuaTimeout\":20}");
    }

    @AfterAll
    void stopBoth() {
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Point         | {"X":1.5,"Y":-2.0}
            OptionalsNone | {"Id":5,"Active":true}
            OptionalsLast | {"Id":5,"Active":false,"Where":{"X":1.0,"Y":2.0}}
            OptionalsAll  | {"Id":5,"Name":"valve","Limit":9.5,"Active":true,"Where":{"X":1.0,"Y":2.0}}
            ChoiceNumber  | {"Number":-5}
            ChoiceText    | {"Text":"five"}
            ChoicePoint   | {"Point":{"X":3.0,"Y":4.0}}
            """)
    void readsTheFieldsOfAStructure(String name, String fields) throws IOException {
        JsonNode value = session.read(node(name)).get("value");

        assertThat(value.get("value")).isEqualTo(JsonLines.parse(fields));
        assertThat(value.get("encoding").intValue()).isEqualTo(1);
    }

    @Test
    void readsTypesOfAllKindsInOneStructure() throws IOException {
        JsonNode value = session.read(node("Machine")).get("value");

        assertThat(value.get("value")).isEqualTo(JsonLines.parse("""
                {"Mode":5,"Serial":18446744073709551615,"Speed":0.1,"Built":"2026-05-15T10:30:00.123000+00:00",\
                "Key":"AP8=","Title":{"locale":"de","text":"Säge"},"Center":{"X":1.0,"Y":2.0},\
                "Corners":[{"X":3.0,"Y":4.0},{"X":5.0,"Y":6.0}],"Tags":["a","","ü"]}"""));
    }

    @Test
    void readsAnArrayOfStructures() throws IOException {
        JsonNode value = session.read(node("PointArray")).get("value");

        assertThat(value.findValues("value"))
                .containsExactly(JsonLines.parse("{\"X\":0.0,\"Y\":1.0}"), JsonLines.parse("{\"X\":2.0,\"Y\":3.0}"));
    }

    /** What is read is written as it is, and node-opcua sees what it saw before. */
    @ParameterizedTest
    @CsvSource({
        "Point",
        "PointArray",
        "OptionalsNone",
        "OptionalsLast",
        "OptionalsAll",
        "ChoiceNumber",
        "ChoiceText",
        "ChoicePoint"
    })
    void whatWasReadIsWrittenBackUnchanged(String name) throws IOException {
        String seen = seen(name);
        JsonNode value = session.read(node(name)).get("value");

        assertThat(session.write(node(name), value.toString(), "null")).isZero();

        assertThat(seen(name)).isEqualTo(seen);
        assertThat(session.read(node(name)).get("value")).isEqualTo(value);
    }

    /** The order of the fields and which of them are there decide the bytes; node-opcua decodes them by its own code. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Point         | {"Y":0.5,"X":-1}                               | {"x":-1,"y":0.5}
            PointArray    | [{"X":7,"Y":8}]                                | [{"x":7,"y":8}]
            OptionalsNone | {"Id":1,"Active":false}                        | {"id":1,"active":false}
            OptionalsNone | {"Id":1,"Active":true,"Name":"n"}              | {"id":1,"name":"n","active":true}
            OptionalsNone | {"Id":1,"Active":true,"Limit":2.5}             | {"id":1,"limit":2.5,"active":true}
            OptionalsNone | {"Id":1,"Active":true,"Where":{"X":1,"Y":2}}   | {"id":1,"active":true,"where":{"x":1,"y":2}}
            OptionalsNone | {"Id":1,"Name":"n","Active":true,"Where":{"X":1,"Y":2}} \
            | {"id":1,"name":"n","active":true,"where":{"x":1,"y":2}}
            OptionalsNone | {"Id":1,"Name":"n","Limit":2.5,"Active":true,"Where":{"X":1,"Y":2}} \
            | {"id":1,"name":"n","limit":2.5,"active":true,"where":{"x":1,"y":2}}
            ChoiceNumber  | {"Text":"x"}                                   | {"switchField":2,"Text":"x"}
            ChoiceNumber  | {"Point":{"X":1,"Y":2}}                        | {"switchField":3,"Point":{"x":1,"y":2}}
            ChoiceNumber  | {"Number":7}                                   | {"switchField":1,"Number":7}
            Machine       | {"Mode":1,"Serial":"9223372036854775808","Speed":0.5,"Built":"2026-01-02T03:04:05.678+01:00",\
            "Key":"AQI=","Title":{"locale":"en","text":"saw"},"Center":{"X":0,"Y":0},"Corners":[],"Tags":["b"]} \
            | {"mode":1,"serial":[2147483648,0],"speed":0.5,"built":"2026-01-02T02:04:05.678Z","key":"AQI=",\
            "title":{"locale":"en","text":"saw"},"center":{"x":0,"y":0},"corners":[],"tags":["b"]}
            """)
    void fieldsArriveAsTheyWereMeant(String name, String fields, String expected) throws IOException {
        JsonNode before = session.read(node(name)).get("value");

        assertThat(session.write(node(name), fields, "null")).isZero();

        String seen = seen(name);
        assertThat(session.write(node(name), before.toString(), "null")).isZero();
        assertThat(JsonLines.parse(seen)).isEqualTo(JsonLines.parse(expected));
    }

    @Test
    void numberThatTheEnumerationDoesNotHaveIsNotSent() throws IOException {
        String seen = seen("Machine");
        String fields = session.read(node("Machine"))
                .get("value")
                .get("value")
                .toString()
                .replace("\"Mode\":5", "\"Mode\":2");

        JsonNode error = session.answer("write", ScriptSession.writeParams(node("Machine"), fields, "null"))
                .get("error");

        assertThat(error.get("type").textValue()).isEqualTo("WriteTypeMismatchException");
        assertThat(error.get("message").textValue()).startsWith("value.Mode: got 2");
        assertThat(error.get("outcome").textValue()).isEqualTo("not_sent");
        assertThat(seen("Machine")).isEqualTo(seen);
    }

    @Test
    void commandLineKnowsTheTypesByTheirDefinitions() {
        String url = server.url();
        String point = "nsu=urn:opcuasm:structures;s=Point";

        assertThat(command("types", url)).contains(":Point", "structure", "enumeration", "union");
        assertThat(command("types", url, "Point")).contains("X  Double", "Y  Double");
        assertThat(command("write", url, point, "{\"X\":2.5,\"Y\":-1}")).endsWith("  Good\n");
        assertThat(command("read", url, point)).contains("{\"X\":2.5,\"Y\":-1.0}");
        assertThat(command("write", url, point, "{\"X\":1.5,\"Y\":-2}")).endsWith("  Good\n");
    }

    private String command(String... arguments) {
        CommandLineRun run = CommandLineRun.of(daemon.endpoint().uri(), arguments);
        assertThat(run.code()).as(run.stderr()).isZero();
        return run.stdout();
    }

    private String seen(String name) throws IOException {
        return session.read(node("Seen/" + name)).get("value").textValue();
    }

    private static String node(String name) {
        return "nsu=urn:opcuasm:structures;s=" + name;
    }
}

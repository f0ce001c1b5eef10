package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What was read, written back as it was read, changes nothing: for every node of the simulator that can be written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class WriteBackTest {
    private static final int READ_WRITE = 3;
    private static final List<String> FOLDERS = List.of("Scalars", "Arrays", "Structures", "Types");

    /** A value that its own enumeration does not have, which only the server may have set. */
    private static final Set<String> REFUSED_WITHOUT_TYPE = Set.of("Types/EnumUnknown");

    private RunningDaemon daemon;
    private KeptConnection connection;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(UnaryOperator.identity());
        session = daemon.open("{'opcuaTimeout':20}");
        connection = daemon.connect();
    }

    @AfterAll
    void stop() throws Exception {
        connection.close();
        daemon.close();
    }

    @Test
    void byTheTypeOfTheVariable() throws Exception {
        for (String node : writable()) {
            Map<String, JsonValue> before = read(node);

            JsonValue.Obj answer =
                    connection.query(session, "write", "[\"ns=2;s=" + node + "\"," + given(before) + "]");

            if (REFUSED_WITHOUT_TYPE.contains(node)) {
                assertThat(answer.get("error")).as(node).isNotNull();
            } else {
                assertThat(answer.members().get("data"))
                        .as("%s %s", node, answer)
                        .hasToString("0");
            }
            assertThat(read(node)).as(node).isEqualTo(before);
        }
    }

    @Test
    void withTheTypeThatWasRead() throws Exception {
        for (String node : writable()) {
            Map<String, JsonValue> before = read(node);
            String params = "[\"ns=2;s=" + node + "\"," + given(before) + "," + before.get("type") + "]";

            assertThat(connection.data(session, "write", params)).as(node).hasToString("0");
            assertThat(read(node)).as(node).isEqualTo(before);
        }
    }

    @Test
    void manyAtOnce() throws Exception {
        List<String> nodes = new ArrayList<>(writable());
        nodes.removeAll(REFUSED_WITHOUT_TYPE);
        List<Map<String, JsonValue>> before = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (String node : nodes) {
            Map<String, JsonValue> value = read(node);
            before.add(value);
            if (!node.equals("Arrays/Large")) { // Too long for one frame with all the others.
                items.add("{\"nodeId\":\"ns=2;s=" + node + "\",\"value\":" + given(value) + "}");
            }
        }
        long requests = daemon.simulator.counters().received(Service.WRITE);

        JsonValue.Arr statuses =
                (JsonValue.Arr) connection.data(session, "writeMulti", "[[" + String.join(",", items) + "]]");

        assertThat(statuses.elements())
                .hasSize(items.size())
                .allSatisfy(each -> assertThat(each).hasToString("0"));
        assertThat(daemon.simulator.counters().received(Service.WRITE)).isEqualTo(requests + 1);
        for (int i = 0; i < nodes.size(); i++) {
            assertThat(read(nodes.get(i))).as(nodes.get(i)).isEqualTo(before.get(i));
        }
    }

    /** Every variable in the folders whose access level allows both. */
    private List<String> writable() throws IOException {
        List<String> found = new ArrayList<>();
        for (String folder : FOLDERS) {
            JsonValue.Arr children =
                    (JsonValue.Arr) connection.data(session, "browseAll", "[\"ns=2;s=" + folder + "\"]");
            int before = found.size();
            for (JsonValue child : children.elements()) {
                String path = RunningDaemon.text(
                        (JsonValue.Obj) Objects.requireNonNull(((JsonValue.Obj) child).get("nodeId")), "id");
                JsonValue.Obj access = (JsonValue.Obj) connection.data(session, "read", "[\"ns=2;s=" + path + "\",17]");
                if (access.get("value") instanceof JsonValue.Num level
                        && level.decimal().intValue() == READ_WRITE) {
                    found.add(path);
                }
            }
            assertThat(found.size() - before).as(folder).isGreaterThan(15);
        }
        return found;
    }

    /** Without the time of the server, which differs from read to read, and that of the write. */
    private Map<String, JsonValue> read(String node) throws IOException {
        JsonValue.Obj value = (JsonValue.Obj) connection.data(session, "read", "[\"ns=2;s=" + node + "\"]");
        Map<String, JsonValue> members = new LinkedHashMap<>(value.members());
        members.remove("serverTimestamp");
        members.remove("sourceTimestamp");
        return members;
    }

    /** A matrix takes its dimensions along; where elements may be objects with a value, as nested arrays. */
    private static String given(Map<String, JsonValue> read) {
        String value = ComparableJson.text(Objects.requireNonNull(read.get("value")));
        if (!(read.get("dimensions") instanceof JsonValue.Arr dimensions)) {
            return value;
        }
        if (!Objects.requireNonNull(read.get("type")).toString().equals("24")) {
            return "{\"value\":" + value + ",\"dimensions\":" + ComparableJson.text(dimensions) + "}";
        }
        List<JsonValue> rows = new ArrayList<>();
        List<JsonValue> elements = ((JsonValue.Arr) Objects.requireNonNull(read.get("value"))).elements();
        int columns = Integer.parseInt(dimensions.elements().get(1).toString());
        for (int from = 0; from < elements.size(); from += columns) {
            rows.add(new JsonValue.Arr(elements.subList(from, from + columns)));
        }
        return ComparableJson.text(new JsonValue.Arr(rows));
    }
}

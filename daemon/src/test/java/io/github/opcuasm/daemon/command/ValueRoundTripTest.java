package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Values of every type and shape, from fixed seeds, through the daemon to the server and back: what the server got is
 * what was meant, and query and invoke both answer the JSON that was sent.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class ValueRoundTripTest {
    private static final int EACH = 12;
    private static final int DEEP = 3;
    private static final String ANY = "Scalars/Variant";

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

    @ParameterizedTest
    @EnumSource(value = OpcUaDataType.class, mode = EnumSource.Mode.EXCLUDE, names = "DiagnosticInfo")
    void everyShapeWithItsTypeArrivesAndReadsBack(OpcUaDataType type) throws Exception {
        Random random = new Random(type.getTypeId());
        for (int i = 0; i < 2 * EACH; i++) {
            ValueSample sample = ValueSample.shaped(random, type, DEEP);

            Variant arrived = written(ANY, sample.json() + "," + type.getTypeId());

            assertThat(arrived).as(sample.json()).isEqualTo(sample.variant());
            assertReadsAs(ANY, sample);
        }
    }

    /** Flat with dimensions, as answers have it, where the value cannot be taken for one of the type. */
    @ParameterizedTest
    @EnumSource(
            value = OpcUaDataType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"DataValue", "Variant", "DiagnosticInfo"})
    void matrixArrivesFlatToo(OpcUaDataType type) throws Exception {
        Random random = new Random(100 + type.getTypeId());
        for (int[] dimensions : new int[][] {{2, 3}, {1, 1}, {2, 1, 3}}) {
            ValueSample sample = ValueSample.matrix(random, type, DEEP, dimensions);
            String flat = "{\"value\":" + sample.flat() + ",\"dimensions\":" + sample.dimensions() + "}";

            Variant arrived = written(ANY, flat + "," + type.getTypeId());

            assertThat(arrived).as(flat).isEqualTo(sample.variant());
            assertReadsAs(ANY, sample);
        }
    }

    /** The variable's own DataType and ValueRank say what the JSON is. */
    @ParameterizedTest
    @EnumSource(
            value = OpcUaDataType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ExtensionObject", "DataValue", "Variant", "DiagnosticInfo"})
    void scalarsAndArraysAreWrittenWithoutTheirType(OpcUaDataType type) throws Exception {
        Random random = new Random(200 + type.getTypeId());
        for (int i = 0; i < EACH; i++) {
            ValueSample scalar = ValueSample.scalar(random, type, DEEP);
            ValueSample array = ValueSample.array(random, type, i % 5, DEEP);

            if (!scalar.json().equals("null")) {
                assertThat(written("Scalars/" + type, scalar.json())).isEqualTo(scalar.variant());
                assertReadsAs("Scalars/" + type, scalar);
            }
            assertThat(written("Arrays/" + type, array.json())).isEqualTo(array.variant());
            assertReadsAs("Arrays/" + type, array);
        }
    }

    @Test
    void dataValuesAndVariantsAreWrittenWithoutTheirType() throws Exception {
        Random random = new Random(300);
        for (int i = 0; i < EACH; i++) {
            ValueSample dataValue = ValueSample.scalar(random, OpcUaDataType.DataValue, DEEP);
            ValueSample dataValues = ValueSample.array(random, OpcUaDataType.DataValue, 3, DEEP);

            assertThat(written("Types/DataValue", dataValue.json())).isEqualTo(dataValue.variant());
            assertReadsAs("Types/DataValue", dataValue);
            assertThat(written("Types/DataValueArray", dataValues.json())).isEqualTo(dataValues.variant());
            assertReadsAs("Types/DataValueArray", dataValues);
            for (String node : List.of("Arrays/Variant", "Types/VariantArray")) {
                ValueSample variants = ValueSample.array(random, OpcUaDataType.Variant, i % 4, DEEP);
                assertThat(written(node, variants.json())).isEqualTo(variants.variant());
                assertReadsAs(node, variants);
            }
            ValueSample matrix = ValueSample.matrix(random, OpcUaDataType.Variant, DEEP, 2, 1);
            assertThat(written("Types/VariantMatrix", matrix.json())).isEqualTo(matrix.variant());
            assertReadsAs("Types/VariantMatrix", matrix);
        }
    }

    /** A null array is no empty one; a null String no empty one. Milo's server keeps no type of a null. */
    @ParameterizedTest
    @EnumSource(value = OpcUaDataType.class, mode = EnumSource.Mode.EXCLUDE, names = "DiagnosticInfo")
    void emptyArrayStaysEmptyAndNullStaysNull(OpcUaDataType type) throws Exception {
        ValueSample empty = ValueSample.array(new Random(1), type, 0, 1);

        assertThat(written(ANY, "[]," + type.getTypeId())).isEqualTo(empty.variant());
        assertReadsAs(ANY, empty);
        if (type != OpcUaDataType.ExtensionObject && type != OpcUaDataType.DataValue) {
            assertThat(written("Arrays/Null", "null")).isEqualTo(Variant.NULL_VALUE);
            assertThat(read("Arrays/Null").members().get("value")).isEqualTo(JsonValue.Null.INSTANCE);
        }
    }

    /** What a method is given and gives: the same value, its type beside it on both ways. */
    @ParameterizedTest
    @EnumSource(value = OpcUaDataType.class, mode = EnumSource.Mode.EXCLUDE, names = "DiagnosticInfo")
    void argumentsArriveAndComeBack(OpcUaDataType type) throws Exception {
        NodeId echo = Simulator.node("Methods/Echo");
        Random random = new Random(400 + type.getTypeId());
        for (int i = 0; i < EACH; i++) {
            ValueSample sample = ValueSample.shaped(random, type, DEEP);
            String params = "[\"ns=2;s=Methods\",\"ns=2;s=Methods/Echo\",[" + sample.variantJson() + "]]";

            JsonValue.Obj queried = (JsonValue.Obj) connection.data(session, "call", params);
            JsonValue.Obj invoked = (JsonValue.Obj) connection.invoked(session, "call", params);

            assertThat(daemon.simulator.calls().of(echo))
                    .hasSizeGreaterThan(1)
                    .last()
                    .satisfies(call -> assertThat(call.arguments()).containsExactly(sample.variant()));
            String expected = "{\"statusCode\":0,\"inputArgumentResults\":[0],\"outputArguments\":["
                    + sample.variantJson() + "]}";
            assertThat(ComparableJson.of(queried)).as(params).isEqualTo(ComparableJson.of(expected));
            assertThat(ComparableJson.of(invoked)).as(params).isEqualTo(ComparableJson.withMicroseconds(expected));
        }
    }

    @Test
    void emptyTextIsNoAbsentOne() throws Exception {
        String texts =
                "[{\"locale\":\"de\",\"text\":\"\"},{\"locale\":\"\",\"text\":null},{\"locale\":null,\"text\":\"\"}]";

        assertThat(written("Arrays/LocalizedText", texts).getValue()).isEqualTo(new LocalizedText[] {
            new LocalizedText("de", ""), new LocalizedText("", null), new LocalizedText(null, "")
        });
    }

    private void assertReadsAs(String node, ValueSample sample) throws IOException {
        String nodeId = "[\"ns=2;s=" + node + "\"]";
        JsonValue.Obj queried = read(node);
        JsonValue.Obj invoked = (JsonValue.Obj) connection.invoked(session, "read", nodeId);

        assertThat(ComparableJson.of(member(queried, "value"))).as(node).isEqualTo(ComparableJson.of(sample.flat()));
        assertThat(ComparableJson.of(member(invoked, "value")))
                .as(node)
                .isEqualTo(ComparableJson.withMicroseconds(sample.flat()));
        for (JsonValue.Obj value : List.of(queried, invoked)) {
            assertThat(member(value, "type"))
                    .as("%s %s", node, sample.json())
                    .hasToString(String.valueOf(sample.type().getTypeId()));
            assertThat(member(value, "dimensions")).isEqualTo(ComparableJson.of(String.valueOf(sample.dimensions())));
            assertThat(member(value, "statusCode")).hasToString("0");
        }
    }

    private JsonValue.Obj read(String node) throws IOException {
        return (JsonValue.Obj) connection.data(session, "read", "[\"ns=2;s=" + node + "\"]");
    }

    /** Writes and returns what the server got. */
    private Variant written(String node, String params) throws IOException {
        NodeId nodeId = Simulator.node(node);
        long before = daemon.simulator.writeCount(nodeId);

        assertThat(connection.data(session, "write", "[\"ns=2;s=" + node + "\"," + params + "]"))
                .as("%s %s", node, params)
                .hasToString("0");

        assertThat(daemon.simulator.writeCount(nodeId)).isEqualTo(before + 1);
        List<Variant> writes = daemon.simulator.writes(nodeId);
        return writes.get(writes.size() - 1);
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return Objects.requireNonNull(object.members().get(name), name);
    }
}

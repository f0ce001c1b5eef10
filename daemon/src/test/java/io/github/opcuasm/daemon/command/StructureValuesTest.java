package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Structures with random fields, from fixed seeds, through the daemon to the server and back: the body that the server
 * got has the bytes that the specification asks for, and both query and invoke answer the fields that were written.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class StructureValuesTest {
    private static final int EACH = 8;

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

    static Stream<String> types() {
        return StructureSample.TYPES.stream();
    }

    static Stream<String> variables() {
        return types().filter(type -> !type.equals("Circle") && !type.equals("Rectangle"));
    }

    @ParameterizedTest
    @MethodSource("variables")
    void fieldsAloneBecomeTheBodyOfTheVariablesType(String type) throws Exception {
        Random random = new Random(type.hashCode());
        for (int i = 0; i < EACH; i++) {
            StructureSample sample = StructureSample.of(random, type);

            assertArrives("Structures/" + type, sample.json(), sample);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void fieldsWithTheirTypeAreWrittenAnywhere(String type) throws Exception {
        Random random = new Random(1 + type.hashCode());
        for (int i = 0; i < EACH; i++) {
            StructureSample sample = StructureSample.of(random, type);

            assertArrives("Scalars/Variant", sample.typedJson() + ",22", sample);
            assertArrives("Scalars/Variant", sample.wholeJson() + ",22", sample);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void everyCombinationOfOptionalFieldsKeepsItsMask(int present) throws Exception {
        Random random = new Random(present);
        for (int i = 0; i < EACH; i++) {
            StructureSample sample = StructureSample.optionals(random, present);

            assertArrives("Structures/Optionals", sample.json(), sample);
            assertThat(sample.body().bytesOrEmpty()[0]).isEqualTo((byte) present);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void everyFieldOfAUnionKeepsItsNumber(int selected) throws Exception {
        Random random = new Random(selected);
        for (int i = 0; i < EACH; i++) {
            StructureSample sample = StructureSample.choice(random, selected);

            assertArrives("Structures/Choice", sample.json(), sample);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Everything", "Mixed", "Optionals", "Choice", "Point", "Point3D", "Polygon", "Tree", "Drawing"})
    void arraysOfStructuresArriveInOrder(String type) throws Exception {
        Random random = new Random(2 + type.hashCode());
        for (int length = 0; length < 4; length++) {
            List<StructureSample> samples = Stream.generate(() -> StructureSample.of(random, type))
                    .limit(length)
                    .toList();

            ExtensionObject[] arrived = (ExtensionObject[]) written("Structures/" + type + "Array", joined(samples));

            assertThat(arrived).isEqualTo(objects(samples));
            assertReads("Structures/" + type + "Array", "[" + wholes(samples) + "]", "null");
        }
    }

    @Test
    void arrayMixesSubtypes() throws Exception {
        Random random = new Random(3);
        List<StructureSample> samples =
                List.of(StructureSample.of(random, "Circle"), StructureSample.of(random, "Rectangle"));
        String json = samples.stream().map(StructureSample::typedJson).collect(Collectors.joining(",", "[", "]"));

        ExtensionObject[] arrived = (ExtensionObject[]) written("Structures/ShapeArray", json);

        assertThat(arrived).isEqualTo(objects(samples));
        assertReads("Structures/ShapeArray", "[" + wholes(samples) + "]", "null");
    }

    @Test
    void matrixOfStructuresIsWrittenNestedAndFlat() throws Exception {
        Random random = new Random(4);
        List<StructureSample> samples = Stream.generate(() -> StructureSample.of(random, "Point"))
                .limit(4)
                .toList();
        String nested = "[" + joined(samples.subList(0, 2)) + "," + joined(samples.subList(2, 4)) + "]";
        String flat = "{\"value\":" + joined(samples) + ",\"dimensions\":[2,2]}";

        for (String json : List.of(nested, flat)) {
            Matrix arrived = (Matrix) written("Structures/PointMatrix", json);

            assertThat(arrived.getDimensions()).containsExactly(2, 2);
            assertThat((ExtensionObject[]) arrived.getElements()).isEqualTo(objects(samples));
            assertReads("Structures/PointMatrix", "[" + wholes(samples) + "]", "[2,2]");
        }
    }

    /** Structures in Variants in an array, in a DataValue, and as arguments. */
    @ParameterizedTest
    @MethodSource("types")
    void structuresInsideOtherValuesAreEncodedToo(String type) throws Exception {
        Random random = new Random(5 + type.hashCode());
        StructureSample sample = StructureSample.of(random, type);
        String read = "{\"type\":22,\"value\":" + sample.wholeJson() + ",\"dimensions\":null}";
        String typed = "{\"type\":22,\"value\":" + sample.typedJson() + "}";
        String params = "[\"ns=2;s=Methods\",\"ns=2;s=Methods/Echo\",[{\"type\":24,\"value\":[" + typed
                + ",{\"type\":6," + "\"value\":1}]}]]";
        String dataValue = "{\"type\":23,\"value\":{\"type\":22,\"value\":" + sample.typedJson() + "}}";

        JsonValue.Obj echoed = (JsonValue.Obj) connection.data(session, "call", params);
        JsonValue.Obj enveloped = (JsonValue.Obj)
                connection.data(session, "call", "[\"ns=2;s=Methods\",\"ns=2;s=Methods/Echo\",[" + dataValue + "]]");

        assertThat(ComparableJson.of(member(echoed, "outputArguments")))
                .isEqualTo(ComparableJson.of("[{\"type\":24,\"value\":[" + read
                        + ",{\"type\":6,\"value\":1,\"dimensions\":null}],\"dimensions\":null}]"));
        assertThat(ComparableJson.of(member(enveloped, "outputArguments")))
                .isEqualTo(ComparableJson.of("[{\"type\":23,\"value\":{\"value\":" + sample.wholeJson()
                        + ",\"type\":22,\"dimensions\":null,\"statusCode\":0,\"sourceTimestamp\":null,"
                        + "\"serverTimestamp\":null},\"dimensions\":null}]"));
    }

    private void assertArrives(String node, String params, StructureSample sample) throws IOException {
        ExtensionObject.Binary arrived = (ExtensionObject.Binary) written(node, params);

        assertThat(arrived.getEncodingOrTypeId()).isEqualTo(sample.encodingId());
        assertThat(arrived.getBody()).as(params).isEqualTo(sample.body());
        assertReads(node, sample.wholeJson(), "null");
    }

    private void assertReads(String node, String value, String dimensions) throws IOException {
        String nodeId = "[\"ns=2;s=" + node + "\"]";
        JsonValue.Obj queried = (JsonValue.Obj) connection.data(session, "read", nodeId);
        JsonValue.Obj invoked = (JsonValue.Obj) connection.invoked(session, "read", nodeId);

        assertThat(ComparableJson.of(member(queried, "value"))).as(value).isEqualTo(ComparableJson.of(value));
        assertThat(ComparableJson.of(member(invoked, "value")))
                .as(value)
                .isEqualTo(ComparableJson.withMicroseconds(value));
        for (JsonValue.Obj read : List.of(queried, invoked)) {
            assertThat(member(read, "dimensions")).isEqualTo(ComparableJson.of(dimensions));
            assertThat(member(read, "type")).hasToString("22");
        }
    }

    /** Writes and returns what the server got. */
    private Object written(String node, String params) throws IOException {
        NodeId nodeId = Simulator.node(node);
        long before = daemon.simulator.writeCount(nodeId);

        assertThat(connection.data(session, "write", "[\"ns=2;s=" + node + "\"," + params + "]"))
                .as("%s %s", node, params)
                .hasToString("0");

        assertThat(daemon.simulator.writeCount(nodeId)).isEqualTo(before + 1);
        var writes = daemon.simulator.writes(nodeId);
        return Objects.requireNonNull(writes.get(writes.size() - 1).getValue());
    }

    private static ExtensionObject[] objects(List<StructureSample> samples) {
        return IntStream.range(0, samples.size())
                .mapToObj(samples::get)
                .map(sample -> ExtensionObject.of(sample.body(), sample.encodingId()))
                .toArray(ExtensionObject[]::new);
    }

    private static String joined(List<StructureSample> samples) {
        return samples.stream().map(StructureSample::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static String wholes(List<StructureSample> samples) {
        return samples.stream().map(StructureSample::wholeJson).collect(Collectors.joining(","));
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return Objects.requireNonNull(object.members().get(name), name);
    }
}

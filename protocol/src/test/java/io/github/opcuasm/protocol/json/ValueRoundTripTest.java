package io.github.opcuasm.protocol.json;

import static io.github.opcuasm.protocol.json.RandomValues.expandedNodeId;
import static io.github.opcuasm.protocol.json.RandomValues.nodeId;
import static io.github.opcuasm.protocol.json.RandomValues.scalar;
import static io.github.opcuasm.protocol.json.RandomValues.statusCode;
import static io.github.opcuasm.protocol.json.RandomValues.text;
import static io.github.opcuasm.protocol.json.RandomValues.timestamp;
import static io.github.opcuasm.protocol.json.RandomValues.variant;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the codec writes it reads back, for every type and shape; the seeds are fixed. */
final class ValueRoundTripTest {
    private static final JsonStyle TEXT_INT64 = new JsonStyle(2, true);

    @ParameterizedTest
    @EnumSource(BuiltinType.class)
    void everyDataValueReadsBack(BuiltinType type) {
        Random random = new Random(type.id());
        for (int i = 0; i < 300; i++) {
            DataValue value =
                    new DataValue(variant(random, type, 2), statusCode(random), timestamp(random), timestamp(random));

            for (JsonStyle style : List.of(JsonStyle.PROTOCOL_2, TEXT_INT64)) {
                assertThat(readBack(value, style)).as("%s", value).isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BuiltinType.class)
    void protocolOneDiffersInNullArraysAndTheSeventhDigitOnly(BuiltinType type) {
        Random random = new Random(1000 + type.id());
        for (int i = 0; i < 100; i++) {
            DataValue value = DataValue.of(variant(random, type, 0));

            DataValue read = readBack(value, JsonStyle.PROTOCOL_1);

            if (value.variant().isNullArray()) {
                assertThat(read.variant()).isEqualTo(Variant.array(type, List.of()));
            } else if (type != BuiltinType.DATE_TIME && type != BuiltinType.DATA_VALUE && type != BuiltinType.VARIANT) {
                assertThat(read).isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BuiltinType.class,
            names = {
                "DIAGNOSTIC_INFO",
                "EXTENSION_OBJECT",
                "DATA_VALUE",
                "VARIANT",
                "STRING",
                "XML_ELEMENT",
                "LOCALIZED_TEXT",
                "QUALIFIED_NAME",
                "NODE_ID",
                "EXPANDED_NODE_ID"
            },
            mode = EnumSource.Mode.EXCLUDE)
    void whatWasReadCanBeWrittenBackAsAParameter(BuiltinType type) {
        Random random = new Random(2000 + type.id());
        for (int i = 0; i < 200; i++) {
            Variant scalar = Variant.scalar(type, scalar(random, type, 0));
            JsonValue json = json(out -> ValueWriter.value(out, scalar), JsonStyle.PROTOCOL_2);

            assertThat(ValueReader.readVariant(json, type, -1, "value")).isEqualTo(scalar);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BuiltinType.class,
            names = {"NODE_ID", "EXPANDED_NODE_ID"})
    void referencesReadBack(BuiltinType type) {
        Random random = new Random(type.id());
        for (int i = 0; i < 200; i++) {
            ReferenceDescription reference = new ReferenceDescription(
                    nodeId(random),
                    random.nextBoolean(),
                    expandedNodeId(random),
                    new QualifiedName(random.nextInt(65_536), text(random)),
                    new LocalizedText(null, text(random)),
                    1 << random.nextInt(8),
                    expandedNodeId(random));

            JsonValue json = json(out -> ValueWriter.referenceDescription(out, reference), JsonStyle.PROTOCOL_1);

            assertThat(ValueReader.readReferenceDescription(json)).isEqualTo(reference);
        }
    }

    private static DataValue readBack(DataValue value, JsonStyle style) {
        return ValueReader.readDataValue(json(out -> ValueWriter.dataValue(out, value), style));
    }

    private static JsonValue json(JsonBody body, JsonStyle style) {
        byte[] bytes = JsonEncoder.toBytes(body, style);
        return JsonReader.readValue(bytes, 0, bytes.length);
    }
}

package io.github.opcuasm.daemon.datatype;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueWriter;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Types and values made at random: value to bytes to value, value to JSON to value to the same bytes, and bytes that were
 * damaged, which must fail or give a value, but never harm. A failure names the seed.
 */
final class StructureRoundTripTest {
    private static final ServerTypes NOTHING_NESTED = ServerTypes.ofNamespaces(new NamespaceTable());
    private static final int ROUNDS = 150;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void valueSurvivesBytesAndJson(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            StructureShape shape = shape(random);
            StructureValue value = value(random, shape, 0);

            ByteString bytes = new StructureEncoder().encode(shape, value);
            StructureValue decoded = new StructureDecoder(bytes.toByteArray(), NOTHING_NESTED, 0).decode(shape);
            StructureValue read =
                    new RequestEncoder((id, missing) -> null, NOTHING_NESTED).structure(shape, json(decoded), "value");

            assertThat(DecodedValues.difference(decoded, value, "value"))
                    .as("seed %d, round %d", seed, round)
                    .isNull();
            assertThat(new StructureEncoder().encode(shape, read))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void damagedBytesNeverDoHarm(long seed) {
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            StructureShape shape = shape(random);
            byte[] bytes = new StructureEncoder()
                    .encode(shape, value(random, shape, 0))
                    .toByteArray();
            for (int damage = 0; damage < 10 && bytes.length > 0; damage++) {
                bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
                try {
                    json(new StructureDecoder(bytes, NOTHING_NESTED, 0).decode(shape));
                } catch (RuntimeException e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isPositive();
    }

    private static JsonValue json(StructureValue value) {
        ExtensionObject object = new ExtensionObject(NodeId.numeric(2, 1), 1, ByteString.copyOf(new byte[0]), value);
        byte[] utf8 = JsonEncoder.toBytes(out -> ValueWriter.extensionObject(out, object), JsonStyle.PROTOCOL_2);
        JsonValue.Obj written = (JsonValue.Obj) JsonReader.readValue(utf8, 0, utf8.length);
        return Objects.requireNonNull(written.get("value"));
    }

    private static StructureShape shape(Random random) {
        Shapes shapes = new Shapes();
        List<org.eclipse.milo.opcua.stack.core.types.builtin.NodeId> types = new ArrayList<>();
        for (BuiltinType type : BuiltinType.values()) {
            // Of a DiagnosticInfo nothing is kept; in Variants Milo drops the types of nulls and the texts that are
            // empty.
            if (type != BuiltinType.DIAGNOSTIC_INFO) {
                types.add(new org.eclipse.milo.opcua.stack.core.types.builtin.NodeId(0, type.id()));
            }
        }
        Layout[] layouts = {Layout.STRUCTURE, Layout.WITH_OPTIONAL_FIELDS, Layout.UNION};
        for (int i = 0; i < 4; i++) {
            DataTypeDescription.Field[] fields = new DataTypeDescription.Field[1 + random.nextInt(6)];
            Layout layout = layouts[random.nextInt(layouts.length)];
            for (int f = 0; f < fields.length; f++) {
                int rank = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : -1;
                boolean optional = layout == Layout.WITH_OPTIONAL_FIELDS && random.nextBoolean();
                fields[f] =
                        new DataTypeDescription.Field("F" + f, types.get(random.nextInt(types.size())), rank, optional);
            }
            shapes.structure("T" + i, layout, fields);
            types.add(Shapes.id("T" + i));
            types.add(Shapes.id("T" + i));
        }
        return shapes.shape("T3");
    }

    private static StructureValue value(Random random, StructureShape shape, int depth) {
        StructureValue.Builder value = shape.layout().builder();
        List<StructureShape.Field> fields = shape.fields();
        int chosen = random.nextInt(fields.size() + 1);
        for (int i = 0; i < fields.size(); i++) {
            boolean there = shape.kind() == StructureShape.Kind.UNION
                    ? i == chosen
                    : !fields.get(i).optional() || random.nextBoolean();
            if (there) {
                value.set(i, field(random, fields.get(i), depth));
            }
        }
        return value.build();
    }

    private static @Nullable Object field(Random random, StructureShape.Field field, int depth) {
        if (field.valueRank() < 1) {
            return one(random, field.type(), depth);
        }
        if (random.nextInt(5) == 0) {
            return null;
        }
        if (field.valueRank() == 1) {
            return elements(random, field.type(), random.nextInt(4), depth);
        }
        List<Integer> dimensions = new ArrayList<>();
        int product = 1;
        for (int i = 0; i < field.valueRank(); i++) {
            dimensions.add(random.nextInt(3));
            product *= dimensions.get(i);
        }
        BuiltinType type =
                field.type() instanceof StructureShape ? null : field.type().builtinType();
        return StructureValue.matrix(type, elements(random, field.type(), product, depth), dimensions);
    }

    private static List<?> elements(Random random, ValueType type, int count, int depth) {
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(one(random, type, depth));
        }
        return elements;
    }

    private static @Nullable Object one(Random random, ValueType type, int depth) {
        return type instanceof StructureShape shape
                ? value(random, shape, depth + 1)
                : scalar(random, type.builtinType());
    }

    private static @Nullable Object scalar(Random random, BuiltinType type) {
        return switch (type) {
            case BOOLEAN -> random.nextBoolean();
            case SBYTE -> (byte) random.nextInt();
            case BYTE -> (short) random.nextInt(256);
            case INT16 -> (short) random.nextInt();
            case UINT16 -> random.nextInt(65_536);
            case INT32 -> random.nextInt();
            case UINT32 -> random.nextInt() & 0xFFFF_FFFFL;
            case INT64 -> random.nextLong();
            case UINT64 -> new BigInteger(64, random);
            case FLOAT -> random.nextInt(4) == 0 ? Float.NEGATIVE_INFINITY : random.nextFloat();
            case DOUBLE -> random.nextInt(4) == 0 ? Double.NaN : random.nextGaussian() * 1e9;
            case STRING -> text(random);
            case DATE_TIME -> new DateTime(133_000_000_000_000_000L + random.nextInt());
            case GUID -> new UUID(random.nextLong(), random.nextLong());
            case BYTE_STRING -> random.nextInt(4) == 0 ? null : bytes(random);
            case XML_ELEMENT -> random.nextInt(4) == 0 ? null : new XmlElement("<a>" + random.nextInt() + "</a>");
            case NODE_ID -> NodeId.text(random.nextInt(9), "n" + random.nextInt());
            case EXPANDED_NODE_ID ->
                random.nextBoolean()
                        ? new ExpandedNodeId(NodeId.numeric(random.nextInt(300), random.nextInt(70_000)), null, 0)
                        : new ExpandedNodeId(NodeId.numeric(0, 7), "urn:elsewhere", random.nextInt(3));
            case STATUS_CODE -> new StatusCode(random.nextInt() & 0xFFFF_FFFFL);
            case QUALIFIED_NAME -> new QualifiedName(random.nextInt(9), "q" + random.nextInt());
            case LOCALIZED_TEXT -> new LocalizedText(text(random), text(random));
            case EXTENSION_OBJECT ->
                random.nextInt(4) == 0
                        ? new ExtensionObject(NodeId.numeric(3, 4), 0, null, null)
                        : new ExtensionObject(NodeId.numeric(3, 4), 1 + random.nextInt(2), xml(random), null);
            case DATA_VALUE ->
                new DataValue(
                        variant(random),
                        new StatusCode(random.nextBoolean() ? 0 : 0x8000_0000L),
                        random.nextBoolean() ? null : new DateTime(133_000_000_000_000_000L),
                        random.nextBoolean() ? null : new DateTime(133_000_000_000_000_001L));
            case VARIANT -> variant(random);
            case DIAGNOSTIC_INFO -> null;
        };
    }

    private static Variant variant(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Variant.NULL;
            case 1 -> Variant.scalar(BuiltinType.UINT32, random.nextInt() & 0xFFFF_FFFFL);
            case 2 -> Variant.array(BuiltinType.INT64, List.of(random.nextLong(), random.nextLong()));
            default -> Variant.matrix(BuiltinType.STRING, List.of("a", "b", "c", "d"), List.of(2, 2));
        };
    }

    private static @Nullable String text(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> "";
            default -> "t\u00e4\uD83D\uDE00" + random.nextInt();
        };
    }

    private static ByteString bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        return ByteString.copyOf(bytes);
    }

    private static ByteString xml(Random random) {
        return ByteString.copyOf(("<x>" + random.nextInt() + "</x>").getBytes(StandardCharsets.UTF_8));
    }
}

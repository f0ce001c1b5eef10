package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of every type and shape, for tests that go through many of them with fixed seeds. */
final class RandomValues {
    private RandomValues() {}

    static Variant variant(Random random, BuiltinType type, int depth) {
        return switch (random.nextInt(6)) {
            // Types whose scalars may be null share JSON's null with their null arrays.
            case 0 -> type.id() <= BuiltinType.DOUBLE.id() ? Variant.nullArray(type) : Variant.array(type, List.of());
            case 1 -> Variant.array(type, list(random, type, random.nextInt(5), depth));
            case 2 -> {
                int rows = random.nextInt(4);
                int columns = random.nextInt(4);
                yield Variant.matrix(type, list(random, type, rows * columns, depth), List.of(rows, columns));
            }
            default -> type == BuiltinType.VARIANT ? Variant.NULL : Variant.scalar(type, scalar(random, type, depth));
        };
    }

    static List<@Nullable Object> list(Random random, BuiltinType type, int size, int depth) {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(scalar(random, type, depth));
        }
        return list;
    }

    static @Nullable Object scalar(Random random, BuiltinType type, int depth) {
        return switch (type) {
            case BOOLEAN -> random.nextBoolean();
            case SBYTE -> (byte) whole(random, -128, 127);
            case BYTE -> (short) whole(random, 0, 255);
            case INT16 -> (short) whole(random, Short.MIN_VALUE, Short.MAX_VALUE);
            case UINT16 -> (int) whole(random, 0, 65_535);
            case INT32 -> (int) whole(random, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case UINT32 -> whole(random, 0, 0xFFFF_FFFFL);
            case INT64 -> pick(random, Long.MIN_VALUE, Long.MAX_VALUE, 0L, -1L, (1L << 53) + 1, random.nextLong());
            case UINT64 ->
                pick(
                        random,
                        BigInteger.ZERO,
                        BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE),
                        BigInteger.ONE.shiftLeft(63),
                        new BigInteger(64, random));
            case FLOAT ->
                pick(
                        random,
                        Float.NaN,
                        Float.NEGATIVE_INFINITY,
                        Float.POSITIVE_INFINITY,
                        -0f,
                        Float.MIN_VALUE,
                        Float.MAX_VALUE,
                        0.1f,
                        random.nextFloat());
            case DOUBLE ->
                pick(
                        random,
                        Double.NaN,
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        -0.0,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE,
                        3.0,
                        random.nextGaussian());
            case STRING -> random.nextInt(5) == 0 ? null : text(random);
            case DATE_TIME -> dateTime(random);
            case GUID -> new UUID(random.nextLong(), random.nextLong());
            case BYTE_STRING -> random.nextInt(5) == 0 ? null : bytes(random);
            case XML_ELEMENT -> random.nextInt(5) == 0 ? null : new XmlElement(text(random));
            case NODE_ID -> nodeId(random);
            case EXPANDED_NODE_ID -> expandedNodeId(random);
            case STATUS_CODE -> statusCode(random);
            case QUALIFIED_NAME -> new QualifiedName(random.nextInt(65_536), text(random));
            case LOCALIZED_TEXT ->
                new LocalizedText(random.nextBoolean() ? null : "de-AT", random.nextBoolean() ? null : text(random));
            case EXTENSION_OBJECT -> extensionObject(random);
            case DATA_VALUE ->
                new DataValue(
                        depth == 0 ? Variant.NULL : variant(random, anyType(random), depth - 1),
                        statusCode(random),
                        timestamp(random),
                        null);
            case VARIANT -> depth == 0 ? Variant.NULL : variant(random, anyType(random), depth - 1);
            case DIAGNOSTIC_INFO -> DiagnosticInfo.PRESENT;
        };
    }

    private static BuiltinType anyType(Random random) {
        return BuiltinType.of(1 + random.nextInt(25)).orElseThrow();
    }

    @SafeVarargs
    static <T> T pick(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }

    static long whole(Random random, long min, long max) {
        return switch (random.nextInt(4)) {
            case 0 -> min;
            case 1 -> max;
            default -> min + (long) (random.nextDouble() * (max - min));
        };
    }

    static String text(Random random) {
        return JsonEncoderTest.replaceLoneSurrogates(JsonEncoderTest.randomText(random, 12));
    }

    static ByteString bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(9)];
        random.nextBytes(bytes);
        return ByteString.copyOf(bytes);
    }

    static StatusCode statusCode(Random random) {
        return new StatusCode(pick(random, 0L, 0x80340000L, 0xFFFF_FFFFL, random.nextInt() & 0xFFFF_FFFFL));
    }

    static DateTime dateTime(Random random) {
        return pick(random, DateTime.NULL, DateTime.MAX, new DateTime(1), new DateTime((long)
                (random.nextDouble() * 2_650_467_743_990_000_000L)));
    }

    static @Nullable DateTime timestamp(Random random) {
        DateTime time = dateTime(random);
        return time.isNull() ? null : time;
    }

    static NodeId nodeId(Random random) {
        int namespace = pick(random, 0, 1, 65_535, random.nextInt(65_536));
        return switch (random.nextInt(4)) {
            case 0 -> NodeId.numeric(namespace, whole(random, 0, 0xFFFF_FFFFL));
            case 1 -> NodeId.text(namespace, text(random));
            case 2 -> NodeId.guid(namespace, new UUID(random.nextLong(), random.nextLong()));
            default -> NodeId.opaque(namespace, bytes(random));
        };
    }

    static ExpandedNodeId expandedNodeId(Random random) {
        NodeId nodeId = nodeId(random);
        return switch (random.nextInt(3)) {
            case 0 -> ExpandedNodeId.local(nodeId);
            case 1 -> new ExpandedNodeId(nodeId, null, 1);
            default ->
                new ExpandedNodeId(new NodeId(0, nodeId.identifier()), "urn:plant", whole(random, 0, 0xFFFF_FFFFL));
        };
    }

    static ExtensionObject extensionObject(Random random) {
        int encoding = random.nextInt(3);
        return new ExtensionObject(nodeId(random), encoding, encoding == 0 ? null : bytes(random), null);
    }
}

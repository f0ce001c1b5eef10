package io.github.opcuasm.daemon.command;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId.NamespaceReference;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId.ServerReference;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.jspecify.annotations.Nullable;

/**
 * One value twice: as the protocol's JSON, and as the server's stack has it. Both come from the same numbers and texts,
 * and neither from the code under test, so that an error cannot cancel itself on the way back.
 *
 * <p>The JSON is what an answer of protocol 2 has to be. Numbers with a fraction have so few digits that the shortest
 * decimal that reads back is the one they were made of.
 *
 * @param json of a matrix: nested arrays
 * @param flat as {@code json}, a matrix in one array
 * @param dimensions of a matrix; null for anything else
 * @param value null, a scalar, an array of the type's class, or a Matrix
 */
record ValueSample(
        OpcUaDataType type,
        String json,
        String flat,
        @Nullable String dimensions,
        @Nullable Object value) {
    private static final String TEXTS = "aZ09 \"\\/'<>&äß世\u0001\t\n\u007F\u2028\uFEFF\uFFFD";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'+00:00'").withZone(ZoneOffset.UTC);
    private static final long TICKS_TO_9999 = 2_650_467_743_990_000_000L;

    /** {@code {"type","value","dimensions"}}. */
    String variantJson() {
        return "{\"type\":" + type.getTypeId() + ",\"value\":" + flat + ",\"dimensions\":" + dimensions + "}";
    }

    Variant variant() {
        return value == null ? Variant.NULL_VALUE : new Variant(value);
    }

    /** @param depth how many values of values may be inside */
    static ValueSample scalar(Random random, OpcUaDataType type, int depth) {
        return switch (type) {
            case Boolean -> {
                boolean value = random.nextBoolean();
                yield of(type, String.valueOf(value), value);
            }
            case SByte -> {
                long value = whole(random, Byte.MIN_VALUE, Byte.MAX_VALUE);
                yield of(type, String.valueOf(value), (byte) value);
            }
            case Byte -> {
                long value = whole(random, 0, 255);
                yield of(type, String.valueOf(value), ubyte(value));
            }
            case Int16 -> {
                long value = whole(random, Short.MIN_VALUE, Short.MAX_VALUE);
                yield of(type, String.valueOf(value), (short) value);
            }
            case UInt16 -> {
                int value = (int) whole(random, 0, 65_535);
                yield of(type, String.valueOf(value), ushort(value));
            }
            case Int32 -> {
                long value = whole(random, Integer.MIN_VALUE, Integer.MAX_VALUE);
                yield of(type, String.valueOf(value), (int) value);
            }
            case UInt32 -> {
                long value = whole(random, 0, 0xFFFF_FFFFL);
                yield of(type, String.valueOf(value), uint(value));
            }
            case Int64 -> {
                long value = pick(random, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, 0L, random.nextLong());
                yield of(type, String.valueOf(value), value);
            }
            case UInt64 -> {
                long value = pick(random, -1L, Long.MIN_VALUE, 0L, random.nextLong());
                yield of(type, Long.toUnsignedString(value), ulong(value));
            }
            case Float -> float32(random);
            case Double -> float64(random);
            case String -> {
                String value = random.nextInt(5) == 0 ? null : text(random);
                yield of(type, quoted(value), value);
            }
            case DateTime -> dateTime(random);
            case Guid -> {
                UUID value = new UUID(random.nextLong(), random.nextLong());
                yield of(type, quoted(value.toString()), value);
            }
            case ByteString -> {
                byte[] value = random.nextInt(5) == 0 ? null : bytes(random);
                yield of(type, base64(value), value == null ? ByteString.NULL_VALUE : ByteString.of(value));
            }
            case XmlElement -> {
                String value = "<a>" + random.nextInt() + "ä</a>";
                yield of(type, quoted(value), XmlElement.of(value));
            }
            case NodeId -> nodeId(random);
            case ExpandedNodeId -> expandedNodeId(random);
            case StatusCode -> {
                long value = whole(random, 0, 0xFFFF_FFFFL);
                yield of(type, String.valueOf(value), new StatusCode(value));
            }
            case QualifiedName -> {
                int namespace = (int) whole(random, 0, 65_535);
                String value = "n" + text(random); // Empty stands for null.
                yield of(
                        type,
                        "{\"ns\":" + namespace + ",\"name\":" + quoted(value) + "}",
                        new QualifiedName(namespace, value));
            }
            case LocalizedText -> {
                String locale = random.nextBoolean() ? null : "de-AT";
                // The server's stack sends an empty one as null.
                String value = random.nextBoolean() ? null : "t" + text(random);
                yield of(
                        type,
                        "{\"locale\":" + quoted(locale) + ",\"text\":" + quoted(value) + "}",
                        new LocalizedText(locale, value));
            }
            case ExtensionObject -> extensionObject(random);
            case DataValue -> dataValue(random, depth);
            case Variant -> {
                ValueSample inner = any(random, depth - 1);
                yield of(type, inner.variantJson(), inner.variant());
            }
            case DiagnosticInfo -> throw new IllegalArgumentException("A DiagnosticInfo is never written");
        };
    }

    static ValueSample array(Random random, OpcUaDataType type, int length, int depth) {
        List<ValueSample> elements = elements(random, type, length, depth);
        String json = joined(elements.stream().map(ValueSample::json).toList());
        return new ValueSample(type, json, json, null, flatArray(type, elements));
    }

    static ValueSample matrix(Random random, OpcUaDataType type, int depth, int... lengths) {
        int size = 1;
        for (int length : lengths) {
            size *= length;
        }
        List<ValueSample> elements = elements(random, type, size, depth);
        List<String> level = elements.stream().map(ValueSample::json).toList();
        String flat = joined(level);
        for (int i = lengths.length - 1; i >= 0; i--) {
            List<String> rows = new ArrayList<>();
            for (int from = 0; from < level.size(); from += lengths[i]) {
                rows.add(joined(level.subList(from, from + lengths[i])));
            }
            level = rows;
        }
        String dimensions =
                joined(Arrays.stream(lengths).mapToObj(String::valueOf).toList());
        return new ValueSample(
                type, level.get(0), flat, dimensions, new Matrix(flatArray(type, elements), lengths, type));
    }

    /** Any type and shape that a Variant may have and that the server's stack can hold. */
    static ValueSample any(Random random, int depth) {
        if (depth <= 0) {
            return of(OpcUaDataType.Variant, "null", null);
        }
        OpcUaDataType[] types = OpcUaDataType.values();
        OpcUaDataType type = types[random.nextInt(types.length - 1)];
        return shaped(random, type, depth);
    }

    static ValueSample shaped(Random random, OpcUaDataType type, int depth) {
        return switch (random.nextInt(4)) {
            case 0 -> array(random, type, random.nextInt(4), depth);
            case 1 ->
                random.nextBoolean()
                        ? matrix(random, type, depth, 1 + random.nextInt(3), 1 + random.nextInt(3))
                        : matrix(random, type, depth, 2, 1 + random.nextInt(2), 2);
            default -> {
                // Part 6, 5.2.2.16: a Variant holds Variants only in arrays. A null has no type in the server's stack.
                ValueSample scalar =
                        type == OpcUaDataType.Variant ? array(random, type, 1, depth) : scalar(random, type, depth);
                boolean isNull = scalar.value == null || scalar.json.equals("null");
                yield isNull ? array(random, type, 2, depth) : scalar;
            }
        };
    }

    static String quoted(@Nullable String text) {
        return text == null
                ? "null"
                : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    static String base64(byte @Nullable [] bytes) {
        return bytes == null ? "null" : quoted(Base64.getEncoder().encodeToString(bytes));
    }

    private static ValueSample of(OpcUaDataType type, String json, @Nullable Object value) {
        return new ValueSample(type, json, json, null, value);
    }

    private static List<ValueSample> elements(Random random, OpcUaDataType type, int length, int depth) {
        return Stream.generate(() -> scalar(random, type, depth)).limit(length).toList();
    }

    private static Object flatArray(OpcUaDataType type, List<ValueSample> elements) {
        Object array = Array.newInstance(type.getBackingClass(), elements.size());
        for (int i = 0; i < elements.size(); i++) {
            Array.set(array, i, elements.get(i).value);
        }
        return array;
    }

    private static String joined(List<String> elements) {
        return elements.stream().collect(Collectors.joining(",", "[", "]"));
    }

    private static ValueSample float32(Random random) {
        String decimal = pick(
                random,
                "\"NaN\"",
                "\"Infinity\"",
                "\"-Infinity\"",
                "-0.0",
                "1.4E-45",
                "3.4028235E38",
                BigDecimal.valueOf(random.nextInt(2_000_000) - 1_000_000, 3).toString());
        return of(OpcUaDataType.Float, decimal, Float.parseFloat(decimal.replace("\"", "")));
    }

    private static ValueSample float64(Random random) {
        String decimal = pick(
                random,
                "\"NaN\"",
                "\"Infinity\"",
                "\"-Infinity\"",
                "-0.0",
                "4.9E-324",
                "1.7976931348623157E308",
                BigDecimal.valueOf(random.nextLong() % 1_000_000_000_000_000L, random.nextInt(1, 20))
                        .toString());
        return of(OpcUaDataType.Double, decimal, Double.parseDouble(decimal.replace("\"", "")));
    }

    private static ValueSample dateTime(Random random) {
        if (random.nextInt(5) == 0) {
            return of(OpcUaDataType.DateTime, "null", DateTime.NULL_VALUE);
        }
        long ticks = 1 + (long) (random.nextDouble() * TICKS_TO_9999);
        return of(OpcUaDataType.DateTime, quoted(time(ticks)), new DateTime(ticks));
    }

    /** @param ticks 100 ns since 1601 */
    private static String time(long ticks) {
        return TIME.format(OffsetDateTime.of(1601, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC)
                .plusSeconds(ticks / 10_000_000)
                .plusNanos(ticks % 10_000_000 * 100));
    }

    private static ValueSample nodeId(Random random) {
        int namespace = pick(random, 0, 1, 2, 65_535);
        String start = "{\"ns\":" + namespace + ",\"id\":";
        return switch (random.nextInt(4)) {
            case 0 -> {
                long id = whole(random, 0, 0xFFFF_FFFFL);
                yield of(
                        OpcUaDataType.NodeId,
                        start + id + ",\"type\":\"numeric\"}",
                        new NodeId(ushort(namespace), uint(id)));
            }
            case 1 -> {
                String id = text(random);
                yield of(
                        OpcUaDataType.NodeId,
                        start + quoted(id) + ",\"type\":\"string\"}",
                        new NodeId(ushort(namespace), id));
            }
            case 2 -> {
                UUID id = new UUID(random.nextLong(), random.nextLong());
                yield of(
                        OpcUaDataType.NodeId,
                        start + quoted(id.toString()) + ",\"type\":\"guid\"}",
                        new NodeId(ushort(namespace), id));
            }
            default -> {
                byte[] id = bytes(random);
                yield of(
                        OpcUaDataType.NodeId,
                        start + quoted(HexFormat.of().formatHex(id)) + ",\"type\":\"opaque\"}",
                        new NodeId(ushort(namespace), ByteString.of(id)));
            }
        };
    }

    private static ValueSample expandedNodeId(Random random) {
        ValueSample local = nodeId(random);
        NodeId nodeId = (NodeId) Objects.requireNonNull(local.value);
        if (random.nextBoolean()) {
            return of(OpcUaDataType.ExpandedNodeId, local.json, nodeId.expanded());
        }
        long server = whole(random, 0, 0xFFFF_FFFFL);
        return of(
                OpcUaDataType.ExpandedNodeId,
                local.json.replaceFirst("\"ns\":[0-9]+", "\"ns\":0").replaceFirst("}$", "")
                        + ",\"nsu\":\"urn:elsewhere\",\"serverIndex\":" + server + "}",
                new ExpandedNodeId(
                        ServerReference.of(server), NamespaceReference.of("urn:elsewhere"), nodeId.getIdentifier()));
    }

    private static ValueSample extensionObject(Random random) {
        NodeId typeId = new NodeId(2, "Nobody knows");
        String id = "{\"typeId\":{\"ns\":2,\"id\":\"Nobody knows\",\"type\":\"string\"},\"encoding\":";
        byte[] body = bytes(random);
        if (random.nextBoolean()) {
            return of(
                    OpcUaDataType.ExtensionObject,
                    id + "1,\"body\":" + base64(body) + ",\"value\":null}",
                    ExtensionObject.of(ByteString.of(body), typeId));
        }
        String xml = "<ä>" + HexFormat.of().formatHex(body) + "</ä>";
        return of(
                OpcUaDataType.ExtensionObject,
                id + "2,\"body\":" + base64(xml.getBytes(StandardCharsets.UTF_8)) + ",\"value\":null}",
                ExtensionObject.of(XmlElement.of(xml), typeId));
    }

    /** The server's stack has the null DateTime for a time that is absent. */
    private static ValueSample dataValue(Random random, int depth) {
        ValueSample inner = any(random, depth - 1);
        ValueSample status = scalar(random, OpcUaDataType.StatusCode, 0);
        ValueSample source = dateTime(random);
        ValueSample server = dateTime(random);
        String type = inner.value == null ? "null" : String.valueOf(inner.type.getTypeId());
        return of(
                OpcUaDataType.DataValue,
                "{\"value\":" + inner.flat + ",\"type\":" + type + ",\"dimensions\":" + inner.dimensions
                        + ",\"statusCode\":" + status.json + ",\"sourceTimestamp\":" + source.json
                        + ",\"serverTimestamp\":" + server.json + "}",
                new DataValue(
                        inner.variant(),
                        (StatusCode) Objects.requireNonNull(status.value),
                        (DateTime) source.value,
                        (DateTime) server.value));
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(9); i > 0; i--) {
            if (random.nextInt(8) == 0) {
                text.append("🚰");
            } else {
                text.append(TEXTS.charAt(random.nextInt(TEXTS.length())));
            }
        }
        return text.toString();
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(9)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long whole(Random random, long min, long max) {
        return switch (random.nextInt(4)) {
            case 0 -> min;
            case 1 -> max;
            default -> random.nextLong(min, max + 1);
        };
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }
}

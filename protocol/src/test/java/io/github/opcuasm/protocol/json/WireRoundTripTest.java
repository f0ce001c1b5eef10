package io.github.opcuasm.protocol.json;

import static io.github.opcuasm.protocol.json.RandomValues.expandedNodeId;
import static io.github.opcuasm.protocol.json.RandomValues.nodeId;
import static io.github.opcuasm.protocol.json.RandomValues.scalar;
import static io.github.opcuasm.protocol.json.RandomValues.statusCode;
import static io.github.opcuasm.protocol.json.RandomValues.text;
import static io.github.opcuasm.protocol.json.RandomValues.timestamp;
import static io.github.opcuasm.protocol.json.RandomValues.variant;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Typed values read back into the plain shapes of the same values; the seeds are fixed. */
final class WireRoundTripTest {
    private static final JsonStyle TEXT_INT64 = new JsonStyle(1, true);

    @ParameterizedTest
    @EnumSource(BuiltinType.class)
    void everyValueReadsBackAsItsPlainShape(BuiltinType type) {
        Random random = new Random(type.id());
        for (int i = 0; i < 300; i++) {
            DataValue value =
                    new DataValue(variant(random, type, 3), statusCode(random), timestamp(random), timestamp(random));

            for (JsonStyle style : List.of(JsonStyle.PROTOCOL_1, TEXT_INT64)) {
                assertThat(readBack(value, style)).as("%s", value).isEqualTo(plain(value, style));
                assertThat(readBack(value.variant(), style)).isEqualTo(plain(value.variant(), style));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BuiltinType.class,
            names = {"DATE_TIME", "DATA_VALUE", "VARIANT"},
            mode = EnumSource.Mode.EXCLUDE)
    void protocolTwoDiffersInNothingButTheSeventhDigitOfTimes(BuiltinType type) {
        Random random = new Random(1000 + type.id());
        for (int i = 0; i < 100; i++) {
            DataValue value = DataValue.of(variant(random, type, 0));

            assertThat(readBack(value, JsonStyle.PROTOCOL_2)).isEqualTo(plain(value, JsonStyle.PROTOCOL_2));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BuiltinType.class,
            names = {"DIAGNOSTIC_INFO", "DATA_VALUE", "VARIANT"},
            mode = EnumSource.Mode.EXCLUDE)
    void typedVariantIsTakenAsAParameter(BuiltinType type) {
        Random random = new Random(2000 + type.id());
        for (int i = 0; i < 200; i++) {
            Object scalar = scalar(random, type, 0);
            if (hasNamespaceUri(scalar) || scalar == null || isFinerThanMicroseconds(scalar)) {
                continue;
            }
            Variant variant = random.nextBoolean()
                    ? Variant.scalar(type, scalar)
                    : Variant.matrix(type, List.of(scalar, scalar), List.of(1, 2));

            JsonValue read = readBack(variant, JsonStyle.PROTOCOL_1);

            assertThat(ValueReader.readTypedVariant(read, "value")).isEqualTo(variant);
        }
    }

    @Test
    void everyResultReadsBackAsItsPlainShape() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            for (Object result : results(random)) {
                assertThat(readBack(result, JsonStyle.PROTOCOL_1))
                        .as("%s", result)
                        .isEqualTo(plain(result, JsonStyle.PROTOCOL_1));
            }
        }
    }

    /** What only {@code query} tells stays out: the reference's {@code invoke} has no place for it. */
    @Test
    void messageOfAPublishReadsBackAsItsPlainShapeWithoutOurOwnMembers() {
        Random random = new Random(8);
        for (int i = 0; i < 50; i++) {
            PublishResult message = new PublishResult(
                    1,
                    2,
                    random.nextBoolean(),
                    some(random, () -> notification(random)),
                    List.of(3L, 4L),
                    5,
                    6,
                    new PublishResult.Gap(timestamp(random), null, "lost"));
            Map<String, JsonValue> members =
                    new LinkedHashMap<>(((JsonValue.Obj) plain(message, JsonStyle.PROTOCOL_1)).members());

            assertThat(members.keySet()).contains("epoch", "dropped", "gap");
            members.keySet().removeAll(List.of("epoch", "dropped", "gap"));
            assertThat(readBack(message, JsonStyle.PROTOCOL_1)).isEqualTo(new JsonValue.Obj(members));
        }
    }

    private static List<Object> results(Random random) {
        return Arrays.asList(
                reference(random),
                new BrowseResultSet(some(random, () -> reference(random)), random.nextBoolean() ? null : "cp-0af3=/+"),
                browseNode(random, 3),
                new BrowsePathResult(
                        statusCode(random),
                        some(random, () -> new BrowsePathTarget(expandedNodeId(random), 0xFFFF_FFFFL))),
                new CallResult(
                        statusCode(random),
                        some(random, () -> statusCode(random)),
                        some(random, () -> anyVariant(random))),
                new EndpointDescription(
                        textOrNull(random),
                        random.nextBoolean() ? null : ByteString.copyOf(new byte[] {1, -1}),
                        3,
                        textOrNull(random),
                        255,
                        textOrNull(random),
                        some(
                                random,
                                () -> new UserTokenPolicy(
                                        textOrNull(random), 1, textOrNull(random), textOrNull(random), null))),
                new SubscriptionResult(0xFFFF_FFFFL, random.nextDouble(), 2400, 10),
                new MonitoredItemResult(statusCode(random), 5, Double.POSITIVE_INFINITY, 1),
                new MonitoredItemModifyResult(statusCode(random), 250, 0xFFFF_FFFFL),
                new SetTriggeringResult(some(random, () -> statusCode(random)), some(random, () -> statusCode(random))),
                new RepublishResult(2, timestamp(random), some(random, () -> notification(random))),
                new TransferResult(statusCode(random), List.of(1L, 0xFFFF_FFFFL)),
                notification(random),
                nodeId(random),
                statusCode(random),
                ConnectionState.BROKEN.wireName(),
                true,
                7,
                Long.MIN_VALUE,
                0.5,
                some(random, () -> DataValue.of(anyVariant(random))),
                List.of());
    }

    private static ReferenceDescription reference(Random random) {
        return new ReferenceDescription(
                nodeId(random),
                random.nextBoolean(),
                expandedNodeId(random),
                new QualifiedName(random.nextInt(65_536), text(random)),
                new LocalizedText(textOrNull(random), textOrNull(random)),
                1 << random.nextInt(8),
                expandedNodeId(random));
    }

    private static BrowseNode browseNode(Random random, int depth) {
        return new BrowseNode(
                reference(random), depth == 0 ? List.of() : some(random, () -> browseNode(random, depth - 1)));
    }

    private static Notification notification(Random random) {
        return random.nextBoolean()
                ? new Notification.DataChange(
                        0xFFFF_FFFFL,
                        new DataValue(anyVariant(random), statusCode(random), timestamp(random), timestamp(random)))
                : new Notification.Event(0, some(random, () -> anyVariant(random)));
    }

    private static Variant anyVariant(Random random) {
        return variant(random, BuiltinType.of(1 + random.nextInt(25)).orElseThrow(), 2);
    }

    private static <T> List<T> some(Random random, Supplier<T> element) {
        List<T> list = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            list.add(element.get());
        }
        return list;
    }

    private static @Nullable String textOrNull(Random random) {
        return random.nextInt(4) == 0 ? null : text(random);
    }

    /** Parameters name nodes of the server itself. */
    private static boolean hasNamespaceUri(@Nullable Object value) {
        return value instanceof io.github.opcuasm.protocol.type.ExpandedNodeId nodeId && !nodeId.isLocal();
    }

    private static boolean isFinerThanMicroseconds(Object value) {
        return value instanceof DateTime time && (time.ticks() % 10 != 0 || time.equals(DateTime.MAX));
    }

    private static JsonValue readBack(@Nullable Object result, JsonStyle style) {
        return WireReader.read(json(out -> WireWriter.write(out, result), style), "result");
    }

    private static JsonValue plain(@Nullable Object result, JsonStyle style) {
        return json(out -> ResultWriter.write(out, result), style);
    }

    private static JsonValue json(JsonBody body, JsonStyle style) {
        byte[] bytes = JsonEncoder.toBytes(body, style);
        return JsonReader.readValue(bytes, 0, bytes.length);
    }
}

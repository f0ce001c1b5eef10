package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.Variant;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link EventWriter} writes, {@link EventReader} reads; protocol, section 7. */
class EventRoundTripTest {
    private static final DateTime TIME = DateTime.of(Instant.parse("2026-11-23T11:59:58.1234567Z"));

    static Stream<StreamEvent> events() {
        return Stream.of(
                new StreamEvent.Overflow(17),
                new StreamEvent.Gap(TIME, null, "the server forgot the subscription"),
                new StreamEvent.State("Interrupted", "the connection broke"),
                new StreamEvent.State("Live", null),
                new StreamEvent.KeepAlive(),
                new StreamEvent.End(null),
                new StreamEvent.End(new StreamEvent.StreamError("shutting_down", "The daemon is shutting down", null)),
                new StreamEvent.End(
                        new StreamEvent.StreamError("ServiceException", "gone", new StatusCode(0x80280000L))),
                new StreamEvent.Notifications(3, 0xFFFF_FFFFL, 2, null, List.of()));
    }

    @ParameterizedTest
    @MethodSource("events")
    void anEventReadsBackAsItWasWritten(StreamEvent event) {
        assertThat(read(frame(event))).isEqualTo(event);
    }

    static Stream<Variant> ends() {
        return Stream.of(
                Variant.NULL,
                Variant.scalar(BuiltinType.BOOLEAN, true),
                Variant.scalar(BuiltinType.SBYTE, (byte) -128),
                Variant.scalar(BuiltinType.INT32, Integer.MIN_VALUE),
                Variant.scalar(BuiltinType.UINT32, 0xFFFF_FFFFL),
                Variant.scalar(BuiltinType.INT64, Long.MIN_VALUE),
                Variant.scalar(BuiltinType.INT64, Long.MAX_VALUE),
                Variant.scalar(BuiltinType.INT64, 999_999_999_999_999_999L),
                Variant.scalar(
                        BuiltinType.UINT64, java.math.BigInteger.TWO.pow(64).subtract(java.math.BigInteger.ONE)),
                Variant.scalar(BuiltinType.FLOAT, Float.MAX_VALUE),
                Variant.scalar(BuiltinType.FLOAT, 0.1f),
                Variant.scalar(BuiltinType.FLOAT, Float.NaN),
                Variant.scalar(BuiltinType.DOUBLE, -0.0),
                Variant.scalar(BuiltinType.DOUBLE, Double.MIN_VALUE),
                Variant.scalar(BuiltinType.DOUBLE, Double.NEGATIVE_INFINITY),
                Variant.scalar(BuiltinType.STRING, null),
                Variant.scalar(BuiltinType.STRING, "π \"quoted\"\n"),
                Variant.scalar(BuiltinType.DATE_TIME, TIME),
                Variant.nullArray(BuiltinType.DOUBLE),
                Variant.array(BuiltinType.DOUBLE, List.of(1.0, 2.5)),
                Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3, 4, 5, 6), List.of(2, 3)));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void aValueReadsBackAsItWasWritten(Variant value) {
        StreamEvent.Notifications message = message(List.of(
                new Notification.DataChange(7, new DataValue(value, new StatusCode(0x80340000L), TIME, null)),
                new Notification.Event(8, List.of(value, Variant.NULL))));

        assertThat(read(frame(message))).isEqualTo(message);
    }

    @Test
    void randomValuesReadBackAsTheGeneralReaderReadsThem() {
        Random random = new Random(20261123);
        for (int i = 0; i < 500; i++) {
            DataValue value = new DataValue(
                    RandomValues.variant(
                            random, BuiltinType.of(1 + random.nextInt(23)).orElseThrow(), 2),
                    StatusCode.GOOD,
                    TIME,
                    TIME);
            byte[] json = JsonEncoder.toBytes(out -> ValueWriter.dataValue(out, value), JsonStyle.PROTOCOL_2);
            DataValue expected = ValueReader.readDataValue(JsonReader.readValue(json, 0, json.length));

            StreamEvent.Notifications message = message(List.of(new Notification.DataChange(1, value)));
            StreamEvent read = read(frame(message));

            assertThat(read).isEqualTo(message(List.of(new Notification.DataChange(1, expected))));
        }
    }

    /** A newer daemon may add members, and the order of members means nothing. */
    @Test
    void membersMayComeInAnyOrderAndUnknownOnesAreSkipped() {
        StreamEvent event =
                read("{\"more\":{\"a\":[1]},\"event\":{\"notifications\":[{\"x\":1,\"dataValue\":{\"type\":6,"
                        + "\"new\":[{}],\"serverTimestamp\":null,\"dimensions\":null,\"value\":5,\"statusCode\":0},"
                        + "\"clientHandle\":1,\"type\":\"DataChange\"}],\"epoch\":0,\"sequenceNumber\":1,\"subscriptionId\":2,"
                        + "\"type\":\"Notifications\"},\"id\":1}");

        assertThat(event)
                .isEqualTo(new StreamEvent.Notifications(
                        2,
                        1,
                        0,
                        null,
                        List.of(new Notification.DataChange(1, DataValue.of(Variant.scalar(BuiltinType.INT32, 5))))));
    }

    @Test
    void anEventOfALaterVersionIsASignOfLife() {
        StreamEvent event = read("{\"id\":1,\"event\":{\"type\":\"Eclipse\",\"of\":[\"sun\"]}}");

        assertThat(event).isEqualTo(new StreamEvent.KeepAlive());
    }

    @Test
    void anAnswerIsNoEvent() {
        byte[] frame = "{\"id\":1,\"success\":true,\"data\":null}".getBytes(StandardCharsets.UTF_8);

        assertThat(new EventReader().read(frame, 0, frame.length)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":1}",
                "[]",
                "{\"id\":1,\"event\":7}",
                "{\"id\":1,\"event\":{}}",
                "{\"id\":1,\"event\":{\"type\":\"Overflow\",\"dropped\":\"many\"}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"notifications\":[{\"dataValue\":{\"type\":6,\"value\":2147483648}}]}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"notifications\":[{\"dataValue\":{\"type\":99,\"value\":1}}]}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"notifications\":[{\"dataValue\":{\"statusCode\":-1}}]}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"publishTime\":\"yesterday\"}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"notifications\":[1]}}",
                "{\"id\":1,\"event\":{\"type\":\"Notifications\",\"notifications\":[{}]}}",
                "{\"id\":1,\"event\":{\"type\":\"KeepAlive\"",
                "not json"
            })
    void whatIsNoEventIsRefused(String frame) {
        assertThatThrownBy(() -> read(frame))
                .isInstanceOfSatisfying(
                        CommandException.class,
                        e -> assertThat(e.type()).isIn(ErrorType.ENCODING, ErrorType.INVALID_JSON));
    }

    /** The fast way of reading timestamps takes what the slow one takes. */
    @ParameterizedTest
    @CsvSource({
        "2026-02-28T23:59:59.999999+00:00, 2026-02-28T23:59:59.999999Z",
        "2024-02-29T00:00:00.0000001+00:00, 2024-02-29T00:00:00.000000100Z",
        "2026-12-31T12:00:00.1+00:00, 2026-12-31T12:00:00.100Z",
        "1602-01-01T00:00:00.000000+00:00, 1602-01-01T00:00:00Z",
        "9998-12-31T00:00:00.000000+00:00, 9998-12-31T00:00:00Z",
        "2026-05-15T10:30:00.123456+02:00, 2026-05-15T08:30:00.123456Z"
    })
    void timestampsAreRead(String text, String instant) {
        assertThat(DateTimeText.parse(text)).isEqualTo(DateTime.of(Instant.parse(instant)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-29T00:00:00.000000+00:00",
                "2026-13-01T00:00:00.000000+00:00",
                "2026-01-01T24:00:01.000000+00:00",
                "2026-01-01T00:60:00.000000+00:00",
                "2026-01-01T00:00:00.00000x+00:00",
                "2026-01-01 00:00:00.000000+00:00"
            })
    void whatIsNoTimestampIsNone(String text) {
        assertThat(DateTimeText.parse(text)).isNull();
    }

    private static StreamEvent.Notifications message(List<Notification> notifications) {
        return new StreamEvent.Notifications(1, 2, 0, TIME, new ArrayList<>(notifications));
    }

    private static String frame(StreamEvent event) {
        return new String(
                JsonEncoder.toBytes(
                        ResponseEnvelope.event(new RequestId.Text("s"), out -> EventWriter.write(out, event)),
                        JsonStyle.PROTOCOL_2),
                StandardCharsets.UTF_8);
    }

    private static StreamEvent read(String frame) {
        byte[] utf8 = ("garbage" + frame + "garbage").getBytes(StandardCharsets.UTF_8);
        return Objects.requireNonNull(new EventReader().read(utf8, 7, utf8.length - 14));
    }
}

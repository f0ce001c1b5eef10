package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonEncoderTest {

    @Test
    void slicesOfEverySizeJoinToTheWhole() throws IOException {
        for (int seed = 0; seed < 12; seed++) {
            JsonBody body = randomObject(new Random(seed));
            byte[] whole = JsonEncoder.toBytes(body, JsonStyle.PROTOCOL_1);

            for (int limit = 1; limit <= Math.min(whole.length + 1, 700); limit++) {
                assertThat(encodeInSlices(body, limit))
                        .as("seed %d, limit %d", seed, limit)
                        .isEqualTo(whole);
            }
        }
    }

    @Test
    void everyAnswerIsExactlyOneValidObject() throws IOException {
        for (int seed = 100; seed < 400; seed++) {
            byte[] bytes = JsonEncoder.toBytes(randomObject(new Random(seed)), JsonStyle.PROTOCOL_1);

            assertThat(isUtf8(bytes)).isTrue();
            try (JsonParser parser = new JsonFactory().createParser(bytes)) {
                assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
                parser.skipChildren();
                assertThat(parser.nextToken()).isNull();
            }
        }
    }

    @Test
    void stringsOfEveryLengthAndAlignmentReadBack() {
        // Lengths around the pieces and the generator's own segments, pairs at odd and even places.
        for (int length : new int[] {0, 1, 998, 1000, 1001, 1999, 2000, 4094, 4095, 4096, 4097, 8191, 8192, 12289}) {
            for (String unit : List.of("a", "é", "漢", "😀", "\"\\\n\u0001", "a😀")) {
                String text = ("x".repeat(length % 3) + unit.repeat(length / unit.length() + 1)).substring(0, length);
                String expected = replaceLoneSurrogates(text);

                assertThat(readBack(out -> out.text(text))).isEqualTo(new JsonValue.Str(expected));
                assertThat(readBack(out -> out.string(text))).isEqualTo(new JsonValue.Str(expected));
            }
        }
    }

    @Test
    void loneSurrogatesBecomeTheReplacementCharacter() {
        String odd = "a\uD83Db\uDE00\uD83D\uD83D\uDE00\uDE00\uD83D";

        JsonValue read = readBack(out -> out.text(odd));

        assertThat(read).isEqualTo(new JsonValue.Str("a\uFFFDb\uFFFD\uFFFD\uD83D\uDE00\uFFFD\uFFFD"));
    }

    @Test
    void binaryDataOfEveryLengthIsStrictBase64() {
        Random random = new Random(7);
        for (int length : new int[] {0, 1, 2, 3, 4, 3071, 3072, 3073, 3074, 3075, 6144, 6145, 100_000}) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);

            JsonValue read = readBack(out -> out.base64(bytes));

            assertThat(read).isEqualTo(new JsonValue.Str(Base64.getEncoder().encodeToString(bytes)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3.0, 3.0",
        "1.0E7, 10000000.0",
        "-1.25E16, -12500000000000000.0",
        "12345678.5, 12345678.5",
        "1.0E17, 1.0E17",
        "-1.25E-6, -0.00000125",
        "1.0E-4, 0.0001",
        "1.0E-7, 1.0E-7",
        "-0.0, -0.0",
        "0.1, 0.1",
        "0.002, 0.002",
        // Until JDK 19 the JDK itself wrote 2.0E-3 as it should but 2.2250738585072014E-308 and these with a digit
        // more.
        "2.0E-322, 2.0E-322",
        "4.9E-324, 4.9E-324",
        "1.0E23, 1.0E23",
        "2.2E-322, 2.2E-322",
        "1.7976931348623157E308, 1.7976931348623157E308",
        "9007199254740993, 9007199254740992.0",
        "1795376140.089068, 1795376140.089068",
        "NaN, \"NaN\"",
        "Infinity, \"Infinity\"",
        "-Infinity, \"-Infinity\""
    })
    void doublesAreTheShortestDecimalWithAFraction(double value, String expected) {
        String json = encode(out -> out.number(value));

        assertThat(json).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.1", "16777216, 16777216.0", "1.4E-45, 1.4E-45", "3.4028235E38, 3.4028235E38", "-0.0, -0.0"})
    void floatsAreTheShortestDecimalOfAFloat(float value, String expected) {
        String json = encode(out -> out.number(value));

        assertThat(json).isEqualTo(expected);
    }

    @Test
    void randomFloatingPointNumbersReadBackBitForBit() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            double wide = Double.longBitsToDouble(random.nextLong());
            float narrow = Float.intBitsToFloat(random.nextInt());

            if (Double.isFinite(wide)) {
                String json = encode(out -> out.number(wide));
                assertThat(Double.parseDouble(json)).isEqualTo(wide);
                assertThat(json).contains(".");
            }
            if (Float.isFinite(narrow)) {
                String json = encode(out -> out.number(narrow));
                assertThat(Float.parseFloat(json)).isEqualTo(narrow);
                assertThat(json).contains(".");
            }
        }
    }

    @Test
    void deepNestingCostsNoCallFrames() throws IOException {
        int depth = 50_000;

        byte[] bytes = encodeInSlices(nested(depth), 4096);

        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("[".repeat(depth) + "1" + "]".repeat(depth));
    }

    @Test
    void aSliceStaysNearItsLimit() throws IOException {
        List<Integer> numbers = Collections.nCopies(100_000, 123_456);
        String text = "é".repeat(500_000);
        JsonEncoder encoder = new JsonEncoder(
                out -> {
                    out.startArray();
                    out.elements(numbers, JsonOutput::number);
                    out.text(text);
                    out.base64(new byte[500_000]);
                    out.then(out::endArray);
                },
                JsonStyle.PROTOCOL_1);

        int largest = 0;
        boolean done = false;
        while (!done) {
            ByteArrayOutputStream slice = new ByteArrayOutputStream();
            done = encoder.encode(slice, 16_384);
            largest = Math.max(largest, slice.size());
        }

        assertThat(largest).isBetween(16_384, 16_384 + 16_384);
    }

    @Test
    void whatIsHandedOverKeepsTheOrderOfTheCalls() {
        String json = encode(out -> {
            out.startObject();
            out.name("a");
            out.elements(List.of(1, 2), (o, n) -> {
                o.startObject();
                o.name("n");
                o.text("t" + n);
                o.then(o::endObject);
            });
            out.then(() -> {
                out.name("b");
                out.body(o -> o.number(3));
            });
            out.then(() -> out.name("c"));
            out.base64(new byte[] {1});
            out.then(out::endObject);
        });

        assertThat(json).isEqualTo("{\"a\":[{\"n\":\"t1\"},{\"n\":\"t2\"}],\"b\":3,\"c\":\"AQ==\"}");
    }

    @Test
    void aStepThatWritesAfterHandingOverIsRefused() {
        JsonBody broken = out -> {
            out.startArray();
            out.text("x");
            out.endArray();
        };

        assertThatThrownBy(() -> JsonEncoder.toBytes(broken, JsonStyle.PROTOCOL_1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("handed something over");
    }

    @Test
    void aBodyThatIsNotOneValueIsRefused() {
        List<JsonBody> broken = List.of(
                out -> {},
                JsonOutput::startObject,
                out -> {
                    out.number(1);
                    out.number(2);
                },
                out -> {
                    out.text("a");
                    out.text("b");
                },
                out -> {
                    out.startObject();
                    out.name("a");
                    out.endObject();
                },
                out -> {
                    out.startArray();
                    out.endObject();
                },
                out -> {
                    out.startObject();
                    out.number(1);
                    out.endObject();
                });

        for (JsonBody body : broken) {
            assertThatThrownBy(() -> JsonEncoder.toBytes(body, JsonStyle.PROTOCOL_1))
                    .isInstanceOfAny(IllegalStateException.class);
        }
    }

    @Test
    void aFinishedEncoderWritesNoMore() throws IOException {
        JsonEncoder encoder = new JsonEncoder(JsonBody.NULL, JsonStyle.PROTOCOL_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(encoder.encode(out, 10)).isTrue();

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("null");
        assertThatThrownBy(() -> encoder.encode(out, 10)).isInstanceOf(IllegalStateException.class);
    }

    private static JsonBody nested(int depth) {
        if (depth == 0) {
            return out -> out.number(1);
        }
        return out -> {
            out.startArray();
            out.body(o -> nested(depth - 1).writeTo(o));
            out.then(out::endArray);
        };
    }

    private static JsonBody randomObject(Random random) {
        List<JsonBody> values = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            values.add(randomValue(random, 4));
        }
        return object(values);
    }

    private static JsonBody object(List<JsonBody> values) {
        return out -> {
            out.startObject();
            for (int i = 0; i < values.size(); i++) {
                int index = i;
                out.then(() -> {
                    out.name("k" + index);
                    out.body(values.get(index));
                });
            }
            out.then(out::endObject);
        };
    }

    private static JsonBody randomValue(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 8 : 10);
        return switch (kind) {
            case 0 -> JsonBody.NULL;
            case 1 -> {
                boolean flag = random.nextBoolean();
                yield out -> out.bool(flag);
            }
            case 2 -> {
                long whole = random.nextLong();
                yield out -> out.number(whole);
            }
            case 3 -> {
                BigInteger big = new BigInteger(200, random);
                yield out -> out.number(big);
            }
            case 4 -> {
                double wide = Double.longBitsToDouble(random.nextLong());
                yield out -> out.number(wide);
            }
            case 5 -> {
                float narrow = Float.intBitsToFloat(random.nextInt());
                yield out -> out.number(narrow);
            }
            case 6 -> {
                String text = randomText(random, random.nextInt(10) == 0 ? 5000 : 20);
                yield out -> out.text(text);
            }
            case 7 -> {
                byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 7000 : 10)];
                random.nextBytes(bytes);
                yield out -> out.base64(bytes);
            }
            default -> {
                List<JsonBody> values = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    values.add(randomValue(random, depth - 1));
                }
                yield kind == 8 ? out -> out.elements(values, (o, body) -> body.writeTo(o)) : object(values);
            }
        };
    }

    static String randomText(Random random, int maxLength) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(maxLength); i > 0; i--) {
            switch (random.nextInt(6)) {
                case 0 -> text.append((char) random.nextInt(0x20));
                case 1 -> text.append((char) random.nextInt(0x10000));
                case 2 -> text.append((char) (0xD800 + random.nextInt(0x800)));
                case 3 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
                case 4 -> text.append("\"\\/\u007F\u2028");
                default -> text.append((char) (' ' + random.nextInt(95)));
            }
        }
        return text.toString();
    }

    /** The encoding that is known to be right: via code points. */
    static String replaceLoneSurrogates(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .forEach(point -> out.appendCodePoint(
                        point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point));
        return out.toString();
    }

    private static byte[] encodeInSlices(JsonBody body, int limit) throws IOException {
        JsonEncoder encoder = new JsonEncoder(body, JsonStyle.PROTOCOL_1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        boolean done = false;
        while (!done) {
            done = encoder.encode(all, limit);
        }
        return all.toByteArray();
    }

    private static String encode(JsonBody body) {
        return new String(JsonEncoder.toBytes(body, JsonStyle.PROTOCOL_1), StandardCharsets.UTF_8);
    }

    private static JsonValue readBack(JsonBody body) {
        byte[] bytes = JsonEncoder.toBytes(body, JsonStyle.PROTOCOL_1);
        return JsonReader.readValue(bytes, 0, bytes.length);
    }

    private static boolean isUtf8(byte[] bytes) {
        return !new String(bytes, StandardCharsets.UTF_8).isEmpty()
                && Arrays.equals(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), bytes);
    }
}

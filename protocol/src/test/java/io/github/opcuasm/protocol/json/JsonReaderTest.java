package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.RequestId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {

    @Test
    void anObjectKeepsItsMembersInOrderAndItsNumbersAsText() {
        JsonValue.Obj frame = read("{\"b\":1.50,\"a\":[true,null,\"\\u00e9\"],\"c\":{}}\r");

        assertThat(frame.members().keySet()).containsExactly("b", "a", "c");
        assertThat(frame.get("b")).isEqualTo(new JsonValue.Num("1.50"));
        assertThat(frame.get("a"))
                .isEqualTo(new JsonValue.Arr(
                        List.of(new JsonValue.Bool(true), JsonValue.Null.INSTANCE, new JsonValue.Str("é"))));
    }

    // PHP encodes an empty map as [].
    @Test
    void anEmptyArrayIsAnEmptyFrame() {
        assertThat(read(" [ ] ").members()).isEmpty();
    }

    static List<String> malformedFrames() {
        return List.of(
                "",
                " ",
                "\r",
                "[1]",
                "[[]]",
                "\"x\"",
                "5",
                "null",
                "true",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":[",
                "{\"a\":\"x",
                "{\"a\":1,}",
                "{\"a\":[1,]}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":tru}",
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1} x",
                "\uFEFF{\"a\":1}",
                "{\"a\":1}]",
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"x\":{\"a\":1,\"a\":1}}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{/* */\"a\":1}",
                "{\"a\" 1}",
                "}",
                "]",
                "{\"a\":1e1234567890}",
                "{\"a\":-1.5E-99999999999999999999}",
                "{\"a\":" + "9".repeat(2000) + "}");
    }

    @ParameterizedTest
    @MethodSource("malformedFrames")
    void anythingButOneStrictObjectIsInvalidJson(String frame) {
        CommandException error = failure(frame.getBytes(StandardCharsets.UTF_8));

        assertThat(error.type()).isEqualTo(ErrorType.INVALID_JSON);
        assertThat(error.messageText()).startsWith("Invalid JSON: ").hasSizeLessThan(200);
    }

    @Test
    void textThatIsNotUtf8IsInvalidJson() {
        List<byte[]> broken = List.of(
                bytes('{', '"', 0xFF, '"', ':', '1', '}'),
                // Overlong, an encoded surrogate, beyond U+10FFFF, cut off.
                bytes('{', '"', 0xC0, 0x80, '"', ':', '1', '}'),
                bytes('{', '"', 0xED, 0xA0, 0x80, '"', ':', '1', '}'),
                bytes('{', '"', 0xF4, 0x90, 0x80, 0x80, '"', ':', '1', '}'),
                bytes('{', '"', 0xE2, 0x82, '"', ':', '1', '}'),
                "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE),
                "{\"a\":1}".getBytes(StandardCharsets.UTF_16BE),
                "{\"a\":\"\u0000\"}".getBytes(StandardCharsets.UTF_8));

        for (byte[] frame : broken) {
            assertThat(failure(frame).type()).isEqualTo(ErrorType.INVALID_JSON);
        }
    }

    @Test
    void depthIsBoundedAtThirtyTwoLevels() {
        String deepest = "{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}";
        String deeper = "{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}";
        String absurd = "{\"a\":" + "[".repeat(60_000);

        assertThat(read(deepest).members()).hasSize(1);
        assertThat(failure(deeper.getBytes(StandardCharsets.UTF_8)).messageText())
                .contains("32 levels");
        assertThat(failure(absurd.getBytes(StandardCharsets.UTF_8)).messageText())
                .contains("32 levels");
    }

    @Test
    void answersMayBeDeeperButNotWithoutBound() {
        byte[] deep = ("[".repeat(640) + "]".repeat(640)).getBytes(StandardCharsets.UTF_8);
        byte[] deeper = ("[".repeat(641) + "]".repeat(641)).getBytes(StandardCharsets.UTF_8);

        assertThat(JsonReader.readValue(deep, 0, deep.length)).isInstanceOf(JsonValue.Arr.class);
        CommandException error =
                catchThrowableOfType(CommandException.class, () -> JsonReader.readValue(deeper, 0, deeper.length));
        assertThat(error.type()).isEqualTo(ErrorType.INVALID_JSON);
    }

    @Test
    void onlyTheGivenRangeIsRead() {
        byte[] bytes = "xx{\"a\":1}{\"b\":2}".getBytes(StandardCharsets.UTF_8);

        JsonValue.Obj frame = JsonReader.readObject(bytes, 2, 7);

        assertThat(frame.members()).containsOnlyKeys("a");
    }

    @Test
    void aMessageSaysWhereInTheFrame() {
        byte[] bytes = "xx{\"a\":?}".getBytes(StandardCharsets.UTF_8);

        CommandException error =
                catchThrowableOfType(CommandException.class, () -> JsonReader.readObject(bytes, 2, bytes.length - 2));

        assertThat(error.messageText()).isEqualTo("Invalid JSON: unexpected '?' at or before byte 5");
    }

    // A frame may hold a token: no message may repeat it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"authToken\":hunter2}",
                "{\"authToken\":\"hunter2\",}",
                "hunter2",
                "{\"hunter2\":1,\"hunter2\":2}"
            })
    void messagesDoNotRepeatTheFrame(String frame) {
        CommandException error = failure(frame.getBytes(StandardCharsets.UTF_8));

        assertThat(error.messageText()).doesNotContain("hunter");
    }

    @Test
    void absurdExponentsCostNothing() {
        JsonValue.Num huge = (JsonValue.Num) member(read("{\"a\":1e999999999}"), "a");
        JsonValue.Num tiny = (JsonValue.Num) member(read("{\"a\":1e-999999999}"), "a");

        assertThat(huge.whole()).isNull();
        assertThat(tiny.whole()).isNull();
        assertThat(huge.decimal()).isGreaterThan(BigDecimal.TEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "7.0", "70e-1", "0.7E1"})
    void aWholeNumberMayBeWrittenWithAFraction(String literal) {
        assertThat(new JsonValue.Num(literal).whole()).isEqualTo(BigInteger.valueOf(7));
    }

    @Test
    void anObjectStandsForAnArrayOfItsValuesAndAnEmptyArrayForAnObject() {
        JsonValue.Obj frame = read("{\"list\":{\"3\":1,\"1\":2},\"map\":[],\"text\":\"\"}");

        assertThat(member(frame, "list").asArray()).containsExactly(new JsonValue.Num("1"), new JsonValue.Num("2"));
        assertThat(member(frame, "map").asObject()).isEqualTo(JsonValue.Obj.EMPTY);
        assertThat(member(frame, "text").asObject()).isNull();
        assertThat(member(frame, "text").asArray()).isNull();
    }

    @Test
    void aRequestIsOfProtocolTwoIfItHasAnId() {
        assertThat(request("{\"command\":\"ping\"}").protocol()).isEqualTo(1);
        assertThat(request("{\"id\":null}").id()).isNull();
        assertThat(request("{\"id\":\"a-1\"}").id()).isEqualTo(new RequestId.Text("a-1"));
        assertThat(request("{\"id\":-5}").id()).isEqualTo(new RequestId.Whole(BigInteger.valueOf(-5)));
        assertThat(request("{\"id\":\"" + "😀".repeat(64) + "\"}").protocol()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "1.5", "true", "[]", "{}", "1e999999"})
    void anyOtherIdIsRefusedByName(String id) {
        byte[] frame = ("{\"id\":" + id + "}").getBytes(StandardCharsets.UTF_8);

        CommandException error =
                catchThrowableOfType(CommandException.class, () -> JsonReader.readRequest(frame, 0, frame.length));

        assertThat(error.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(error.messageText()).startsWith("id: got ");
    }

    @Test
    void anIdOfMoreThanSixtyFourCharactersIsRefused() {
        byte[] frame = ("{\"id\":\"" + "x".repeat(65) + "\"}").getBytes(StandardCharsets.UTF_8);

        CommandException error =
                catchThrowableOfType(CommandException.class, () -> JsonReader.readRequest(frame, 0, frame.length));

        assertThat(error.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
    }

    // Members of an object may be passwords.
    @Test
    void excerptsShowOnlyTheSizeOfObjects() {
        JsonValue.Obj frame = read("{\"config\":{\"password\":\"hunter2\"}}");

        assertThat(member(frame, "config").excerpt()).isEqualTo("an object of 1");
    }

    private static Request request(String frame) {
        byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
        return JsonReader.readRequest(bytes, 0, bytes.length);
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return Objects.requireNonNull(object.get(name));
    }

    private static JsonValue.Obj read(String frame) {
        byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
        return JsonReader.readObject(bytes, 0, bytes.length);
    }

    private static CommandException failure(byte[] frame) {
        return catchThrowableOfType(CommandException.class, () -> JsonReader.readObject(frame, 0, frame.length));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}

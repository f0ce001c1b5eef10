package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What really goes over the wire: values that Milo cannot encode, and answers that no server should give. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RawAnswersTest {
    /** Type id, timestamp, handle, result, no diagnostics, null string table, no additional header. */
    private static final int RESPONSE_HEADER = 4 + 8 + 4 + 4 + 1 + 4 + 3;

    private static final String NO_DIAGNOSTICS = "00000000";
    private static final NodeId INT32 = Simulator.node("Scalars/Int32");
    private static final NodeId STRING = Simulator.node("Scalars/String");
    private static final NodeId DATE_TIME = Simulator.node("Scalars/DateTime");
    private static final NodeId POINT = Simulator.node("Structures/Point");

    private final Simulator simulator = Simulator.builder().build();
    private RawClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = new RawClient(simulator);
    }

    @AfterEach
    void clear() {
        simulator.faults().clear();
    }

    @AfterAll
    void close() throws Exception {
        client.close();
        simulator.close();
    }

    // Part 6, 5.2.2.16: the first byte has the builtin type and 0x80 for an array, whose length may be -1.
    @ParameterizedTest
    @CsvSource({
        "StringNull, 0C FFFFFFFF",
        "ByteStringNull, 0F FFFFFFFF",
        "XmlElementNull, 10 FFFFFFFF",
        "ExtensionObjectNull, 16 0000 00",
        "Int32ArrayNull, 86 FFFFFFFF",
        "StringArrayNull, 8C FFFFFFFF",
        "ExtensionObjectArrayNull, 96 FFFFFFFF",
        "VariantArrayNull, 98 FFFFFFFF",
        "Int32ArrayEmpty, 86 00000000",
        "StringArrayEmpty, 8C 00000000",
        "MatrixEmpty, C6 00000000 02000000 00000000 03000000",
        "StringNotUtf8, 0C 04000000 41C32842",
        "StringLoneSurrogate, 0C 05000000 41EDA08042",
        "StringOverlong, 0C 04000000 41C08042",
        "StringCutEmoji, 0C 04000000 41F09F9A",
        "LocalizedTextNotUtf8, 15 02 02000000 C328",
        "DateTimeLowest, 0D 0000000000000080",
        "DateTimeHighest, 0D FFFFFFFFFFFFFF7F",
        "DateTimeZero, 0D 0000000000000000",
        "BooleanTwo, 01 02",
        "VariantInVariant, 18 06 07000000",
        "DiagnosticInfo, 19 01 03000000",
        "ReservedType, 1A 03000000 010203",
        "ExtensionObjectWithoutBody, 16 03 0200 1E000000"
                + " 4461746154797065732F506F696E742F44656661756C742042696E617279 00",
        "ExtensionObjectEmptyBody, 16 03 0200 1E000000"
                + " 4461746154797065732F506F696E742F44656661756C742042696E617279 01 00000000",
    })
    void rawVariableIsAnsweredWithItsBytes(String name, String variant) throws Exception {
        byte[] answer = client.read(Simulator.node("Raw/" + name));

        // One result; its mask says that there is a value and nothing else.
        assertThat(results(answer)).isEqualTo("01000000" + "01" + compact(variant) + NO_DIAGNOSTICS);
    }

    @Test
    void rawValuesGoBesideOthers() throws Exception {
        byte[] answer = client.read(INT32, Simulator.node("Raw/StringNull"), INT32);

        assertThat(results(answer))
                .isEqualTo("03000000" + "0106E0FFFFFF" + "010CFFFFFFFF" + "0106E0FFFFFF" + NO_DIAGNOSTICS);
    }

    // Part 6, 5.2.7: the mask counts optional fields only, so the third one is bit 2.
    @ParameterizedTest
    @CsvSource({
        "OptionalsAll, 07000000 05000000 05000000 76616C7665 0000000000002340 01 02000000 01000000 78 01000000 79",
        "OptionalsNone, 00000000 05000000 01",
        "OptionalsFirst, 01000000 05000000 05000000 76616C7665 01",
        "OptionalsMiddle, 02000000 05000000 0000000000002340 01",
        "OptionalsLast, 04000000 05000000 01 02000000 01000000 78 01000000 79",
        "Choice, 01000000 FBFFFFFF",
        "ChoiceText, 02000000 04000000 66697665",
        "ChoiceNone, 00000000",
        "Point, 000000000000F83F 00000000000000C0",
        "Point3D, 000000000000F03F 0000000000000040 0000000000000840",
        "Permissions, 02000000 0102 02000000 0302",
        "TooShort, 000000000000F03F 00000000",
    })
    void structureIsSentAsPart6HasIt(String name, String body) throws Exception {
        byte[] answer = client.read(Simulator.node("Structures/" + name));

        String expected = compact(body);
        String length = HexFormat.of()
                .withUpperCase()
                .formatHex(ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(expected.length() / 2)
                        .array());
        assertThat(results(answer)).endsWith("01" + length + expected + NO_DIAGNOSTICS);
    }

    @ParameterizedTest
    @CsvSource({
        "RESULTS_LENGTH_HUGE, FFFFFF7F 0106E0FFFFFF 00000000",
        "RESULTS_LENGTH_NEGATIVE, FEFFFFFF 0106E0FFFFFF 00000000",
        "RESULTS_NULL, FFFFFFFF 00000000",
        "RESULTS_MISSING, 00000000 00000000",
        "RESULTS_EXTRA, 02000000 0106E0FFFFFF 0106E0FFFFFF 00000000",
        "TRUNCATED_BODY, 01000000 0106E0",
        "UNKNOWN_BUILTIN_TYPE, 01000000 01 3F00000000 00000000",
        "ARRAY_LENGTH_HUGE, 01000000 01 86FFFFFF7F 00000000",
        "ARRAY_LENGTH_NEGATIVE, 01000000 01 86FEFFFFFF 00000000",
        "DIMENSIONS_OVERFLOWING, 01000000 01 C6 00000000 02000000 00000100 00000100 00000000",
        "DIMENSIONS_MISMATCHED, 01000000 01 C6 06000000 010000000200000003000000040000000500000006000000"
                + " 02000000 02000000 04000000 00000000",
        "DIMENSIONS_NEGATIVE, 01000000 01 C6 06000000 010000000200000003000000040000000500000006000000"
                + " 02000000 FEFFFFFF FDFFFFFF 00000000",
    })
    void corruptedAnswerIsSentAsNamed(Corruption corruption, String results) throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, corruption);

        assertThat(results(client.read(INT32))).isEqualTo(compact(results));
        assertThat(results(client.read(INT32))).isEqualTo("01000000" + "0106E0FFFFFF" + NO_DIAGNOSTICS);
    }

    @Test
    void bytesMayTrailTheBody() throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.TRAILING_BYTES);

        assertThat(results(client.read(INT32)))
                .isEqualTo("01000000" + "0106E0FFFFFF" + NO_DIAGNOSTICS + "A5".repeat(64));
    }

    @Test
    void diagnosticsAndVariantsNest() throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.NESTED_DIAGNOSTICS);
        byte[] diagnostics = client.read(INT32);
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.NESTED_VARIANTS);
        byte[] variants = client.read(INT32);

        assertThat(hex(diagnostics)).contains("40".repeat(1_000) + "00FFFFFFFF");
        assertThat(results(variants)).isEqualTo("01000000" + "01" + "9801000000".repeat(200) + "00" + NO_DIAGNOSTICS);
    }

    @ParameterizedTest
    @CsvSource({
        "STRING_NOT_UTF8, 0C 04000000 C328FF41",
        "STRING_BEYOND_MESSAGE, 0C 00000010 C328FF41",
        "STRING_LENGTH_NEGATIVE, 0C FEFFFFFF",
    })
    void stringsAreCorrupted(Corruption corruption, String variant) throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, corruption);

        assertThat(results(client.read(STRING))).isEqualTo("01000000" + "01" + compact(variant) + NO_DIAGNOSTICS);
    }

    @ParameterizedTest
    @CsvSource({"DATE_TIME_LOWEST, 0D0000000000000080", "DATE_TIME_HIGHEST, 0DFFFFFFFFFFFFFF7F"})
    void timesAreCorrupted(Corruption corruption, String variant) throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, corruption);

        assertThat(results(client.read(DATE_TIME))).isEqualTo("01000000" + "01" + variant + NO_DIAGNOSTICS);
    }

    @ParameterizedTest
    @CsvSource({
        "EXTENSION_BODY_SHORT, 08000000 000000000000F83F",
        "EXTENSION_BODY_LONG, 18000000 000000000000F83F 00000000000000C0 0000000000000000",
        "EXTENSION_BODY_BEYOND_MESSAGE, 00000010 000000000000F83F 00000000000000C0",
    })
    void bodiesOfExtensionObjectsAreCorrupted(Corruption corruption, String body) throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, corruption);

        assertThat(results(client.read(POINT))).endsWith("01" + compact(body) + NO_DIAGNOSTICS);
    }

    @Test
    void answerMayBeOfAnotherType() throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.WRONG_RESPONSE_TYPE);
        byte[] browse = client.read(INT32);
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.UNKNOWN_RESPONSE_TYPE);
        byte[] unknown = client.read(INT32);
        byte[] right = client.read(INT32);

        // i=530 is BrowseResponse, i=634 ReadResponse, each in the four byte form.
        assertThat(hex(browse)).startsWith("01001202");
        assertThat(hex(unknown)).startsWith("0100E7FD");
        assertThat(hex(right)).startsWith("01007A02");
    }

    @Test
    void answerMayHaveAnotherHandle() throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.WRONG_REQUEST_HANDLE);

        assertThat(handle(client.read(INT32))).isEqualTo(~RawClient.HANDLE);
        assertThat(handle(client.read(INT32))).isEqualTo(RawClient.HANDLE);
    }

    // A corruption that finds nothing to corrupt waits for an answer in which it does.
    @Test
    void corruptionWaitsForItsPart() throws Exception {
        simulator.faults().corruptNextAnswer(Service.READ, Corruption.EXTENSION_BODY_SHORT);

        assertThat(results(client.read(INT32))).isEqualTo("01000000" + "0106E0FFFFFF" + NO_DIAGNOSTICS);
        assertThat(results(client.read(POINT))).contains("08000000" + "000000000000F83F" + NO_DIAGNOSTICS);
    }

    @Test
    void corruptionOfANodeLeavesOthersAlone() throws Exception {
        Fault fault = simulator.faults().corruptAnswers(Service.READ, STRING, Corruption.RESULTS_NULL);

        assertThat(results(client.read(INT32))).startsWith("01000000");
        assertThat(results(client.read(STRING))).startsWith("FFFFFFFF");
        assertThat(results(client.read(INT32, STRING))).startsWith("FFFFFFFF");
        fault.close();
        assertThat(results(client.read(STRING))).startsWith("01000000");
    }

    @ParameterizedTest
    @EnumSource(Corruption.class)
    void connectionOutlastsEveryCorruption(Corruption corruption) throws Exception {
        Fault fault = simulator.faults().corruptAnswers(Service.READ, corruption);
        byte[] corrupted = client.read(INT32, STRING, DATE_TIME, POINT);

        fault.close();
        byte[] right = client.read(INT32, STRING, DATE_TIME, POINT);

        assertThat(withoutTime(corrupted)).isNotEqualTo(withoutTime(right));
        assertThat(results(right)).startsWith("04000000");
    }

    private static byte[] withoutTime(byte[] answer) {
        byte[] copy = answer.clone();
        Arrays.fill(copy, 4, 12, (byte) 0);
        return copy;
    }

    private static int handle(byte[] answer) {
        return ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
    }

    private static String results(byte[] answer) {
        return hex(answer).substring(2 * RESPONSE_HEADER);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    private static String compact(String hex) {
        return hex.replace(" ", "");
    }
}

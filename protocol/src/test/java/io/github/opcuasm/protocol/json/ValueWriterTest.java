package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The shapes of the protocol, section 5, byte for byte. */
final class ValueWriterTest {
    private static final DateTime TIME = DateTime.of(Instant.parse("2026-05-15T10:30:00.1234567Z"));

    @Test
    void aDataValueInlinesItsVariant() {
        DataValue value = new DataValue(Variant.scalar(BuiltinType.INT32, 5), StatusCode.GOOD, TIME, null);

        String json = write(out -> ValueWriter.dataValue(out, value));

        assertThat(json)
                .isEqualTo("{\"value\":5,\"type\":6,\"dimensions\":null,\"statusCode\":0,"
                        + "\"sourceTimestamp\":\"2026-05-15T10:30:00.123456+00:00\",\"serverTimestamp\":null}");
    }

    @Test
    void protocolTwoHasSevenDigits() {
        String json = write(out -> ValueWriter.dateTime(out, TIME), JsonStyle.PROTOCOL_2);

        assertThat(json).isEqualTo("\"2026-05-15T10:30:00.1234567+00:00\"");
    }

    @Test
    void withoutAValueAVariantIsOfTypeVariantAndADataValueOfNone() {
        assertThat(write(out -> ValueWriter.variant(out, Variant.NULL)))
                .isEqualTo("{\"type\":24,\"value\":null,\"dimensions\":null}");
        assertThat(write(out -> ValueWriter.dataValue(
                        out, new DataValue(Variant.NULL, new StatusCode(0x80340000L), null, null))))
                .isEqualTo("{\"value\":null,\"type\":null,\"dimensions\":null,\"statusCode\":2150891520,"
                        + "\"sourceTimestamp\":null,\"serverTimestamp\":null}");
    }

    @Test
    void aNullArrayIsEmptyInProtocolOneAndNullInProtocolTwo() {
        Variant value = Variant.nullArray(BuiltinType.INT32);

        assertThat(write(out -> ValueWriter.variant(out, value)))
                .isEqualTo("{\"type\":6,\"value\":[],\"dimensions\":null}");
        assertThat(write(out -> ValueWriter.variant(out, value), JsonStyle.PROTOCOL_2))
                .isEqualTo("{\"type\":6,\"value\":null,\"dimensions\":null}");
    }

    @Test
    void aMatrixIsFlatWithDimensions() {
        Variant value =
                Variant.matrix(BuiltinType.DOUBLE, ArrayView.ofDoubles(new double[] {1, 2.5, 3, 4}), List.of(2, 2));

        assertThat(write(out -> ValueWriter.variant(out, value)))
                .isEqualTo("{\"type\":11,\"value\":[1.0,2.5,3.0,4.0],\"dimensions\":[2,2]}");
    }

    @Test
    void onlyInt64AndUInt64BecomeText() {
        JsonStyle style = new JsonStyle(2, true);

        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.INT64, Long.MIN_VALUE), style))
                .isEqualTo("\"-9223372036854775808\"");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.UINT64, BigInteger.ONE.shiftLeft(63)), style))
                .isEqualTo("\"9223372036854775808\"");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.UINT32, 4294967295L), style))
                .isEqualTo("4294967295");
        assertThat(write(out -> ValueWriter.statusCode(out, new StatusCode(0x80340000L)), style))
                .isEqualTo("2150891520");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.INT64, Long.MIN_VALUE)))
                .isEqualTo("-9223372036854775808");
    }

    @Test
    void nodeIdsOfEveryForm() {
        UUID guid = UUID.fromString("72962B91-FA75-4AE6-8D28-B404DC7DAF63");

        assertThat(write(out -> ValueWriter.nodeId(out, NodeId.NULL)))
                .isEqualTo("{\"ns\":0,\"id\":0,\"type\":\"numeric\"}");
        assertThat(write(out -> ValueWriter.nodeId(out, NodeId.text(2, "Speed"))))
                .isEqualTo("{\"ns\":2,\"id\":\"Speed\",\"type\":\"string\"}");
        assertThat(write(out -> ValueWriter.nodeId(out, NodeId.guid(1, guid))))
                .isEqualTo("{\"ns\":1,\"id\":\"72962b91-fa75-4ae6-8d28-b404dc7daf63\",\"type\":\"guid\"}");
        assertThat(write(out -> ValueWriter.nodeId(out, NodeId.opaque(1, ByteString.fromHex("00FF")))))
                .isEqualTo("{\"ns\":1,\"id\":\"00ff\",\"type\":\"opaque\"}");
        assertThat(write(out -> ValueWriter.expandedNodeId(out, ExpandedNodeId.local(NodeId.numeric(3, 7)))))
                .isEqualTo("{\"ns\":3,\"id\":7,\"type\":\"numeric\"}");
        assertThat(write(out -> ValueWriter.expandedNodeId(out, new ExpandedNodeId(NodeId.numeric(0, 7), "urn:x", 1))))
                .isEqualTo("{\"ns\":0,\"id\":7,\"type\":\"numeric\",\"nsu\":\"urn:x\",\"serverIndex\":1}");
    }

    @Test
    void aReferenceHasAllItsMembers() {
        ReferenceDescription reference = new ReferenceDescription(
                NodeId.numeric(0, 35),
                true,
                ExpandedNodeId.local(NodeId.numeric(0, 2253)),
                new QualifiedName(0, "Server"),
                new LocalizedText(null, "Server"),
                1,
                ExpandedNodeId.NULL);

        assertThat(write(out -> ValueWriter.referenceDescription(out, reference)))
                .isEqualTo("{\"referenceTypeId\":{\"ns\":0,\"id\":35,\"type\":\"numeric\"},\"isForward\":true,"
                        + "\"nodeId\":{\"ns\":0,\"id\":2253,\"type\":\"numeric\"},"
                        + "\"browseName\":{\"ns\":0,\"name\":\"Server\"},"
                        + "\"displayName\":{\"locale\":null,\"text\":\"Server\"},\"nodeClass\":1,"
                        + "\"typeDefinition\":{\"ns\":0,\"id\":0,\"type\":\"numeric\"}}");
    }

    @Test
    void otherScalars() {
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.XML_ELEMENT, new XmlElement("<a/>"))))
                .isEqualTo("\"<a/>\"");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.FLOAT, 0.1f)))
                .isEqualTo("0.1");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.DOUBLE, Double.NaN)))
                .isEqualTo("\"NaN\"");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.DATE_TIME, DateTime.NULL)))
                .isEqualTo("null");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.DATE_TIME, DateTime.MAX)))
                .isEqualTo("\"9999-12-31T23:59:59.000000+00:00\"");
        assertThat(write(out -> ValueWriter.scalar(out, BuiltinType.BYTE_STRING, ByteString.fromHex("ff"))))
                .isEqualTo("\"/w==\"");
    }

    @Test
    void anExtensionObjectHasItsBodyAndWhatIsKnownOfIt() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("low", 1.0);
        fields.put("name", Variant.scalar(BuiltinType.STRING, "x"));
        fields.put("inner", Map.of("list", List.of(1, true)));
        ExtensionObject value = new ExtensionObject(NodeId.numeric(0, 886), 1, ByteString.fromHex("0102"), fields);

        assertThat(write(out -> ValueWriter.extensionObject(out, value)))
                .isEqualTo("{\"typeId\":{\"ns\":0,\"id\":886,\"type\":\"numeric\"},\"encoding\":1,\"body\":\"AQI=\","
                        + "\"value\":{\"low\":1.0,\"name\":{\"type\":12,\"value\":\"x\",\"dimensions\":null},"
                        + "\"inner\":{\"list\":[1,true]}}}");
        assertThat(write(out -> ValueWriter.extensionObject(out, ExtensionObject.NULL)))
                .isEqualTo(
                        "{\"typeId\":{\"ns\":0,\"id\":0,\"type\":\"numeric\"},\"encoding\":0,\"body\":null,\"value\":null}");
    }

    // UInt32 and Int64 are both Long; only one of them may become a string.
    @Test
    void fieldsOfAStructureAreWrittenByTheirTypes() {
        StructureValue.Layout layout = new StructureValue.Layout(
                List.of("small", "absent", "big", "list", "nothing", "grid", "any", "inner"),
                Arrays.asList(
                        BuiltinType.UINT32,
                        BuiltinType.UINT32,
                        BuiltinType.INT64,
                        BuiltinType.UINT64,
                        BuiltinType.INT32,
                        BuiltinType.BYTE,
                        BuiltinType.VARIANT,
                        null));
        StructureValue value = layout.builder()
                .set(0, 4_294_967_295L)
                .set(2, 5L)
                .set(3, List.of(BigInteger.TEN))
                .set(4, null)
                .set(5, StructureValue.matrix(BuiltinType.BYTE, List.of((short) 1, (short) 2), List.of(2, 1)))
                .set(6, Variant.scalar(BuiltinType.INT64, 6L))
                .set(
                        7,
                        new StructureValue.Layout(List.of(), List.of())
                                .builder()
                                .build())
                .build();
        ExtensionObject object = new ExtensionObject(NodeId.numeric(2, 1), 1, ByteString.fromHex(""), value);

        assertThat(write(out -> ValueWriter.extensionObject(out, object), new JsonStyle(1, true)))
                .endsWith("\"value\":{\"small\":4294967295,\"big\":\"5\",\"list\":[\"10\"],\"nothing\":null,"
                        + "\"grid\":{\"value\":[1,2],\"dimensions\":[2,1]},"
                        + "\"any\":{\"type\":8,\"value\":\"6\",\"dimensions\":null},\"inner\":{}}}");
    }

    @Test
    void theEnvelopeEchoesTheIdOfProtocolTwo() {
        Response response = Response.success(out -> out.number(1));

        assertThat(write(ResponseEnvelope.of(response, null))).isEqualTo("{\"success\":true,\"data\":1}");
        assertThat(write(ResponseEnvelope.of(response, new RequestId.Text("a"))))
                .isEqualTo("{\"id\":\"a\",\"success\":true,\"data\":1}");
        assertThat(write(ResponseEnvelope.of(response, new RequestId.Whole(BigInteger.TEN.pow(30)))))
                .isEqualTo("{\"id\":1" + "0".repeat(30) + ",\"success\":true,\"data\":1}");
        assertThat(write(ResponseEnvelope.event(new RequestId.Text("a"), JsonBody.NULL)))
                .isEqualTo("{\"id\":\"a\",\"event\":null}");
    }

    @Test
    void anErrorCarriesCodeAndOutcomeWhereThereAreSome() {
        CommandException error =
                new CommandException(ErrorType.CONNECTION, "timed out", 0x800A0000L, Outcome.UNKNOWN, null);

        assertThat(write(ResponseEnvelope.of(new Response.Failure(error), null)))
                .isEqualTo("{\"success\":false,\"error\":{\"type\":\"ConnectionException\",\"message\":\"timed out\","
                        + "\"code\":2148139008,\"outcome\":\"unknown\"}}");
        assertThat(write(ResponseEnvelope.of(Response.failure(ErrorType.OVERLOADED, "busy"), null)))
                .isEqualTo("{\"success\":false,\"error\":{\"type\":\"overloaded\",\"message\":\"busy\"}}");
    }

    @Test
    void aLongMessageIsCutBetweenCharacters() {
        for (String message : List.of("x".repeat(600), "x" + "😀".repeat(300), "😀".repeat(300))) {
            byte[] bytes = JsonEncoder.toBytes(
                    ResponseEnvelope.of(Response.failure(ErrorType.INTERNAL_ERROR, message), null),
                    JsonStyle.PROTOCOL_1);
            JsonValue.Obj answer = JsonReader.readObject(bytes, 0, bytes.length);

            JsonValue.Obj error = (JsonValue.Obj) Objects.requireNonNull(answer.get("error"));
            String cut = ((JsonValue.Str) Objects.requireNonNull(error.get("message"))).value();
            assertThat(cut).endsWith("…").hasSizeBetween(499, 500).doesNotContain("\uFFFD");
        }
    }

    private static String write(JsonBody body) {
        return write(body, JsonStyle.PROTOCOL_1);
    }

    private static String write(JsonBody body, JsonStyle style) {
        return new String(JsonEncoder.toBytes(body, style), StandardCharsets.UTF_8);
    }
}

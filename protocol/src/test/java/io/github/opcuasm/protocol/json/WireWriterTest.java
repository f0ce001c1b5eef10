package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.HistoryUpdateResult;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shapes of the protocol, section 6, byte for byte; where the reference's daemon was recorded with such a value, as it
 * wrote it, but for the deliberate differences. Single quotes stand for double ones, T for the member that names the type.
 */
final class WireWriterTest {
    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final DateTime TIME = DateTime.of(Instant.parse("2024-02-29T12:34:56.7891239Z"));
    private static final String TIME_JSON = "{'T':'DateTime','v':'2024-02-29T12:34:56.789123+00:00'}";
    private static final NodeId NODE = NodeId.text(3, "a.b/c");
    private static final String NODE_JSON = "{'T':'NodeId','v':'ns=3;s=a.b/c'}";
    private static final StatusCode BAD = new StatusCode(0x80020000L);
    private static final ReferenceDescription REFERENCE = new ReferenceDescription(
            NodeId.numeric(0, 35),
            true,
            ExpandedNodeId.local(NODE),
            new QualifiedName(2, "DeviceSet"),
            new LocalizedText(null, "DeviceSet"),
            1,
            ExpandedNodeId.NULL);
    private static final String REFERENCE_JSON = "{'T':'ReferenceDescription','refType':{'T':'NodeId','v':'i=35'},"
            + "'isForward':true,'nodeId':" + NODE_JSON + ",'browseName':{'T':'QualifiedName','ns':2,'n':'DeviceSet'},"
            + "'displayName':{'T':'LocalizedText','locale':null,'text':'DeviceSet'},"
            + "'nodeClass':{'T':'NodeClass','v':1},'typeDef':{'T':'NodeId','v':'i=0'}}";

    static Stream<Arguments> values() {
        return Stream.of(
                value(BuiltinType.BOOLEAN, true, "true"),
                value(BuiltinType.SBYTE, (byte) -128, "-128"),
                value(BuiltinType.BYTE, (short) 255, "255"),
                value(BuiltinType.INT16, (short) -1, "-1"),
                value(BuiltinType.UINT16, 65_535, "65535"),
                value(BuiltinType.INT32, 0, "0"),
                value(BuiltinType.UINT32, 0xFFFF_FFFFL, "4294967295"),
                value(BuiltinType.INT64, 9007199254740993L, "9007199254740993"),
                value(BuiltinType.UINT64, UINT64_MAX, "18446744073709551615"),
                value(BuiltinType.FLOAT, 0.1f, "0.1"),
                value(BuiltinType.FLOAT, Float.NEGATIVE_INFINITY, "'-Infinity'"),
                value(BuiltinType.DOUBLE, 3.0, "3.0"),
                value(BuiltinType.DOUBLE, Double.NaN, "'NaN'"),
                value(BuiltinType.STRING, "m", "'m'"),
                value(BuiltinType.STRING, null, "null"),
                value(BuiltinType.DATE_TIME, TIME, TIME_JSON),
                value(BuiltinType.DATE_TIME, DateTime.NULL, "null"),
                value(
                        BuiltinType.GUID,
                        UUID.fromString("11111111-2222-3333-4444-555555555555"),
                        "'11111111-2222-3333-4444-555555555555'"),
                value(BuiltinType.BYTE_STRING, null, "null"),
                value(BuiltinType.XML_ELEMENT, new XmlElement("<z/>"), "'<z/>'"),
                value(BuiltinType.NODE_ID, NODE, NODE_JSON),
                value(
                        BuiltinType.NODE_ID,
                        NodeId.opaque(1, ByteString.copyOf(new byte[] {0, -1})),
                        "{'T':'NodeId','v':'ns=1;b=00ff'}"),
                value(
                        BuiltinType.EXPANDED_NODE_ID,
                        ExpandedNodeId.local(NodeId.numeric(1, 1234)),
                        "{'T':'NodeId','v':'ns=1;i=1234'}"),
                value(
                        BuiltinType.EXPANDED_NODE_ID,
                        new ExpandedNodeId(NodeId.numeric(0, 5), "urn:a", 1),
                        "{'T':'NodeId','v':'i=5','nsu':'urn:a','serverIndex':1}"),
                value(BuiltinType.STATUS_CODE, BAD, "2147614720"),
                value(BuiltinType.QUALIFIED_NAME, new QualifiedName(1, "QN"), "{'T':'QualifiedName','ns':1,'n':'QN'}"),
                value(
                        BuiltinType.LOCALIZED_TEXT,
                        new LocalizedText("en", "Text"),
                        "{'T':'LocalizedText','locale':'en','text':'Text'}"),
                value(
                        BuiltinType.EXTENSION_OBJECT,
                        new ExtensionObject(
                                NodeId.numeric(0, 886), 1, ByteString.fromBase64("AAAAAAAA+L8AAAAAAAAEQA=="), null),
                        "{'T':'ExtensionObject','typeId':{'T':'NodeId','v':'i=886'},'encoding':1,"
                                + "'bodyB64':'AAAAAAAA+L8AAAAAAAAEQA==','value':null}"),
                value(
                        BuiltinType.DATA_VALUE,
                        new DataValue(Variant.NULL, BAD, null, TIME),
                        "{'T':'DataValue','variant':null,'status':2147614720,'sourceTs':null,'serverTs':" + TIME_JSON
                                + "}"),
                value(BuiltinType.DIAGNOSTIC_INFO, DiagnosticInfo.PRESENT, "null"),
                value(BuiltinType.INT32, List.of(), "[]"),
                value(BuiltinType.STRING, Arrays.asList("a", null), "['a',null]"),
                value(BuiltinType.DATE_TIME, List.of(TIME, DateTime.NULL), "[" + TIME_JSON + ",null]"),
                value(BuiltinType.NODE_ID, List.of(NODE), "[" + NODE_JSON + "]"),
                value(
                        BuiltinType.BYTE_STRING,
                        Arrays.asList(ByteString.copyOf(new byte[] {0, -1}), null, ByteString.EMPTY),
                        "['AP8=',null,'']"),
                value(
                        BuiltinType.VARIANT,
                        List.of(
                                Variant.scalar(BuiltinType.INT32, 1),
                                Variant.scalar(BuiltinType.BYTE_STRING, ByteString.copyOf(new byte[] {-1})),
                                Variant.NULL),
                        "[" + variantJson(6, "1") + ",{'T':'Variant','type':{'T':'BuiltinType','v':15},'value':null,"
                                + "'dims':null,'bytesB64':'/w=='}," + variantJson(24, "null") + "]"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyTypeInAVariant(Variant variant, String json) {
        assertThat(write(variant))
                .isEqualTo(json(
                        variantJson(variant.type() == null ? 24 : variant.type().id(), json)));
    }

    @Test
    void binaryDataTravelsBesideTheValue() {
        Variant binary = Variant.scalar(BuiltinType.BYTE_STRING, ByteString.fromBase64("AAECf4D+/w=="));

        assertThat(write(new DataValue(binary, StatusCode.GOOD, TIME, null)))
                .isEqualTo(json("{'T':'DataValue','variant':{'T':'Variant','type':{'T':'BuiltinType','v':15},"
                        + "'value':null,'dims':null,'bytesB64':'AAECf4D+/w=='},'status':0,'sourceTs':" + TIME_JSON
                        + ",'serverTs':null}"));
    }

    @Test
    void matrixHasItsDimensions() {
        Variant matrix =
                Variant.matrix(BuiltinType.DOUBLE, ArrayView.ofDoubles(new double[] {1, 2, 3, 4, 5, 6}), List.of(2, 3));

        assertThat(write(matrix))
                .isEqualTo(json("{'T':'Variant','type':{'T':'BuiltinType','v':11},'value':[1.0,2.0,3.0,4.0,5.0,6.0],"
                        + "'dims':[2,3],'bytesB64':null}"));
    }

    @Test
    void nothingReadHasNoVariant() {
        assertThat(write(DataValue.of(Variant.NULL)))
                .isEqualTo(json("{'T':'DataValue','variant':null,'status':0,'sourceTs':null,'serverTs':null}"));
    }

    /** The style of the connection holds, but for times: peers read six digits. */
    @Test
    void protocolTwoWritesNullArraysAndIntegersAsItIsAskedAndTimesAsEver() {
        JsonStyle style = new JsonStyle(2, true);

        assertThat(write(Variant.nullArray(BuiltinType.INT32))).isEqualTo(json(variantJson(6, "[]")));
        assertThat(write(Variant.nullArray(BuiltinType.INT32), style)).isEqualTo(json(variantJson(6, "null")));
        assertThat(write(Variant.array(BuiltinType.UINT64, List.of(UINT64_MAX)), style))
                .isEqualTo(json(variantJson(9, "['18446744073709551615']")));
        assertThat(write(TIME, style)).isEqualTo(json(TIME_JSON));
    }

    @Test
    void fieldsOfAStructureAreTypedAndNoneCanChangeItsType() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("node", NODE);
        fields.put("bytes", ByteString.copyOf(new byte[] {-1}));
        fields.put("numbers", Variant.array(BuiltinType.BYTE, List.of((short) 1)));
        fields.put("inner", List.of(Map.of("at", TIME)));
        fields.put("none", null);
        fields.put("__t", "NodeId");
        fields.put("___t", 1);

        String written = write(new ExtensionObject(NodeId.NULL, 0, null, fields));

        assertThat(written)
                .isEqualTo(json("{'T':'ExtensionObject','typeId':{'T':'NodeId','v':'i=0'},'encoding':0,"
                        + "'bodyB64':null,'value':{'node':" + NODE_JSON
                        + ",'bytes':'/w==','numbers':" + variantJson(3, "[1]") + ",'inner':[{'at':"
                        + TIME_JSON + "}],'none':null,'___t':'NodeId','____t':1}}"));
    }

    static Stream<Arguments> results() {
        Variant seven = Variant.scalar(BuiltinType.INT32, 7);
        String sevenJson = variantJson(6, "7");
        DataValue value = DataValue.of(seven);
        String valueJson = "{'T':'DataValue','variant':" + sevenJson + ",'status':0,'sourceTs':null,'serverTs':null}";
        String changeJson = "{'type':'DataChange','clientHandle':1,'dataValue':" + valueJson + "}";
        String eventJson = "{'type':'Event','clientHandle':2,'eventFields':[" + sevenJson + "]}";
        List<Notification> notifications =
                List.of(new Notification.DataChange(1, value), new Notification.Event(2, List.of(seven)));
        return Stream.of(
                arguments(null, "null"),
                arguments(true, "true"),
                arguments("Int32", "'Int32'"),
                arguments(5, "5"),
                arguments(200.0, "200.0"),
                arguments(StatusCode.GOOD, "0"),
                arguments(List.of(BAD, StatusCode.GOOD), "[2147614720,0]"),
                arguments(List.of(value), "[" + valueJson + "]"),
                arguments(NODE, NODE_JSON),
                arguments(TIME, TIME_JSON),
                arguments(BuiltinType.INT32, "{'T':'BuiltinType','v':6}"),
                arguments(ConnectionState.BROKEN, "{'T':'ConnectionState','v':'Broken'}"),
                arguments(List.of(REFERENCE), "[" + REFERENCE_JSON + "]"),
                arguments(
                        new BrowseNode(REFERENCE, List.of(new BrowseNode(REFERENCE, List.of()))),
                        "{'T':'BrowseNode','reference':" + REFERENCE_JSON
                                + ",'children':[{'T':'BrowseNode','reference':" + REFERENCE_JSON + ",'children':[]}]}"),
                arguments(
                        new BrowseResultSet(List.of(REFERENCE), "ab-"),
                        "{'T':'BrowseResultSet','refs':[" + REFERENCE_JSON + "],'cpB64':'YWIt'}"),
                arguments(new BrowseResultSet(List.of(), null), "{'T':'BrowseResultSet','refs':[],'cpB64':null}"),
                arguments(
                        new BrowsePathResult(
                                StatusCode.GOOD,
                                List.of(new BrowsePathTarget(ExpandedNodeId.local(NODE), 0xFFFF_FFFFL))),
                        "{'T':'BrowsePathResult','status':0,'targets':[{'T':'BrowsePathTarget','target':" + NODE_JSON
                                + ",'remaining':4294967295}]}"),
                arguments(
                        new CallResult(StatusCode.GOOD, List.of(BAD), List.of(seven)),
                        "{'T':'CallResult','status':0,'inputResults':[2147614720],'output':[" + sevenJson + "]}"),
                arguments(
                        new EndpointDescription(
                                "opc.tcp://a:1",
                                ByteString.copyOf(new byte[] {-1}),
                                1,
                                "urn:policy",
                                2,
                                "urn:profile",
                                List.of(new UserTokenPolicy("anonymous", 0, null, null, null))),
                        "{'T':'EndpointDescription','url':'opc.tcp://a:1','cert':'/w==','mode':1,'policy':'urn:policy',"
                                + "'tokens':[{'T':'UserTokenPolicy','policyId':'anonymous','tokenType':0,"
                                + "'issuedType':null,'issuer':null,'policy':null}],'profile':'urn:profile','level':2}"),
                arguments(
                        new SubscriptionResult(792934, 200, 2400, 10),
                        "{'T':'SubscriptionResult','subId':792934,'interval':200.0,'lifetime':2400,'keepAlive':10}"),
                arguments(
                        new MonitoredItemResult(StatusCode.GOOD, 1, 250, 2),
                        "{'T':'MonitoredItemResult','status':0,'id':1,'interval':250.0,'queue':2}"),
                arguments(
                        new MonitoredItemModifyResult(BAD, 250, 2),
                        "{'T':'MonitoredItemModifyResult','status':2147614720,'interval':250.0,'queue':2}"),
                arguments(
                        new SetTriggeringResult(List.of(StatusCode.GOOD), List.of(BAD)),
                        "{'T':'SetTriggeringResult','add':[0],'remove':[2147614720]}"),
                arguments(
                        new PublishResult(1, 2, false, notifications, List.of(2L)),
                        "{'T':'PublishResult','subId':1,'seq':2,'more':false,'notif':[" + changeJson + "," + eventJson
                                + "],'avail':[2]}"),
                arguments(
                        new RepublishResult(2, TIME, notifications),
                        "{'sequenceNumber':2,'publishTime':" + TIME_JSON + ",'notifications':[" + changeJson + ","
                                + eventJson + "]}"),
                arguments(
                        new TransferResult(StatusCode.GOOD, List.of(1L)),
                        "{'T':'TransferResult','status':0,'avail':[1]}"),
                arguments(
                        new AddNodesResult(BAD, NodeId.NULL),
                        "{'T':'AddNodesResult','status':2147614720,'added':{'T':'NodeId','v':'i=0'}}"),
                arguments(
                        new BuildInfo("p", "m", "1.0", null, TIME),
                        "{'T':'BuildInfo','product':'p','manufacturer':'m','version':'1.0','build':null,'date':"
                                + TIME_JSON + "}"),
                arguments(
                        new CreateFileResult(NODE, 5),
                        "{'T':'CreateFileResult','fileNodeId':'ns=3;s=a.b/c','fileHandle':5}"),
                arguments(
                        new HistoryUpdateResult(StatusCode.GOOD, List.of(BAD)),
                        "{'T':'HistoryUpdateResult','status':0,'ops':[2147614720]}"));
    }

    @ParameterizedTest
    @MethodSource("results")
    void everyResult(@Nullable Object result, String json) {
        assertThat(write(result)).isEqualTo(json(json));
    }

    @Test
    void whatNoMethodAnswersWithIsADefect() {
        assertThatThrownBy(() -> write(new Object())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> write(new XmlElement("<a/>"))).isInstanceOf(IllegalArgumentException.class);
    }

    static Stream<Object> oddities() {
        Variant deep = Variant.scalar(BuiltinType.DOUBLE, Double.NaN);
        DataValue deepValue = DataValue.of(deep);
        Object deepStructure = Float.NaN;
        BrowseNode deepTree = new BrowseNode(REFERENCE, List.of());
        for (int i = 0; i < 30; i++) {
            deep = Variant.array(BuiltinType.VARIANT, List.of(deep, Variant.NULL));
            deepValue = DataValue.of(Variant.scalar(BuiltinType.DATA_VALUE, deepValue));
            deepStructure = List.of(Collections.singletonMap("__t\uD800", deepStructure));
            deepTree = new BrowseNode(REFERENCE, List.of(deepTree));
        }
        String halves = "\uD800a\uDC00\u0000\u2028\"\\";
        return Stream.of(
                Variant.array(BuiltinType.DOUBLE, List.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0)),
                Variant.array(BuiltinType.FLOAT, List.of(Float.NaN, Float.NEGATIVE_INFINITY)),
                Double.NaN,
                halves,
                Variant.scalar(BuiltinType.STRING, halves.repeat(5000)),
                NodeId.text(1, halves),
                new QualifiedName(1, halves),
                new LocalizedText(halves, halves),
                Variant.scalar(BuiltinType.UINT64, UINT64_MAX),
                Variant.scalar(BuiltinType.BYTE_STRING, ByteString.copyOf(new byte[100_001])),
                Variant.array(BuiltinType.BYTE_STRING, List.of(ByteString.copyOf(new byte[] {-1, 0, 127}))),
                DataValue.of(Variant.NULL),
                Variant.NULL,
                Variant.nullArray(BuiltinType.LOCALIZED_TEXT),
                DateTime.MAX,
                deep,
                deepValue,
                new ExtensionObject(NodeId.NULL, 1, ByteString.EMPTY, deepStructure),
                deepTree,
                new SubscriptionResult(1, Double.NaN, 1, 1));
    }

    /** Whatever a server sends: one JSON value, the same in one piece and in slices. */
    @ParameterizedTest
    @MethodSource("oddities")
    void whateverItIsTheAnswerIsOneObject(Object result) throws Exception {
        for (JsonStyle style : List.of(JsonStyle.PROTOCOL_1, JsonStyle.PROTOCOL_2, new JsonStyle(2, true))) {
            for (JsonBody body : List.<JsonBody>of(
                    out -> answer(out, o -> WireWriter.write(o, result)),
                    out -> answer(out, o -> ResultWriter.write(o, plainly(result))))) {
                byte[] whole = JsonEncoder.toBytes(body, style);

                JsonValue read = JsonReader.readValue(whole, 0, whole.length);

                assertThat(read).isInstanceOf(JsonValue.Obj.class);
                assertThat(whole).doesNotContain((byte) '\n');
                assertThat(sliced(body, style)).isEqualTo(whole);
            }
        }
    }

    /** Some of them only typed values have a place for by themselves. */
    private static Object plainly(Object result) {
        if (result instanceof QualifiedName name) {
            return Variant.scalar(BuiltinType.QUALIFIED_NAME, name);
        } else if (result instanceof LocalizedText text) {
            return Variant.scalar(BuiltinType.LOCALIZED_TEXT, text);
        } else if (result instanceof ExtensionObject object) {
            return Variant.scalar(BuiltinType.EXTENSION_OBJECT, object);
        }
        return result;
    }

    private static void answer(JsonOutput out, JsonBody data) throws IOException {
        out.startObject();
        out.name("data");
        out.body(data);
        out.then(out::endObject);
    }

    private static byte[] sliced(JsonBody body, JsonStyle style) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonEncoder encoder = new JsonEncoder(body, style);
        boolean done;
        do {
            done = encoder.encode(out, 1);
        } while (!done);
        return out.toByteArray();
    }

    private static Arguments value(BuiltinType type, @Nullable Object value, String json) {
        return arguments(new Variant(type, value, null), json);
    }

    private static String variantJson(int type, String value) {
        return "{'T':'Variant','type':{'T':'BuiltinType','v':" + type + "},'value':" + value
                + ",'dims':null,'bytesB64':null}";
    }

    private static String write(@Nullable Object result) {
        return write(result, JsonStyle.PROTOCOL_1);
    }

    private static String write(@Nullable Object result, JsonStyle style) {
        return new String(JsonEncoder.toBytes(out -> WireWriter.write(out, result), style), StandardCharsets.UTF_8);
    }

    private static String json(String text) {
        return text.replace("'T'", "'__t'").replace('\'', '"');
    }
}

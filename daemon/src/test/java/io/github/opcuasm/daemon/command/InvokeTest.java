package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.WireReader;
import io.github.opcuasm.protocol.json.WireTypes;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code describe} and {@code invoke} through a socket of a daemon to a simulated server. Single quotes stand for double
 * ones, T for the member that names the type.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class InvokeTest {
    private static final String INT32 = "{'T':'NodeId','v':'ns=2;s=Scalars/Int32'}";

    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
        daemon.simulator.clearWrites();
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    /** Protocol, section 2: each request violates the check named first and several of those after it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "invalid_argument; invoke: method; {'command':'invoke'}",
                "invalid_argument; invoke: method; {'command':'invoke','method':'','args':5}",
                "invalid_argument; invoke: method; {'command':'invoke','method':5,'sessionId':'x'}",
                "invalid_argument; invoke: args; {'command':'invoke','method':'nope','args':'x','sessionId':'x'}",
                "invalid_argument; invoke: args; {'command':'invoke','method':'read','args':5}",
                "session_not_found; Session not found; {'command':'invoke','method':'nope','sessionId':'x'}",
                "session_not_found; Session not found; {'command':'invoke','method':'read','args':[{'T':'x'}]}",
                "session_not_found; Session not found; {'command':'invoke','method':'write','sessionId':5}",
                "unknown_method; Unknown method: nope; {'command':'invoke',S,'method':'nope','args':[{'T':'x'}]}",
                "unknown_method; Unknown method: disconnect; {'command':'invoke',S,'method':'disconnect'}",
                "unknown_method; Unknown method: getTimeout; {'command':'invoke',S,'method':'getTimeout'}",
                "invalid_argument; timeoutMs; {'command':'invoke',S,'method':'read','args':[{'T':'x'}],'timeoutMs':0}",
                "EncodingException; args[0].__t; {'command':'invoke',S,'method':'read','args':[{'T':'x'},5]}",
                "InvalidNodeIdException; args[0].v; {'command':'invoke',S,'method':'read','args':[{'T':'NodeId'}]}",
                "invalid_argument; args[1]; {'command':'invoke',S,'method':'browse',"
                        + "'args':['i=85',{'T':'BrowseDirection','v':9}]}",
                "invalid_argument; nodeId; {'command':'invoke',S,'method':'read'}",
                "invalid_argument; nodeId; {'command':'invoke',S,'method':'read','args':null}",
                "invalid_argument; attributeId; {'command':'invoke',S,'method':'read','args':['i=85','x']}",
                "forbidden_method; Method not allowed; {'command':'query',S,'method':'getServerBuildInfo'}",
                "session_not_found; Session not found; {'command':'describe'}",
                "session_not_found; Session not found; {'command':'describe','sessionId':'x','timeoutMs':0}",
                "invalid_argument; timeoutMs; {'command':'describe',S,'timeoutMs':0}",
            })
    void firstFailureWins(String type, String message, String request) throws Exception {
        JsonValue.Obj error = daemon.error(typed(request.replace("S,", "'sessionId':'" + session + "',")));

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).startsWith(message);
    }

    @Test
    void describeNamesWhatInvokeTakes() throws Exception {
        JsonValue.Obj described = (JsonValue.Obj) daemon.data("{'command':'describe','sessionId':'" + session + "'}");

        assertThat(described.members())
                .containsOnlyKeys("methods", "modules", "wireClasses", "enumClasses", "wireTypeIds");
        assertThat(strings(described, "methods"))
                .contains("read", "readMulti", "write", "writeMulti", "browse", "browseAll", "getServerBuildInfo")
                .doesNotContain("getTimeout", "isConnected", "reconnect", "getTrustStore", "flushCache");
        assertThat(strings(described, "modules")).isEqualTo(WireTypes.modules());
        assertThat(strings(described, "wireClasses")).isEqualTo(WireTypes.wireClasses());
        assertThat(strings(described, "enumClasses")).isEqualTo(WireTypes.enumClasses());
        assertThat(strings(described, "wireTypeIds")).isEqualTo(WireTypes.wireTypeIds());
        for (String method : strings(described, "methods")) {
            JsonValue.Obj answer = daemon.ask(invoke(session, method, "[]"));
            assertThat(answer.get("error") instanceof JsonValue.Obj error ? text(error, "type") : "")
                    .as(method)
                    .isNotEqualTo("unknown_method");
        }
    }

    @Test
    void readAnswersWithATypedDataValue() throws Exception {
        JsonValue.Obj value = object(data("read", "[" + INT32 + "]"));

        assertThat(value.members()).containsOnlyKeys("__t", "variant", "status", "sourceTs", "serverTs");
        assertThat(text(value, "__t")).isEqualTo("DataValue");
        assertThat(object(value.get("variant")).members()).containsOnlyKeys("__t", "type", "value", "dims", "bytesB64");
        assertThat(object(value.get("variant")).get("type")).isEqualTo(json("{'T':'BuiltinType','v':6}"));
        assertThat(value.get("status")).hasToString("0");
        assertThat(text(object(value.get("serverTs")), "v"))
                .matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}\\+00:00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'T':'NodeId','v':'ns=2;s=Scalars/Boolean'}",
                "'ns=2;s=Scalars/Boolean'",
                "'nsu=urn:opcuasm:simulator;s=Scalars/Boolean'",
                "{'ns':2,'id':'Scalars/Boolean','type':'string'}",
                "{'v':'ns=2;s=Scalars/Boolean'}",
            })
    void nodeIdsAreTakenTypedAndPlain(String nodeId) throws Exception {
        JsonValue.Obj value = object(data("read", "[" + nodeId + "]"));

        assertThat(object(object(value.get("variant")).get("type")).get("v")).hasToString("1");
    }

    @Test
    void readMultiTakesMapsWithTypedMembers() throws Exception {
        JsonValue.Arr values = (JsonValue.Arr)
                data("readMulti", "[[{'nodeId':" + INT32 + "},{'nodeId':'ns=2;s=Scalars/Int32','attributeId':4}]]");

        assertThat(values.elements()).hasSize(2);
        assertThat(object(object(values.elements().get(1)).get("variant")).get("value"))
                .isEqualTo(json("{'T':'LocalizedText','locale':'en','text':'Int32'}"));
    }

    /** Every type is written typed, with its type beside it, and reads back typed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Boolean | 1 | false",
                "SByte | 2 | -128",
                "Byte | 3 | 255",
                "Int16 | 4 | -32768",
                "UInt16 | 5 | 65535",
                "Int32 | 6 | -2147483648",
                "UInt32 | 7 | 4294967295",
                "Int64 | 8 | -9223372036854775808",
                "UInt64 | 9 | 18446744073709551615",
                "Float | 10 | 0.1",
                "Double | 11 | 'NaN'",
                "String | 12 | 'grüße'",
                "DateTime | 13 | {'T':'DateTime','v':'2024-05-06T07:08:09.123456+00:00'}",
                "Guid | 14 | '72962b91-fa75-4ae6-8d28-b404dc7daf64'",
                "XmlElement | 16 | '<a/>'",
                "NodeId | 17 | {'T':'NodeId','v':'ns=1;b=00ff'}",
                "ExpandedNodeId | 18 | {'T':'NodeId','v':'ns=2;i=5'}",
                "StatusCode | 19 | 2147483648",
                "QualifiedName | 20 | {'T':'QualifiedName','ns':2,'n':'q'}",
                "LocalizedText | 21 | {'T':'LocalizedText','locale':'en','text':'t'}",
            })
    void valuesOfEveryTypeReadBackAsWritten(String name, int type, String value) throws Exception {
        String scalar = "{'T':'NodeId','v':'ns=2;s=Scalars/" + name + "'}";
        String array = "{'T':'NodeId','v':'ns=2;s=Arrays/" + name + "'}";
        String enumeration = "{'T':'BuiltinType','v':" + type + "}";

        assertThat(data("write", "[" + scalar + "," + value + "," + enumeration + "]"))
                .hasToString("0");
        assertThat(data("write", "[" + array + ",[" + value + "," + value + "]]"))
                .hasToString("0");

        JsonValue.Obj readScalar =
                object(object(data("read", "[" + scalar + "]")).get("variant"));
        JsonValue.Obj readArray = object(object(data("read", "[" + array + "]")).get("variant"));
        assertThat(readScalar.get("value")).isEqualTo(json(value));
        assertThat(readScalar.get("type")).isEqualTo(json(enumeration));
        assertThat(readArray.get("value")).isEqualTo(json("[" + value + "," + value + "]"));
    }

    @Test
    void binaryDataIsReadBesideTheValue() throws Exception {
        assertThat(data("write", "['ns=2;s=Scalars/ByteString','AAECgP8=']")).hasToString("0");

        JsonValue.Obj variant =
                object(object(data("read", "['ns=2;s=Scalars/ByteString']")).get("variant"));

        assertThat(variant)
                .isEqualTo(json("{'T':'Variant','type':{'T':'BuiltinType','v':15},'value':null,'dims':null,"
                        + "'bytesB64':'AAECgP8='}"));
    }

    @Test
    void matrixIsWrittenAndReadWithItsDimensions() throws Exception {
        String matrix = "{'T':'Variant','type':{'T':'BuiltinType','v':6},'value':[1,2,3,4,5,6],'dims':[2,3],"
                + "'bytesB64':null}";

        assertThat(data("write", "['ns=2;s=Arrays/Matrix'," + matrix + "]")).hasToString("0");

        assertThat(object(data("read", "['ns=2;s=Arrays/Matrix']")).get("variant"))
                .isEqualTo(json(matrix));
    }

    @Test
    void browseAnswersWithTypedReferences() throws Exception {
        JsonValue.Arr references =
                (JsonValue.Arr) data("browse", "[{'T':'NodeId','v':'i=85'},{'T':'BrowseDirection','v':0}]");

        assertThat(references.elements()).isNotEmpty().allSatisfy(each -> {
            JsonValue.Obj reference = object(each);
            assertThat(reference.members())
                    .containsOnlyKeys(
                            "__t",
                            "refType",
                            "isForward",
                            "nodeId",
                            "browseName",
                            "displayName",
                            "nodeClass",
                            "typeDef");
            assertThat(text(object(reference.get("nodeClass")), "__t")).isEqualTo("NodeClass");
        });
        assertThat(references.elements().stream().map(each -> object(each).get("nodeId")))
                .contains(json("{'T':'NodeId','v':'i=2253'}"));
    }

    /** Its text in hexadecimal, as answers have it, is base64 as well: of another node. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "read | 'ns=2;b=00ff2ffb'",
                "read | 'ns=2;b=00FF2FFB'",
                "readMulti | [{'nodeId':'ns=2;b=00ff2ffb'}]"
            })
    void aNodeInPlainTextIsTheOneOfTheTypedNotation(String method, String arg) throws Exception {
        String here = arg.replace("b=00ff2ffb", "b=AP8v+w==").replace("b=00FF2FFB", "b=AP8v+w==");

        JsonValue typed = data(method, "[" + arg + "]");
        JsonValue plain = daemon.data(query(session, method, "[" + here + "]"));

        assertThat(values(WireReader.read(typed, method)))
                .isEqualTo(values(plain))
                .singleElement()
                .isEqualTo(json("'Opaque'"));
    }

    @Test
    void aNodeInPlainTextMayHaveItsNamespaceUri() throws Exception {
        String uri = ((JsonValue.Str) ((JsonValue.Arr)
                                Objects.requireNonNull(object(daemon.data(query(session, "read", "['i=2255']")))
                                        .get("value")))
                        .elements()
                        .get(2))
                .value();

        JsonValue typed = data("read", "['nsu=" + uri + ";b=AP8v+w==']");

        assertThat(values(WireReader.read(typed, "read"))).containsExactly(json("'Opaque'"));
    }

    private static List<@Nullable JsonValue> values(JsonValue read) {
        return (read instanceof JsonValue.Arr many ? many.elements() : List.of(read))
                .stream()
                        .<@Nullable JsonValue>map(each -> object(each).get("value"))
                        .toList();
    }

    @Test
    void serverInfoIsTyped() throws Exception {
        assertThat(data("getServerProductName", "[]")).isEqualTo(json("'OPC UA simulator'"));
        assertThat(data("getServerManufacturerName", "[]")).isEqualTo(json("'opcua-session-manager'"));
        JsonValue.Obj info = object(data("getServerBuildInfo", "[]"));
        assertThat(info.members()).containsOnlyKeys("__t", "product", "manufacturer", "version", "build", "date");
        assertThat(info.get("product")).isEqualTo(json("'OPC UA simulator'"));
        assertThat(info.get("version")).isEqualTo(data("getServerSoftwareVersion", "[]"));
        assertThat(info.members().get("build")).isEqualTo(data("getServerBuildNumber", "[]"));
        assertThat(info.members().get("date")).isEqualTo(data("getServerBuildDate", "[]"));
    }

    @Test
    void nothingIsDataThatIsNull() {
        byte[] answer = JsonEncoder.toBytes(out -> MethodCalls.writeTyped(out, null), JsonStyle.PROTOCOL_1);

        assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo("{\"data\":null}");
    }

    @Test
    void failuresShareCodesAndOutcomesWithQuery() throws Exception {
        JsonValue.Obj unknownNode = daemon.error(invoke(session, "browse", "['ns=2;s=Nowhere']"));
        JsonValue.Obj misfit = daemon.error(typed(invoke(session, "write", "[" + INT32 + ",2147483648]")));
        JsonValue.Obj malformed = daemon.error(typed(invoke(session, "write", "[{'T':'x'},1]")));
        Fault writes = daemon.simulator.faults().hang(Service.WRITE);
        JsonValue.Obj unanswered = daemon.error(typed(invoke(session, "write", "[" + INT32 + ",1,6],'timeoutMs':300")));

        assertThat(unknownNode.get("code")).hasToString(String.valueOf(StatusCodes.Bad_NodeIdUnknown));
        assertThat(unknownNode.members()).doesNotContainKey("outcome");
        assertThat(text(misfit, "type")).isEqualTo("WriteTypeMismatchException");
        assertThat(text(misfit, "outcome")).isEqualTo("not_sent");
        assertThat(text(malformed, "type")).isEqualTo("EncodingException");
        assertThat(text(malformed, "outcome")).isEqualTo("not_sent");
        assertThat(writes.held()).isEqualTo(1);
        assertThat(text(unanswered, "outcome")).isEqualTo("unknown");
    }

    @Test
    void invokeIsTakenOnAKeptConnectionInItsStyle() throws Exception {
        data("write", "['ns=2;s=Scalars/UInt64',18446744073709551615]");

        JsonValue.Obj answer = daemon.askKept(
                "{'command':'hello','id':1,'int64':'string'}",
                invoke(session, "read", "['ns=2;s=Scalars/UInt64']").replace("'args'", "'id':'x','args'"));

        assertThat(text(answer, "id")).isEqualTo("x");
        JsonValue.Obj value = object(object(answer.get("data")).get("data"));
        assertThat(object(value.get("variant")).get("value")).isEqualTo(json("'18446744073709551615'"));
    }

    /** NaN, infinities, text of any kind, the ends of all ranges: each answer is one object, and both notations agree. */
    @Test
    void oddValuesAreTheSameInBothNotationsAndProtocols() throws Exception {
        List<String> nodes = new ArrayList<>();
        for (String folder : List.of("OddScalars", "Arrays", "Quality")) {
            JsonValue.Arr children =
                    (JsonValue.Arr) daemon.data(query(session, "browseAll", "['ns=2;s=" + folder + "',0,'i=35']"));
            for (JsonValue child : children.elements()) {
                nodes.add("ns=2;s=" + text(object(object(child).get("nodeId")), "id"));
            }
        }
        assertThat(nodes).hasSizeGreaterThan(60);

        for (String node : nodes) {
            String params = "['" + node + "']";
            JsonValue.Obj typed =
                    object(object(daemon.data(invoke(session, "read", params))).get("data"));
            JsonValue.Obj plain = object(daemon.data(query(session, "read", params)));
            JsonValue.Obj kept =
                    object(daemon.askKept(invoke(session, "read", params).replace("'args'", "'id':1,'args'"))
                            .get("data"));

            assertThat(lasting(object(WireReader.read(typed, node)))).as(node).isEqualTo(lasting(plain));
            assertThat(kept.members()).as(node).containsOnlyKeys("data");
        }
    }

    /** Without the time of the server, which differs from read to read. */
    private static Map<String, JsonValue> lasting(JsonValue.Obj dataValue) {
        Map<String, JsonValue> members = new LinkedHashMap<>(dataValue.members());
        members.remove("serverTimestamp");
        return members;
    }

    /** What a method gives, as a typed value. */
    private JsonValue data(String method, String args) throws Exception {
        JsonValue.Obj answer = object(daemon.data(typed(invoke(session, method, args))));
        assertThat(answer.members()).containsOnlyKeys("data");
        return Objects.requireNonNull(answer.members().get("data"));
    }

    private static List<String> strings(JsonValue.Obj object, String member) {
        return ((JsonValue.Arr) Objects.requireNonNull(object.get(member)))
                .elements().stream().map(each -> ((JsonValue.Str) each).value()).toList();
    }

    private static JsonValue.Obj object(@Nullable JsonValue value) {
        return (JsonValue.Obj) Objects.requireNonNull(value);
    }

    private static String typed(String text) {
        return text.replace("'T'", "'__t'");
    }

    private static JsonValue json(String text) {
        byte[] utf8 = typed(text).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }
}

package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Typed values become the plain shapes; single quotes stand for double ones, T for the member that names the type. */
final class WireReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "5 | 5",
                "'text' | 'text'",
                "null | null",
                "1.50 | 1.50",
                "[1,[true,{'a':null}]] | [1,[true,{'a':null}]]",
                "{'ns':2,'id':'x','type':'string'} | {'ns':2,'id':'x','type':'string'}",
                "{'v':'ns=2;s=x'} | {'v':'ns=2;s=x'}",
                "'ns=2;s=x' | 'ns=2;s=x'",
                "{'T':'NodeId','v':'i=85'} | {'ns':0,'id':85,'type':'numeric'}",
                "{'T':'NodeId','v':'ns=2;s=a=b;c'} | {'ns':2,'id':'a=b;c','type':'string'}",
                "{'T':'NodeId','v':'ns=1;b=00FF'} | {'ns':1,'id':'00ff','type':'opaque'}",
                "{'T':'NodeId','v':'ns=1;b='} | {'ns':1,'id':'','type':'opaque'}",
                "{'T':'NodeId','v':'g=72962B91-FA75-4AE6-8D28-B404DC7DAF64'}"
                        + " | {'ns':0,'id':'72962b91-fa75-4ae6-8d28-b404dc7daf64','type':'guid'}",
                "{'T':'NodeId','v':'i=5','nsu':'urn:a','serverIndex':1}"
                        + " | {'ns':0,'id':5,'type':'numeric','nsu':'urn:a','serverIndex':1}",
                "{'T':'QualifiedName','ns':1,'n':'QN'} | {'ns':1,'name':'QN'}",
                "{'T':'LocalizedText','locale':'en','text':null} | {'locale':'en','text':null}",
                "{'T':'LocalizedText'} | {'locale':null,'text':null}",
                "{'T':'DateTime','v':'2024-05-06T07:08:09.123456+00:00'} | '2024-05-06T07:08:09.123456+00:00'",
                "{'T':'DateTime','v':'2024-05-06T07:08:09Z'} | '2024-05-06T07:08:09Z'",
                "{'T':'BuiltinType','v':6} | 6",
                "{'T':'BuiltinType','v':6.0} | 6",
                "{'T':'BrowseDirection','v':2} | 2",
                "{'T':'NodeClass','v':128} | 128",
                "{'T':'OpenFileMode','v':8} | 8",
                "{'T':'PerformUpdateType','v':3} | 3",
                "{'T':'AggregateFunction','v':'average'} | 'average'",
                "{'T':'ConnectionState','v':'Broken'} | 'Broken'",
                "{'T':'Variant','type':{'T':'BuiltinType','v':6},'value':5,'dims':null,'bytesB64':null}"
                        + " | {'type':6,'value':5,'dimensions':null}",
                "{'T':'Variant','type':6,'value':[1,2],'dims':[1,2]} | {'type':6,'value':[1,2],'dimensions':[1,2]}",
                "{'T':'Variant','type':{'T':'BuiltinType','v':24}} | {'type':24,'value':null,'dimensions':null}",
                "{'T':'Variant','type':{'T':'BuiltinType','v':15},'value':null,'dims':null,'bytesB64':'AAECgP8='}"
                        + " | {'type':15,'value':'AAECgP8=','dimensions':null}",
                "{'T':'Variant','type':15,'value':['AP8=',null]} | {'type':15,'value':['AP8=',null],'dimensions':null}",
                "{'T':'Variant','type':13,'value':{'T':'DateTime','v':'2024-05-06T07:08:09Z'}}"
                        + " | {'type':13,'value':'2024-05-06T07:08:09Z','dimensions':null}",
                "{'T':'Variant','type':24,'value':[{'T':'Variant','type':1,'value':true}]}"
                        + " | {'type':24,'value':[{'type':1,'value':true,'dimensions':null}],'dimensions':null}",
                "{'T':'DataValue'} | {'value':null,'type':null,'dimensions':null,'statusCode':0,"
                        + "'sourceTimestamp':null,'serverTimestamp':null}",
                "{'T':'DataValue','variant':{'T':'Variant','type':6,'value':5},'status':2147483648,"
                        + "'sourceTs':{'T':'DateTime','v':'2024-05-06T07:08:09Z'}}"
                        + " | {'value':5,'type':6,'dimensions':null,'statusCode':2147483648,"
                        + "'sourceTimestamp':'2024-05-06T07:08:09Z','serverTimestamp':null}",
                "{'T':'ExtensionObject','typeId':{'T':'NodeId','v':'i=886'},'encoding':1,'bodyB64':'AA==','value':null}"
                        + " | {'typeId':{'ns':0,'id':886,'type':'numeric'},'encoding':1,'body':'AA==','value':null}",
                "{'T':'ExtensionObject','typeId':'i=886','encoding':0}"
                        + " | {'typeId':'i=886','encoding':0,'body':null,'value':null}",
                "{'T':'BrowseResultSet','refs':[],'cpB64':'YWIt'} | {'references':[],'continuationPoint':'ab-'}",
                "{'T':'AddNodesResult','status':0,'added':{'T':'NodeId','v':'i=1'}}"
                        + " | {'statusCode':0,'addedNodeId':{'ns':0,'id':1,'type':'numeric'}}",
                "{'T':'BuildInfo','product':'p','date':{'T':'DateTime','v':'2024-05-06T07:08:09Z'}}"
                        + " | {'productName':'p','manufacturerName':null,'softwareVersion':null,'buildNumber':null,"
                        + "'buildDate':'2024-05-06T07:08:09Z'}",
                "{'T':'CreateFileResult','fileNodeId':'i=1','fileHandle':7} | {'fileNodeId':'i=1','fileHandle':7}",
                "{'T':'HistoryUpdateResult','status':0,'ops':[0]} | {'statusCode':0,'operationResults':[0]}",
                // What a newer peer adds is no error.
                "{'T':'QualifiedName','ns':1,'n':'QN','new':1} | {'ns':1,'name':'QN'}",
                "{'nodeId':{'T':'NodeId','v':'i=85'},'attributeId':13}"
                        + " | {'nodeId':{'ns':0,'id':85,'type':'numeric'},'attributeId':13}",
            })
    void typedValuesBecomePlainOnes(String typed, String plain) {
        assertThat(WireReader.read(json(typed), "args[0]")).isEqualTo(json(plain));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ENCODING | {'T':'Evil\\\\Class','x':1} | args[0].__t | Evil\\Class",
                "ENCODING | {'T':'Nodeid','v':'i=1'} | args[0].__t | Nodeid",
                "ENCODING | {'T':''} | args[0].__t | \"\"",
                "ENCODING | {'T':5} | args[0].__t | 5",
                "ENCODING | {'T':null} | args[0].__t | null",
                "ENCODING | [[{'a':{'T':'x'}}]] | args[0][0][0].a.__t | x",
                "ENCODING | {'T':'QualifiedName','ns':0,'name':'Server'} | args[0].n | nothing",
                "ENCODING | {'T':'QualifiedName','ns':'0','n':'Server'} | args[0].ns | \"0\"",
                "ENCODING | {'T':'LocalizedText','text':5} | args[0].text | 5",
                "ENCODING | {'T':'DateTime','v':'yesterday'} | args[0].v | yesterday",
                "ENCODING | {'T':'DateTime','v':5} | args[0].v | 5",
                "ENCODING | {'T':'DateTime'} | args[0].v | nothing",
                "ENCODING | {'T':'BuiltinType'} | args[0].v | nothing",
                "ENCODING | {'T':'Variant','value':5} | args[0].type | nothing",
                "ENCODING | {'T':'Variant','type':'Int32','value':5} | args[0].type | Int32",
                "ENCODING | {'T':'Variant','type':6,'value':5,'dims':3} | args[0].dims | 3",
                "ENCODING | {'T':'Variant','type':15,'bytesB64':'not base64!'} | args[0].bytesB64 | not base64!",
                "ENCODING | {'T':'Variant','type':15,'bytesB64':5} | args[0].bytesB64 | 5",
                "ENCODING | {'T':'Variant','type':12,'bytesB64':'AA=='} | args[0].bytesB64 | AA==",
                "ENCODING | {'T':'Variant','type':15,'value':'AA==','bytesB64':'AA=='} | args[0].bytesB64 | AA==",
                "ENCODING | {'T':'Variant','type':17,'value':{'T':'Unknown'}} | args[0].value.__t | Unknown",
                "ENCODING | {'T':'DataValue','variant':5} | args[0].variant | 5",
                "ENCODING | {'T':'DataValue','variant':{'T':'NodeId','v':'i=1'}} | args[0].variant | an object",
                "ENCODING | {'T':'DataValue','status':'Good'} | args[0].status | Good",
                "ENCODING | {'T':'DataValue','sourceTs':5} | args[0].sourceTs | 5",
                "ENCODING | {'T':'ExtensionObject','encoding':1} | args[0].typeId | nothing",
                "ENCODING | {'T':'ExtensionObject','typeId':{'T':'QualifiedName','ns':0,'n':'x'},'encoding':0}"
                        + " | args[0].typeId | an object",
                "ENCODING | {'T':'BrowseResultSet','refs':[],'cpB64':'?'} | args[0].cpB64 | ?",
                "ENCODING | {'T':'ReferenceDescription','refType':'i=1'} | args[0].isForward | nothing",
                "ENCODING | {'T':'CallResult','status':0,'inputResults':5,'output':[]} | args[0].inputResults | 5",
                "INVALID_NODE_ID | {'T':'NodeId','v':'nonsense'} | args[0] | nonsense",
                "INVALID_NODE_ID | {'T':'NodeId','v':'ns=70000;i=1'} | args[0] | 70000",
                "INVALID_NODE_ID | {'T':'NodeId','v':'ns=1;b=xyz'} | args[0] | b=xyz",
                "INVALID_NODE_ID | {'T':'NodeId','v':'nsu=urn:a;s=x'} | args[0] | nsu=urn:a",
                "INVALID_NODE_ID | {'T':'NodeId','v':'i=4294967296'} | args[0] | 4294967296",
                "INVALID_NODE_ID | {'T':'NodeId','ns':0,'id':1} | args[0].v | nothing",
                "INVALID_NODE_ID | {'T':'NodeId','v':5} | args[0].v | 5",
                "INVALID_ARGUMENT | {'T':'BrowseDirection','v':9} | args[0] | BrowseDirection 9",
                "INVALID_ARGUMENT | {'T':'BuiltinType','v':0} | args[0] | BuiltinType 0",
                "INVALID_ARGUMENT | {'T':'BuiltinType','v':26} | args[0] | BuiltinType 26",
                "INVALID_ARGUMENT | {'T':'BuiltinType','v':'6'} | args[0] | BuiltinType \"6\"",
                "INVALID_ARGUMENT | {'T':'BuiltinType','v':1e999999999} | args[0] | BuiltinType 1e999999999",
                "INVALID_ARGUMENT | {'T':'NodeClass','v':3} | args[0] | NodeClass 3",
                "INVALID_ARGUMENT | {'T':'OpenFileMode','v':3} | args[0] | OpenFileMode 3",
                "INVALID_ARGUMENT | {'T':'ConnectionState','v':'connected'} | args[0] | ConnectionState \"connected\"",
                "INVALID_ARGUMENT | {'T':'AggregateFunction','v':'median'} | args[0] | AggregateFunction \"median\"",
                "INVALID_ARGUMENT | {'T':'Variant','type':{'T':'BuiltinType','v':99}} | args[0].type | BuiltinType 99",
            })
    void whatIsNoTypedValueIsRefusedWithItsPlace(ErrorType type, String typed, String path, String got) {
        CommandException error = refusal(json(typed));

        assertThat(error.type()).isEqualTo(type);
        assertThat(error.messageText()).startsWith(path + ": ").contains(got);
    }

    @Test
    void nestingHasABound() {
        JsonValue fits = nested(JsonReader.MAX_ANSWER_DEPTH);
        JsonValue tooDeep = nested(JsonReader.MAX_ANSWER_DEPTH + 1);

        assertThatCode(() -> WireReader.read(fits, "args[0]")).doesNotThrowAnyException();
        assertThat(refusal(tooDeep).type()).isEqualTo(ErrorType.ENCODING);
    }

    @Test
    void placeInAMessageIsOneLineWhateverTheNames() {
        CommandException error = refusal(new JsonValue.Obj(
                Map.of("line\nbreak", new JsonValue.Obj(Map.of("n".repeat(60_000), json("[1,{'T':'x'}]"))))));

        assertThat(error.messageText())
                .startsWith("args[0].line\uFFFDbreak.nnn")
                .contains("…[1].__t: ");
        assertThat(error.messageText()).hasSizeLessThan(400);
    }

    @Test
    void everyListedTypeIsRead() {
        for (String type : WireTypes.wireTypeIds()) {
            CommandException error = refusalOrNull(json("{'T':'" + type + "'}"));

            // Without members nearly all of them are malformed, but none is unknown.
            if (error != null) {
                assertThat(error.messageText()).as(type).doesNotContain("__t");
            }
        }
    }

    private static JsonValue nested(int levels) {
        JsonValue value = new JsonValue.Arr(List.of());
        for (int i = 1; i < levels; i++) {
            value = new JsonValue.Arr(List.of(value));
        }
        return value;
    }

    private static CommandException refusal(JsonValue typed) {
        return Objects.requireNonNull(refusalOrNull(typed), "it was taken");
    }

    private static CommandException refusalOrNull(JsonValue typed) {
        return catchThrowableOfType(CommandException.class, () -> WireReader.read(typed, "args[0]"));
    }

    private static JsonValue json(String text) {
        byte[] utf8 = text.replace("'T'", "'__t'").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }
}

package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.StrictPeer.codes;
import static io.github.opcuasm.daemon.command.StrictPeer.elements;
import static io.github.opcuasm.daemon.command.StrictPeer.kept;
import static io.github.opcuasm.daemon.command.StrictPeer.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes and references are added, read back and deleted; each test has nodes of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class NodeManagementMethodsTest {
    private static final String MANAGED = "ns=2;s=Managed";
    private static final String PLACE = "'parentNodeId':'" + MANAGED + "','referenceTypeId':'i=35'";

    private RunningDaemon daemon;
    private StrictPeer peer;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
        peer = new StrictPeer(daemon);
    }

    @AfterAll
    void stop() throws Exception {
        peer.close();
        daemon.close();
    }

    @Test
    void variableIsAddedWithItsAttributesAndDeleted() throws Exception {
        JsonValue added = data(
                "addNodes",
                "[[{" + PLACE + ",'requestedNewNodeId':'ns=2;s=Managed/Speed','browseName':'2:Speed','nodeClass':2,"
                        + "'typeDefinition':'i=63','description':'Drehzahl','dataType':'i=11','valueRank':-1,"
                        + "'value':1480.5,'accessLevel':3,'userAccessLevel':3}]]");
        List<String> read = List.of(
                attribute("ns=2;s=Managed/Speed", 3),
                attribute("ns=2;s=Managed/Speed", 4),
                attribute("ns=2;s=Managed/Speed", 5),
                attribute("ns=2;s=Managed/Speed", 13),
                attribute("ns=2;s=Managed/Speed", 14),
                attribute("ns=2;s=Managed/Speed", 17));
        JsonValue written = data("write", "['ns=2;s=Managed/Speed',7]");
        JsonValue deleted = data("deleteNodes", "[[{'nodeId':'ns=2;s=Managed/Speed'},{'nodeId':'ns=2;s=Nowhere'}]]");

        assertThat(member(elements(added).get(0), "statusCode")).hasToString("0");
        assertThat(member(elements(added).get(0), "addedNodeId").toString()).contains("Managed/Speed");
        assertThat(read.get(0)).contains("name=\"Speed\"");
        assertThat(read.get(1)).contains("text=\"Speed\"");
        assertThat(read.get(2)).contains("text=\"Drehzahl\"");
        assertThat(read.get(3)).isEqualTo("1480.5");
        assertThat(read.get(4)).contains("id=11");
        assertThat(read.get(5)).isEqualTo("3");
        assertThat(written).hasToString("0");
        assertThat(codes(deleted)).containsExactly(StatusCodes.Good, StatusCodes.Bad_NodeIdUnknown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'parentNodeId':'ns=2;s=Managed','referenceTypeId':'i=35','browseName':'2:O','nodeClass':'Object',"
                        + "'typeDefinition':'i=61','eventNotifier':1}",
                "{'parentNodeId':'ns=2;s=Managed','referenceTypeId':'i=35','browseName':'2:V','nodeClass':'Variable',"
                        + "'typeDefinition':'i=63','dataType':'i=6','valueRank':1,'arrayDimensions':[3],"
                        + "'value':{'type':6,'value':[1,2,3]},'minimumSamplingInterval':-1,'historizing':false}",
                "{'parentNodeId':'ns=2;s=Managed','referenceTypeId':'i=35','browseName':{'ns':2,'name':'W'},"
                        + "'nodeClass':'View','containsNoLoops':true,'eventNotifier':0}"
            })
    void nodeIsAddedUnderAnIdThatTheServerChooses(String item) throws Exception {
        JsonValue added = data("addNodes", "[[" + item + "]]");

        JsonValue.Obj result = (JsonValue.Obj) elements(added).get(0);
        assertThat(member(result, "statusCode")).hasToString("0");
        assertThat(text((JsonValue.Obj) member(result, "addedNodeId"), "type")).isEqualTo("numeric");
        assertThat(codes(data(
                        "deleteNodes", "[[{'nodeId':'ns=2;i=" + member(member(result, "addedNodeId"), "id") + "'}]]")))
                .containsExactly(StatusCodes.Good);
    }

    // What each item comes to is its own: the server refuses one, not all.
    @Test
    void eachNodeHasItsOwnResult() throws Exception {
        String folder = "'browseName':'2:x','nodeClass':1,'typeDefinition':'i=61','referenceTypeId':'i=35'";

        JsonValue added = data(
                "addNodes",
                "[[{" + folder + ",'parentNodeId':'ns=2;s=Nowhere'},{" + folder
                        + ",'parentNodeId':'ns=2;s=Managed/Locked'},{" + folder + ",'parentNodeId':'i=85'},{" + folder
                        + ",'parentNodeId':'" + MANAGED + "','requestedNewNodeId':'ns=2;s=Managed/Own'}]]");

        assertThat(elements(added).stream()
                        .map(each -> Long.valueOf(member(each, "statusCode").toString())))
                .containsExactly(
                        StatusCodes.Bad_ParentNodeIdInvalid,
                        StatusCodes.Bad_UserAccessDenied,
                        StatusCodes.Bad_UserAccessDenied,
                        StatusCodes.Good);
    }

    @Test
    void referencesAreAddedAndDeleted() throws Exception {
        data("addNodes", "[[" + folder("A") + "," + folder("B") + "]]");
        String between = "'sourceNodeId':'ns=2;s=Managed/A','referenceTypeId':'i=35','targetNodeId':'ns=2;s=Managed/B'";

        JsonValue before = data("browse", "['ns=2;s=Managed/A',0,'i=35',true,[]]");
        JsonValue added = data("addReferences", "[[{" + between + ",'targetNodeClass':1}]]");
        JsonValue after = data("browse", "['ns=2;s=Managed/A',0,'i=35',true,[]]");
        JsonValue deleted = data("deleteReferences", "[[{" + between + "}]]");
        JsonValue atLast = data("browse", "['ns=2;s=Managed/A',0,'i=35',true,[]]");

        assertThat(codes(added)).containsExactly(StatusCodes.Good);
        assertThat(codes(deleted)).containsExactly(StatusCodes.Good);
        assertThat(elements(before)).isEmpty();
        assertThat(elements(after)).hasSize(1);
        assertThat(elements(atLast)).isEmpty();
    }

    // The cache would say for minutes what was there before.
    @Test
    void addedAndDeletedNodesShowAtOnce() throws Exception {
        data("browseAll", "['" + MANAGED + "']");

        data("addNodes", "[[" + folder("Fresh") + "]]");
        String afterAdding = data("browseAll", "['" + MANAGED + "']").toString();
        JsonValue resolved = data("resolveNodeId", "['/2:Fresh','" + MANAGED + "']");
        attribute("ns=2;s=Managed/Fresh", 4);
        data("deleteNodes", "[[{'nodeId':'ns=2;s=Managed/Fresh'}]]");
        String afterDeleting = data("browseAll", "['" + MANAGED + "']").toString();
        JsonValue.Obj gone = error("resolveNodeId", "['/2:Fresh','" + MANAGED + "']");

        assertThat(afterAdding).contains("Managed/Fresh");
        assertThat(resolved.toString()).contains("Managed/Fresh");
        assertThat(afterDeleting).doesNotContain("Managed/Fresh");
        assertThat(text(gone, "type")).isEqualTo("ServiceException");
        assertThat(member(data("read", "['ns=2;s=Managed/Fresh',4]"), "statusCode"))
                .hasToString(Long.toString(StatusCodes.Bad_NodeIdUnknown));
    }

    @Test
    void typedNotationAddsAndTellsTheId() throws Exception {
        JsonValue.Obj answer = peer.askKept(kept(invoke(
                session,
                "addNodes",
                "[[{'parentNodeId':{'__t':'NodeId','v':'" + MANAGED
                        + "'},'referenceTypeId':{'__t':'NodeId','v':'i=35'},"
                        + "'requestedNewNodeId':{'__t':'NodeId','v':'ns=2;s=Managed/Typed'},"
                        + "'browseName':{'__t':'QualifiedName','ns':2,'n':'Typed'},"
                        + "'nodeClass':{'__t':'NodeClass','v':2},'typeDefinition':{'__t':'NodeId','v':'i=63'},"
                        + "'value':{'__t':'Variant','type':{'__t':'BuiltinType','v':6},'value':5,'dims':null,"
                        + "'bytesB64':null}}]]")));

        assertThat(StrictPeer.data(answer).toString())
                .contains("__t=\"AddNodesResult\"", "status=0", "ns=2;s=Managed/Typed");
        assertThat(attribute("ns=2;s=Managed/Typed", 13)).isEqualTo("5");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'browseName':'2:x'                                                     | nodes[0].nodeClass: got nothing; 1 Object; 128 View
            'browseName':'2:x','nodeClass':0                                       | nodes[0].nodeClass: got 0; 2 Variable
            'browseName':'2:x','nodeClass':6                                       | nodes[0].nodeClass: got 6
            'browseName':'2:x','nodeClass':'Varible'                               | nodes[0].nodeClass; did you mean Variable?
            'nodeClass':1,'typeDefinition':'i=58'                                  | nodes[0].browseName: got nothing
            'browseName':'','nodeClass':1,'typeDefinition':'i=58'                  | nodes[0].browseName; not empty
            'browseName':'2:','nodeClass':1,'typeDefinition':'i=58'                | nodes[0].browseName: got \\"2:\\"; not empty
            'browseName':'70000:x','nodeClass':1,'typeDefinition':'i=58'           | nodes[0].browseName; 65535
            'browseName':'2:x','nodeClass':1                                       | nodes[0].typeDefinition: got nothing; i=58; FolderType
            'browseName':'2:x','nodeClass':2                                       | nodes[0].typeDefinition: got nothing; i=63; PropertyType
            'browseName':'2:x','nodeClass':4,'typeDefinition':'i=58'               | nodes[0].typeDefinition: got; nothing for nodeClass Method; only an Object or a Variable
            'browseName':'2:x','nodeClass':1,'typeDefinition':'i=58','accessLevel':3 | nodes[0].accessLevel: got 3, expected nothing for nodeClass Object: it is an attribute of Variable nodes
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','executable':true | nodes[0].executable: got true; Method nodes
            'browseName':'2:x','nodeClass':8,'symmetric':true                      | nodes[0].symmetric; ReferenceType nodes
            'browseName':'2:x','nodeClass':64,'value':5                            | nodes[0].value: got 5; Variable, VariableType nodes
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','arrayDimensions':[3] | nodes[0].arrayDimensions: got an array of 1; none beside valueRank -1; valueRank 1 would fit
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','valueRank':2,'arrayDimensions':[3] | nodes[0].arrayDimensions; 2 lengths, as many as valueRank says
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','valueRank':-4 | nodes[0].valueRank: got -4; -3 to
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','accessLevel':256 | nodes[0].accessLevel: got 256; 0 to 127
            'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63','writeMask':-1 | nodes[0].writeMask: got -1
            'browseName':'2:x','nodeClass':1,'typeDefinition':'i=58','eventNotifier':2 | nodes[0].eventNotifier: got 2; 1 SubscribeToEvents, 4 HistoryRead and 8 HistoryWrite
            'browseName':'2:x','nodeClass':1,'typeDefinition':'i=58','displayName':5 | nodes[0].displayName: 5 does not fit LocalizedText
            """)
    void whatANodeClassDoesNotAllowIsNotSent(String members, String words) throws Exception {
        JsonValue.Obj error = error("addNodes", "[[{" + PLACE + "," + members + "}]]");

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(text(error, "message")).contains(words.replace("\\", "").split("; "));
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            addNodes         | [[{'browseName':'2:x','nodeClass':1,'typeDefinition':'i=58','referenceTypeId':'i=35'}]] | invalid_argument | nodes[0].parentNodeId: got nothing
            addNodes         | [[{'browseName':'2:x','nodeClass':1,'typeDefinition':'i=58','parentNodeId':'i=85'}]] | invalid_argument | nodes[0].referenceTypeId: got nothing
            addNodes         | [[]]                                                      | ServiceException       | There are no nodes; Bad_NothingToDo
            addNodes         | []                                                        | invalid_argument       | nodes: got nothing
            deleteNodes      | [[{}]]                                                    | invalid_argument       | nodes[0].nodeId: got nothing
            deleteNodes      | [[{'nodeId':'nsu=urn:none;s=x'}]]                         | InvalidNodeIdException | urn:none
            deleteNodes      | [[]]                                                      | ServiceException       | There are no nodes
            addReferences    | [[{'sourceNodeId':'i=85','referenceTypeId':'i=35','targetNodeId':'i=84'}]] | invalid_argument | references[0].targetNodeClass: got nothing; 1 Object
            addReferences    | [[{'sourceNodeId':'i=85','referenceTypeId':'i=35','targetNodeClass':1}]] | invalid_argument | references[0].targetNodeId: got nothing
            addReferences    | [[]]                                                      | ServiceException       | There are no references
            deleteReferences | [[{'sourceNodeId':'i=85','targetNodeId':'i=84'}]]         | invalid_argument       | references[0].referenceTypeId: got nothing
            deleteReferences | [[]]                                                      | ServiceException       | There are no references
            """)
    void whatIsMissingIsNamed(String method, String params, String type, String words) throws Exception {
        JsonValue.Obj error = error(method, params);

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(words.split("; "));
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'value':5                                        | WriteTypeDetectionException | nodes[0].value: got 5 without a type; i=24, is abstract; {"type","value"}
            'value':5,'dataType':'ns=2;i=99999'              | WriteTypeDetectionException | nodes[0].value; ns=2;i=99999, is none that the server describes
            'value':'x','dataType':'i=6'                     | WriteTypeMismatchException  | nodes[0].value; Int32
            'value':[1,2],'dataType':'i=6','valueRank':-1    | WriteTypeMismatchException  | nodes[0].value
            'value':{'type':3,'value':300},'dataType':'i=3'  | invalid_argument            | nodes[0].value; 300
            """)
    void valueThatDoesNotFitIsNotSent(String members, String type, String words) throws Exception {
        String item = "{" + PLACE + ",'browseName':'2:x','nodeClass':2,'typeDefinition':'i=63'," + members + "}";

        JsonValue.Obj error = error("addNodes", "[[" + item + "]]");

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(words.split("; "));
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
    }

    @Test
    void serverWithoutTheServiceIsSaidToHaveNone() throws Exception {
        Fault unsupported = daemon.simulator.faults().fail(Service.DELETE_NODES, StatusCodes.Bad_ServiceUnsupported);

        JsonValue.Obj error = error("deleteNodes", "[[{'nodeId':'ns=2;s=Managed/Nothing'}]]");
        unsupported.close();

        assertThat(text(error, "type")).isEqualTo("ServiceUnsupportedException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"addNodes", "deleteNodes", "addReferences", "deleteReferences"})
    void protocol1HasThemByInvokeAlone(String method) throws Exception {
        JsonValue.Obj queried = peer.ask(query(session, method, "[]"));
        JsonValue.Obj invoked = peer.ask(invoke(session, method, "[]"));

        assertThat(text(Objects.requireNonNull(StrictPeer.error(queried)), "type"))
                .isEqualTo("forbidden_method");
        assertThat(text(Objects.requireNonNull(StrictPeer.error(invoked)), "type"))
                .isEqualTo("invalid_argument");
    }

    private static String folder(String name) {
        return "{" + PLACE + ",'requestedNewNodeId':'ns=2;s=Managed/" + name + "','browseName':'2:" + name
                + "','nodeClass':1,'typeDefinition':'i=61'}";
    }

    private String attribute(String node, int attributeId) throws Exception {
        return member(data("read", "['" + node + "'," + attributeId + "]"), "value")
                .toString();
    }

    private JsonValue data(String method, String params) throws Exception {
        return StrictPeer.data(peer.askKept(kept(query(session, method, params))));
    }

    private JsonValue.Obj error(String method, String params) throws Exception {
        return Objects.requireNonNull(StrictPeer.error(peer.askKept(kept(query(session, method, params)))));
    }
}

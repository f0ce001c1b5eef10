package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of the View, Discovery, Method and History services, through a socket. Each request has a connection of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class ViewAndMethodRowsTest {
    private static final String ADD = "'ns=2;s=Methods','ns=2;s=Methods/Add'";
    private static final String RAMP = "'ns=2;s=History/Ramp'";

    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20,'defaultBrowseMaxDepth':2}");
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
        daemon.simulator.limits().reset();
        daemon.simulator.calls().clear();
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "browse | ['i=84',0,null,true,[],1] | useCache",
                "browseAll | ['i=84',0,null,true,[],'no'] | useCache",
                "browseWithContinuation | [] | nodeId",
                "browseWithContinuation | ['i=84',3] | direction",
                "browseWithContinuation | ['i=84',0,5] | referenceTypeId",
                "browseWithContinuation | ['i=84',0,null,'yes'] | includeSubtypes",
                "browseWithContinuation | ['i=84',0,null,true,[5]] | nodeClasses[0]",
                "browseNext | [] | continuationPoint",
                "browseNext | [5] | continuationPoint",
                "browseRecursive | [] | nodeId",
                "browseRecursive | ['i=84',4] | direction",
                "browseRecursive | ['i=84',0,-2] | maxDepth",
                "browseRecursive | ['i=84',0,'3'] | maxDepth",
                "browseRecursive | ['i=84',0,1.5] | maxDepth",
                "browseRecursive | ['i=84',0,1,7] | referenceTypeId",
                "browseRecursive | ['i=84',0,1,null,1] | includeSubtypes",
                "browseRecursive | ['i=84',0,1,null,true,[3]] | nodeClasses[0]",
                "translateBrowsePaths | [] | browsePaths",
                "translateBrowsePaths | ['x'] | browsePaths",
                "translateBrowsePaths | [[{}]] | browsePaths[0].startingNodeId",
                "translateBrowsePaths | [[{'startingNodeId':'i=85'}]] | browsePaths[0].relativePath",
                "translateBrowsePaths | [[{'startingNodeId':'i=85','relativePath':[{}]}]] | browsePaths[0].relativePath[0].targetName",
                "translateBrowsePaths | [[{'startingNodeId':'i=85','relativePath':[{'targetName':'x'}]}]] | browsePaths[0].relativePath[0].targetName",
                "translateBrowsePaths | [[{'startingNodeId':'i=85','relativePath':[{'isInverse':1}]}]] | browsePaths[0].relativePath[0].isInverse",
                "resolveNodeId | [] | path",
                "resolveNodeId | [5] | path",
                "resolveNodeId | [''] | path",
                "resolveNodeId | ['/a//b'] | path",
                "resolveNodeId | ['a',5] | startingNodeId",
                "resolveNodeId | ['a',null,1] | useCache",
                "getEndpoints | [] | url",
                "getEndpoints | [5] | url",
                "getEndpoints | ['opc.tcp://127.0.0.1:1','yes'] | useCache",
                "call | [] | objectId",
                "call | ['i=85'] | methodId",
                "call | ['i=85','i=1',5] | inputArguments",
                "call | ['i=85','i=1',[5]] | inputArguments[0]",
                "call | ['i=85','i=1',[{'value':5}]] | inputArguments[0].type",
                "call | ['i=85','i=1',[{'value':null}]] | inputArguments[0].type",
                "call | ['i=85','i=1',[{'type':6,'value':1},{'type':26,'value':1}]] | inputArguments[1].type",
                "call | ['i=85','i=1',[{'type':6,'value':1.5}]] | inputArguments[0].value",
                "call | ['i=85','i=1',[{'type':3,'value':300}]] | inputArguments[0].value",
                "historyReadRaw | [] | nodeId",
                "historyReadRaw | ['i=1','zzz'] | startTime",
                "historyReadRaw | ['i=1',null,5] | endTime",
                "historyReadRaw | ['i=1',null,null,-1] | numValuesPerNode",
                "historyReadRaw | ['i=1',null,null,4294967296] | numValuesPerNode",
                "historyReadRaw | ['i=1',null,null,1,1] | returnBounds",
                "historyReadProcessed | ['i=1'] | startTime",
                "historyReadProcessed | ['i=1','2026-01-01T00:00:00Z'] | endTime",
                "historyReadProcessed | ['i=1','2026-01-01T00:00:00Z','2026-01-01T00:00:00Z'] | processingInterval",
                "historyReadProcessed | ['i=1','2026-01-01T00:00:00Z','2026-01-01T00:00:00Z',-1] | processingInterval",
                "historyReadProcessed | ['i=1','2026-01-01T00:00:00Z','2026-01-01T00:00:00Z',1] | aggregateType",
                "historyReadAtTime | ['i=1'] | timestamps",
                "historyReadAtTime | ['i=1',['zzz']] | timestamps[0]",
                "historyReadAtTime | ['i=1',[null]] | timestamps[0]",
            })
    void wrongParameterIsNamed(String method, String params, String name) throws Exception {
        JsonValue.Obj error = daemon.error(query(session, method, params));

        assertThat(text(error, "type"))
                .isIn("invalid_argument", "InvalidNodeIdException", "WriteTypeMismatchException");
        assertThat(text(error, "message")).startsWith(name);
        assertThat(daemon.simulator.calls().count()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "browseWithContinuation | ['ns=2;s=Nowhere'] | ServiceException | Bad_NodeIdUnknown",
                "browseNext | [''] | ServiceException | Bad_ContinuationPointInvalid",
                "browseNext | ['zzz'] | ServiceException | Bad_ContinuationPointInvalid",
                "browseRecursive | ['ns=2;s=Nowhere'] | ServiceException | Bad_NodeIdUnknown",
                "translateBrowsePaths | [[]] | ServiceException | Bad_NothingToDo",
                "resolveNodeId | ['/Objects/Nope'] | ServiceException | Bad_NoMatch",
                "resolveNodeId | ['nsu=urn:x;s=a'] | ServiceException | Bad_NoMatch",
                "resolveNodeId | ['a','nsu=urn:nowhere;s=a'] | InvalidNodeIdException | urn:nowhere",
                "getEndpoints | [''] | ConfigurationException | Invalid endpoint URL",
                "getEndpoints | ['http://127.0.0.1'] | ConfigurationException | Invalid endpoint URL",
                "getEndpoints | ['opc.tcp://127.0.0.1:1'] | ConnectionException | 127.0.0.1:1",
                "historyReadRaw | ['ns=2;s=History/Ramp'] | ServiceException | Bad_HistoryOperationInvalid",
                "historyReadRaw | ['ns=2;s=History/Denied',null,'2030-01-01T00:00:00Z',1] | ServiceException | Bad_UserAccessDenied",
                "historyReadAtTime | ['i=1',[]] | ServiceException | Bad_NothingToDo",
            })
    void errorIsTheDocumentedOne(String method, String params, String type, String message) throws Exception {
        JsonValue.Obj error = daemon.error(query(session, method, params));

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "BROWSE | browseWithContinuation | ['i=84']",
                "BROWSE | browseRecursive | ['i=84']",
                "TRANSLATE_BROWSE_PATHS_TO_NODE_IDS | resolveNodeId | ['/Objects',null,false]",
                "GET_ENDPOINTS | getEndpoints | ['URL',false]",
                "CALL | call | ['i=85','i=1']",
                "HISTORY_READ | historyReadRaw | ['ns=2;s=History/Ramp']",
            })
    void serverWithoutTheServiceSaysSo(Service service, String method, String params) throws Exception {
        daemon.simulator.faults().fail(service, 0x800B_0000L);

        JsonValue.Obj error = daemon.error(query(session, method, params.replace("URL", url())));

        assertThat(text(error, "type")).isEqualTo("ServiceUnsupportedException");
    }

    // As in the reference: HasTypeDefinition, say, shows only if it is asked for.
    @Test
    void browseWithoutATypeFollowsHierarchicalReferences() throws Exception {
        List<String> types = strings(daemon.data(query(session, "browse", "['i=85']")), "referenceTypeId");
        List<String> all = strings(daemon.data(query(session, "browse", "['i=85',0,'i=31']")), "referenceTypeId");

        assertThat(types).isNotEmpty().noneMatch(type -> type.contains("id=40,"));
        assertThat(all).anyMatch(type -> type.contains("id=40,"));
    }

    @Test
    void pagesComeOverDifferentConnections() throws Exception {
        String whole =
                daemon.data(query(session, "browseAll", "['ns=2;s=Scalars']")).toString();
        daemon.simulator.limits().maxReferencesPerNode(9);

        List<JsonValue> found = new ArrayList<>();
        JsonValue.Obj page =
                (JsonValue.Obj) daemon.data(query(session, "browseWithContinuation", "['ns=2;s=Scalars']"));
        found.addAll(array(member(page, "references")));
        while (member(page, "continuationPoint") instanceof JsonValue.Str point) {
            page = (JsonValue.Obj) daemon.data(query(session, "browseNext", "['" + point.value() + "']"));
            found.addAll(array(member(page, "references")));
        }

        assertThat(new JsonValue.Arr(found)).hasToString(whole);
        assertThat(member(page, "continuationPoint")).isEqualTo(JsonValue.Null.INSTANCE);
    }

    @Test
    void closeReleasesContinuationPoints() throws Exception {
        daemon.simulator.limits().maxReferencesPerNode(9);
        String other = daemon.open("{'autoRetry':4}");
        daemon.data(query(other, "browseWithContinuation", "['ns=2;s=Scalars']"));
        long before = daemon.simulator.counters().received(Service.BROWSE_NEXT);

        daemon.data("{'command':'close','sessionId':'" + other + "'}");

        await().untilAsserted(() -> assertThat(daemon.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(before + 1));
    }

    @Test
    void treeIsAsDeepAsTheConfigSaysUnlessTheRequestDoes() throws Exception {
        String byConfig = daemon.data(query(session, "browseRecursive", "['ns=2;s=Deep']"))
                .toString();
        String byRequest = daemon.data(query(session, "browseRecursive", "['ns=2;s=Deep',0,3]"))
                .toString();
        String deepest = daemon.data(query(session, "browseRecursive", "['ns=2;s=Deep',0,-1]"))
                .toString();

        assertThat(byConfig.split("reference=", -1)).hasSize(1 + 2);
        assertThat(byRequest.split("reference=", -1)).hasSize(1 + 3);
        assertThat(deepest.split("reference=", -1)).hasSize(1 + 256);
        assertThat(byConfig).contains("children=[{reference=").endsWith("children=[]}]}]");
    }

    @Test
    void pathsAreTranslatedAndResolved() throws Exception {
        JsonValue results = daemon.data(query(
                session,
                "translateBrowsePaths",
                "[[{'startingNodeId':'i=85','relativePath':[{'targetName':{'ns':0,'name':'Server'}}]},"
                        + "{'startingNodeId':'i=85','relativePath':[{'targetName':{'ns':0,'name':'Nope'}}]}]]"));
        JsonValue resolved = daemon.data(query(session, "resolveNodeId", "['/Objects/Server/ServerStatus']"));
        JsonValue below = daemon.data(query(session, "resolveNodeId", "['Server',{'ns':0,'id':85},false]"));

        assertThat(results)
                .hasToString("[{statusCode=0, targets=[{targetId={ns=0, id=2253, type=\"numeric\"},"
                        + " remainingPathIndex=4294967295}]}, {statusCode=2154758144, targets=[]}]");
        assertThat(resolved).hasToString("{ns=0, id=2256, type=\"numeric\"}");
        assertThat(below).hasToString("{ns=0, id=2253, type=\"numeric\"}");
    }

    @Test
    void serversHaveAllMembersWithASessionAndWithoutOne() throws Exception {
        List<JsonValue> servers = array(daemon.data(query(session, "findServers", "['" + url() + "']")));
        List<JsonValue> withoutSession =
                array(daemon.data("{'command':'query','method':'findServers','endpointUrl':'" + url() + "'}"));

        assertThat(withoutSession).isEqualTo(servers);
        assertThat(servers).singleElement().satisfies(server -> {
            JsonValue.Obj members = (JsonValue.Obj) server;
            assertThat(members.members().keySet())
                    .containsExactly(
                            "applicationUri",
                            "productUri",
                            "applicationName",
                            "applicationType",
                            "gatewayServerUri",
                            "discoveryProfileUri",
                            "discoveryUrls");
            assertThat(text(members, "applicationUri")).isEqualTo(Simulator.APPLICATION_URI);
            assertThat(members.get("applicationType")).hasToString("0");
            assertThat(((JsonValue.Obj) member(members, "applicationName"))
                            .members()
                            .keySet())
                    .containsExactly("locale", "text");
            assertThat(array(member(members, "discoveryUrls"))).isNotEmpty();
        });
        assertThat(text(daemon.error(invoke(session, "findServers", "['" + url() + "']")), "type"))
                .isEqualTo("unknown_method");
    }

    @Test
    void endpointsHaveAllMembers() throws Exception {
        List<JsonValue> endpoints = array(daemon.data(query(session, "getEndpoints", "['" + url() + "']")));

        assertThat(endpoints).isNotEmpty().allSatisfy(endpoint -> {
            JsonValue.Obj members = (JsonValue.Obj) endpoint;
            assertThat(members.members().keySet())
                    .containsExactly(
                            "endpointUrl",
                            "serverCertificate",
                            "securityMode",
                            "securityPolicyUri",
                            "securityLevel",
                            "transportProfileUri",
                            "userIdentityTokens");
            assertThat(((JsonValue.Obj)
                                    array(member(members, "userIdentityTokens")).get(0))
                            .members()
                            .keySet())
                    .containsExactly(
                            "policyId", "tokenType", "issuedTokenType", "issuerEndpointUrl", "securityPolicyUri");
        });
    }

    @Test
    void callGivesItsResultAlsoIfItIsBad() throws Exception {
        String call = query(session, "call", "[" + ADD + ",[{'type':11,'value':1.5},{'type':11,'value':2}]]");
        JsonValue missing = daemon.data(query(session, "call", "[" + ADD + "]"));

        assertThat(daemon.data(call).toString())
                .startsWith("{statusCode=0, inputArgumentResults=[")
                .endsWith("], outputArguments=[{type=11, value=3.5, dimensions=null}]}");
        assertThat(missing.toString()).startsWith("{statusCode=2155216896,").endsWith("outputArguments=[]}");
    }

    @Test
    void failedCallTellsItsOutcome() throws Exception {
        JsonValue.Obj refused = daemon.error(query(session, "call", "[" + ADD + ",[{'type':3,'value':300}]]"));
        daemon.simulator.faults().fail(Service.CALL, 0x8010_0000L);
        JsonValue.Obj failed = daemon.error(query(session, "call", "[" + ADD + "]"));

        assertThat(text(refused, "outcome")).isEqualTo("not_sent");
        assertThat(text(failed, "outcome")).isEqualTo("unknown");
    }

    @Test
    void historyComesAsDataValues() throws Exception {
        List<JsonValue> raw = array(daemon.data(
                query(session, "historyReadRaw", "[" + RAMP + ",'2000-01-01T00:00:00Z','2100-01-01T00:00:00Z',2]")));
        String first = text((JsonValue.Obj) raw.get(0), "sourceTimestamp");
        String second = text((JsonValue.Obj) raw.get(1), "sourceTimestamp");
        JsonValue atTime = daemon.data(query(session, "historyReadAtTime", "[" + RAMP + ",['" + second + "']]"));
        JsonValue average = daemon.data(
                query(session, "historyReadProcessed", "[" + RAMP + ",'" + first + "','" + second + "',0,'i=2342']"));

        assertThat(raw).hasSize(2);
        assertThat(((JsonValue.Obj) raw.get(1)).members().keySet())
                .containsExactly("value", "type", "dimensions", "statusCode", "sourceTimestamp", "serverTimestamp");
        assertThat(member((JsonValue.Obj) raw.get(1), "value")).hasToString("1.0");
        assertThat(member((JsonValue.Obj) array(atTime).get(0), "value")).hasToString("1.0");
        assertThat(array(average)).hasSize(1);
    }

    private String url() {
        return daemon.simulator.endpointUrl();
    }

    private static List<String> strings(JsonValue references, String member) {
        return array(references).stream()
                .map(reference -> member((JsonValue.Obj) reference, member).toString())
                .toList();
    }

    private static List<JsonValue> array(JsonValue value) {
        return ((JsonValue.Arr) value).elements();
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return Objects.requireNonNull(object.members().get(name));
    }
}

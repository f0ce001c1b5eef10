package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static io.github.opcuasm.cli.faults.ProtocolPeer.openRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every member and parameter with values of the wrong type or out of range. In the tables, ' stands for a quote. */
class WrongTypesIT {
    private static final String NODE = "'ns=2;s=Scalars/Int32'";

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;
    private static ProtocolPeer peer;
    private static String session;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
        peer = new ProtocolPeer(daemon);
        session = peer.open(server.endpointUrl(), "{}");
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @AfterEach
    void nothingElseHappened() throws Exception {
        assertThat(peer.ask("{\"command\":\"ping\"}")).contains("\"sessions\":1");
        assertThat(server.writeCount()).isZero();
        assertThat(daemon.stderr()).doesNotContain("[ERROR]", "Exception");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "{}                                                             | unknown_command        | command",
                "{'command':null}                                               | unknown_command        | command",
                "{'command':7}                                                  | unknown_command        | command",
                "{'command':['ping']}                                           | unknown_command        | command",
                "{'command':{'ping':1}}                                         | unknown_command        | command",
                "{'command':'PING'}                                             | unknown_command        | PING",
                "{'command':'open'}                                             | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':7}                             | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':['opc.tcp://h']}               | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':'http://h'}                    | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':'opc.tcp://'}                  | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':'opc.tcp://h:0'}               | ConfigurationException | endpointUrl",
                "{'command':'open','endpointUrl':'opc.tcp://h:65536'}           | ConfigurationException | endpointUrl",
                "{'command':'close'}                                            | session_not_found      | Session",
                "{'command':'close','sessionId':7}                              | session_not_found      | Session",
                "{'command':'close','sessionId':'SESSION','force':1}            | invalid_argument       | force",
                "{'command':'close','sessionId':'SESSION','force':'yes'}        | invalid_argument       | force",
                "{'command':'query'}                                            | forbidden_method       | Method",
                "{'command':'query','method':7,'sessionId':'SESSION'}           | forbidden_method       | Method",
                "{'command':'query','method':['read'],'sessionId':'SESSION'}    | forbidden_method       | Method",
                "{'command':'query','method':'Read','sessionId':'SESSION'}      | forbidden_method       | Read",
                "{'command':'query','method':'read'}                            | session_not_found      | Session",
                "{'command':'query','method':'read','sessionId':7}              | session_not_found      | Session",
                "{'command':'query','method':'read','sessionId':['SESSION']}    | session_not_found      | Session",
                "{'command':'query','method':'read','sessionId':'SESSION','params':7}    | invalid_argument | params",
                "{'command':'query','method':'read','sessionId':'SESSION','params':'i=1'} | invalid_argument | params",
                "{'command':'query','method':'isConnected','sessionId':'SESSION','params':true}"
                        + "                                                      | invalid_argument       | params",
                "{'command':'query','method':'isConnected','sessionId':'SESSION','timeoutMs':'1'}"
                        + "                                                      | invalid_argument       | timeoutMs",
                "{'command':'query','method':'isConnected','sessionId':'SESSION','timeoutMs':0}"
                        + "                                                      | invalid_argument       | timeoutMs",
                "{'command':'query','method':'isConnected','sessionId':'SESSION','timeoutMs':1.5}"
                        + "                                                      | invalid_argument       | timeoutMs",
                "{'command':'query','method':'isConnected','sessionId':'SESSION','timeoutMs':1e300}"
                        + "                                                      | invalid_argument       | timeoutMs",
                "{'command':'ping','timeoutMs':'soon'}                          | invalid_argument       | timeoutMs",
                "{'command':'hello','int64':7}                                  | invalid_argument       | int64",
                "{'command':'hello','int64':'text'}                             | invalid_argument       | int64",
            })
    void aWrongMemberOfARequestIsNamed(String request, String type, String named) throws Exception {
        String answer = peer.ask(quoted(request).replace("SESSION", session));

        assertError(answer, type, named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "1.5",
                "[]",
                "{}",
                "\"\"",
                "\"12345678901234567890123456789012345678901234567890123456789012345\""
            })
    void aWrongIdIsNamedAndEndsTheConnection(String id) throws Exception {
        try (IpcProbe probe = IpcProbe.connect(daemon.endpoint())) {
            probe.send("{\"id\":" + id + ",\"command\":\"ping\"}\n");

            assertError(probe.readLine(), "invalid_argument", "id");
            assertThat(probe.readLine()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "'config':7                                          | invalid_argument | config",
                "'config':'{}'                                       | invalid_argument | config",
                "'config':true                                       | invalid_argument | config",
                "'config':[1]                                        | invalid_argument | config",
                "'config':{},'forceNew':'yes'                        | invalid_argument | forceNew",
                "'config':{},'forceNew':1                            | invalid_argument | forceNew",
                "'config':{'opcuaTimeout':'5'}                       | invalid_argument | config.opcuaTimeout",
                "'config':{'opcuaTimeout':0}                         | invalid_argument | config.opcuaTimeout",
                "'config':{'opcuaTimeout':-1.5}                      | invalid_argument | config.opcuaTimeout",
                "'config':{'opcuaTimeout':1e999999999}               | invalid_argument | config.opcuaTimeout",
                "'config':{'autoRetry':true}                         | invalid_argument | config.autoRetry",
                "'config':{'autoRetry':-1}                           | invalid_argument | config.autoRetry",
                "'config':{'batchSize':1.5}                          | invalid_argument | config.batchSize",
                "'config':{'batchSize':[10]}                         | invalid_argument | config.batchSize",
                "'config':{'defaultBrowseMaxDepth':'10'}             | invalid_argument | config.defaultBrowseMaxDepth",
                "'config':{'defaultBrowseMaxDepth':-2}               | invalid_argument | config.defaultBrowseMaxDepth",
                "'config':{'autoDetectWriteType':1}                  | invalid_argument | config.autoDetectWriteType",
                "'config':{'readMetadataCache':'on'}                 | invalid_argument | config.readMetadataCache",
                "'config':{'securityPolicy':1}                       | invalid_argument | config.securityPolicy",
                "'config':{'securityPolicy':'Basic7'}                | invalid_argument | config.securityPolicy",
                "'config':{'securityPolicy':'Basic256Sha256'}        | SecurityException | does not offer Basic256Sha256",
                "'config':{'securityMode':0}                         | invalid_argument | config.securityMode",
                "'config':{'securityMode':4}                         | invalid_argument | config.securityMode",
                "'config':{'securityMode':'sign'}                    | invalid_argument | config.securityMode",
                "'config':{'securityMode':2}                         | invalid_argument | config.securityMode",
                "'config':{'username':7}                             | invalid_argument | config.username",
                "'config':{'username':'u','password':[1]}            | invalid_argument | config.password",
                "'config':{'username':'u','password':'p'}            | SecurityException | does not take user names",
                "'config':{'allowPlaintextPassword':'no'}            | invalid_argument | config.allowPlaintextPassword",
                "'config':{'clientCertPath':7}                       | invalid_argument | config.clientCertPath",
                "'config':{'clientKeyPath':{}}                       | invalid_argument | config.clientKeyPath",
                "'config':{'clientKeyPassphrase':1}                  | invalid_argument | config.clientKeyPassphrase",
                "'config':{'caCertPath':false}                       | invalid_argument | config.caCertPath",
                "'config':{'userCertPath':7}                         | invalid_argument | config.userCertPath",
                "'config':{'userKeyPath':7}                          | invalid_argument | config.userKeyPath",
                "'config':{'userKeyPassphrase':[]}                   | invalid_argument | config.userKeyPassphrase",
                "'config':{'trustStorePath':7}                       | invalid_argument | config.trustStorePath",
                "'config':{'trustPolicy':'never'}                    | invalid_argument | config.trustPolicy",
                "'config':{'trustPolicy':7}                          | invalid_argument | config.trustPolicy",
                "'config':{'autoAccept':'true'}                      | invalid_argument | config.autoAccept",
                "'config':{'autoAcceptForce':0}                      | invalid_argument | config.autoAcceptForce",
                "'config':{'sessionName':7}                          | invalid_argument | config.sessionName",
                "'config':{'applicationName':{}}                     | invalid_argument | config.applicationName",
                "'config':{'sessionTimeout':'120'}                   | invalid_argument | config.sessionTimeout",
                "'config':{'sessionTimeout':86401}                   | invalid_argument | config.sessionTimeout",
            })
    void aWrongMemberOfAnOpenIsNamed(String members, String type, String named) throws Exception {
        String answer = peer.ask(
                "{\"command\":\"open\",\"endpointUrl\":\"" + server.endpointUrl() + "\"," + quoted(members) + "}");

        assertError(answer, type, named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "read       | []                                     | invalid_argument       | nodeId",
                "read       | [null]                                 | invalid_argument       | nodeId",
                "read       | [7]                                    | invalid_argument       | nodeId",
                "read       | [true]                                 | invalid_argument       | nodeId",
                "read       | [[1]]                                  | invalid_argument       | nodeId",
                "read       | [{}]                                   | invalid_argument       | nodeId.id",
                "read       | [{'id':'x'}]                           | invalid_argument       | nodeId.id",
                "read       | [{'id':-1}]                            | invalid_argument       | nodeId.id",
                "read       | [{'id':4294967296}]                    | invalid_argument       | nodeId.id",
                "read       | [{'id':1.5}]                           | invalid_argument       | nodeId.id",
                "read       | [{'id':7,'type':'string'}]             | invalid_argument       | nodeId.id",
                "read       | [{'id':1,'type':7}]                    | invalid_argument       | nodeId.type",
                "read       | [{'id':1,'type':'number'}]             | invalid_argument       | nodeId.type",
                "read       | [{'id':1,'ns':'2'}]                    | invalid_argument       | nodeId.ns",
                "read       | [{'id':1,'ns':65536}]                  | invalid_argument       | nodeId.ns",
                "read       | [{'id':'zz','type':'guid'}]            | InvalidNodeIdException | nodeId.id",
                "read       | [{'id':'abc','type':'opaque'}]         | InvalidNodeIdException | nodeId.id",
                "read       | ['ns=2;x=5']                           | InvalidNodeIdException | ns=2;x=5",
                "read       | ['']                                   | InvalidNodeIdException | NodeId",
                "read       | [NODE,'13']                            | invalid_argument       | attributeId",
                "read       | [NODE,0]                               | invalid_argument       | attributeId",
                "read       | [NODE,28]                              | invalid_argument       | attributeId",
                "read       | [NODE,13.5]                            | invalid_argument       | attributeId",
                "read       | [NODE,true]                            | invalid_argument       | attributeId",
                "readMulti  | []                                     | invalid_argument       | items",
                "readMulti  | ['x']                                  | invalid_argument       | items",
                "readMulti  | [7]                                    | invalid_argument       | items",
                "readMulti  | [[7]]                                  | invalid_argument       | items[0]",
                "readMulti  | [[NODE]]                               | invalid_argument       | items[0]",
                "readMulti  | [[{'nodeId':NODE},{}]]                 | invalid_argument       | items[1].nodeId",
                "readMulti  | [[{'nodeId':7}]]                       | invalid_argument       | items[0].nodeId",
                "readMulti  | [[{'nodeId':NODE,'attributeId':'13'}]] | invalid_argument       | items[0].attributeId",
                "readMulti  | [[]]                                   | ServiceException       | Bad_NothingToDo",
                "browse     | []                                     | invalid_argument       | nodeId",
                "browse     | [NODE,'0']                             | invalid_argument       | direction",
                "browse     | [NODE,3]                               | invalid_argument       | direction",
                "browse     | [NODE,0,7]                             | invalid_argument       | referenceTypeId",
                "browse     | [NODE,0,null,1]                        | invalid_argument       | includeSubtypes",
                "browse     | [NODE,0,null,true,7]                   | invalid_argument       | nodeClasses",
                "browse     | [NODE,0,null,true,['Variable']]        | invalid_argument       | nodeClasses[0]",
                "browse     | [NODE,0,null,true,[2,3]]               | invalid_argument       | nodeClasses[1]",
                "browseAll  | []                                     | invalid_argument       | nodeId",
                "browseAll  | [NODE,-1]                              | invalid_argument       | direction",
                "browseAll  | [NODE,0,[1]]                           | invalid_argument       | referenceTypeId",
                "browseAll  | [NODE,0,null,'yes']                    | invalid_argument       | includeSubtypes",
                "browseAll  | [NODE,0,null,true,'2']                 | invalid_argument       | nodeClasses",
                "reconnect  | true                                   | invalid_argument       | params",
                "getTimeout | 'x'                                    | invalid_argument       | params",
                "getServerMaxNodesPerRead | 7                        | invalid_argument       | params",
            })
    void aWrongParameterOfAReadingMethodIsNamed(String method, String params, String type, String named)
            throws Exception {
        String answer = peer.query(session, method, quoted(params.replace("NODE", NODE)));

        assertError(answer, type, named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "write      | []                                           | invalid_argument           | nodeId",
                "write      | [7,1]                                        | invalid_argument           | nodeId",
                "write      | [NODE]                                       | invalid_argument           | value",
                "write      | [NODE,1,'Int32']                             | invalid_argument           | type",
                "write      | [NODE,1,0]                                   | invalid_argument           | type",
                "write      | [NODE,1,26]                                  | invalid_argument           | type",
                "write      | [NODE,1,6.5]                                 | invalid_argument           | type",
                "write      | [NODE,'abc']                                 | WriteTypeMismatchException | value",
                "write      | [NODE,'abc',6]                               | WriteTypeMismatchException | value",
                "write      | [NODE,1.5,6]                                 | WriteTypeMismatchException | value",
                "write      | [NODE,2147483648,6]                          | WriteTypeMismatchException | value",
                "write      | [NODE,1e400,11]                              | WriteTypeMismatchException | value",
                "write      | [NODE,true,6]                                | WriteTypeMismatchException | value",
                "write      | [NODE,null,6]                                | WriteTypeMismatchException | value",
                "write      | [NODE,{'a':1}]                               | WriteTypeMismatchException | value",
                "write      | [NODE,'not base64!',15]                      | WriteTypeMismatchException | value",
                "write      | [NODE,'yesterday',13]                        | WriteTypeMismatchException | value",
                "write      | [NODE,[1,2]]                                 | WriteTypeMismatchException | value",
                "writeMulti | []                                           | invalid_argument           | items",
                "writeMulti | [7]                                          | invalid_argument           | items",
                "writeMulti | [[7]]                                        | invalid_argument           | items[0]",
                "writeMulti | [[{'value':1}]]                              | invalid_argument           | items[0].nodeId",
                "writeMulti | [[{'nodeId':NODE}]]                          | invalid_argument           | items[0].value",
                "writeMulti | [[{'nodeId':NODE,'value':1,'type':'6'}]]     | invalid_argument           | items[0].type",
                "writeMulti | [[{'nodeId':NODE,'value':1,'attributeId':0}]] | invalid_argument     | items[0].attributeId",
                "writeMulti | [[{'nodeId':NODE,'value':1},{'nodeId':NODE,'value':'x'}]]"
                        + "                                                | WriteTypeMismatchException | items[1].value",
                "writeMulti | [[]]                                         | ServiceException           | Bad_NothingToDo",
            })
    void aWrongParameterOfAWriteIsNamedAndNothingIsSent(String method, String params, String type, String named)
            throws Exception {
        String answer = peer.query(session, method, quoted(params.replace("NODE", NODE)));

        assertError(answer, type, named);
        assertThat(answer).contains("\"outcome\":\"not_sent\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "close"})
    void aRequestWithAWrongTimeoutIsNotCarriedOut(String command) throws Exception {
        String request = command.equals("open")
                ? openRequest(server.endpointUrl(), "{\"batchSize\":99}")
                : "{\"command\":\"close\",\"sessionId\":\"" + session + "\"}";

        String answer = peer.ask(request.substring(0, request.length() - 1) + ",\"timeoutMs\":\"soon\"}");

        assertError(answer, "invalid_argument", "timeoutMs");
    }

    @Test
    void whatPhpSendsInsteadIsTaken() throws Exception {
        String node = quoted(NODE);

        assertThat(peer.query(session, "read", "[" + node + ",13.0]")).contains("\"type\":6");
        assertThat(peer.query(session, "read", "{\"nodeId\":" + node + "}")).contains("\"type\":6");
        assertThat(peer.query(session, "read", "[" + node + ",null]")).contains("\"type\":6");
        assertThat(peer.query(session, "isConnected", "null")).contains("\"data\":true");
        assertThat(peer.query(session, "readMulti", "[{\"a\":{\"nodeId\":" + node + "}}]"))
                .contains("\"type\":6");
        assertThat(peer.tryOpen(server.endpointUrl(), "[]")).contains("\"reused\":true");
        assertThat(peer.close(session)).contains("\"success\":true");
    }

    @Test
    void anIdThatIsUnderWayIsRefusedAndTheFirstRequestGoesOn() throws Exception {
        try (IpcProbe probe = IpcProbe.connect(daemon.endpoint())) {
            String read = kept(1, ProtocolPeer.queryRequest(session, "read", "[" + quoted(NODE) + "]"));

            probe.send(read + read);

            assertError(probe.readLine(), "invalid_argument", "id");
            assertThat(probe.readLine()).contains("\"id\":1", "\"type\":6");
        }
    }

    private static void assertError(@Nullable String answer, String type, String named) {
        assertThat(answer).contains("\"success\":false", "\"type\":\"" + type + "\"");
        assertThat(answer).containsPattern("\"message\":\"(?:[^\"\\\\]|\\\\.)*" + Pattern.quote(named));
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }
}

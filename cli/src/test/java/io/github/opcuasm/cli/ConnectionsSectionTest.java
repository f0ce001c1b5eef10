package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.ConfiguredSubscription.ChangeFilter;
import io.github.opcuasm.daemon.ConfiguredSubscription.Events;
import io.github.opcuasm.daemon.ConfiguredSubscription.Item;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.protocol.type.NodeReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the config file says of servers: budgets, connections, and what the daemon opens by itself. */
class ConnectionsSectionTest {
    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void connectionsOfBothSectionsReachTheDaemonInTheFilesOrder() throws Exception {
        environment.put("PLC1_PASSWORD", "geheim: {}");
        Files.writeString(directory.resolve("passphrase"), "in a file\n");

        List<NamedConnection> connections =
                settings("""
                connections:
                  plc1:
                    endpoint: opc.tcp://plc-1:4840
                    config: { security_policy: Basic256Sha256, securityMode: SignAndEncrypt, username: "123", password: ${PLC1_PASSWORD} }
                  line.2_b-C: {endpoint: "opc.tcp://${HOST}/x"}
                autoConnect:
                  plc2:
                    endpoint: opc.tcp://plc-2
                    config:
                      client-cert-path: certs/../c.pem
                      client_key_passphrase: file:passphrase
                      opcuaTimeout: 2.5
                      auto-retry: 3
                      auto_accept: yes
                      password: ""
                      username: joe
                      batchSize:
                """.replace("${HOST}", "host")).config().connections();

        assertThat(connections).extracting(NamedConnection::name).containsExactly("plc1", "line.2_b-C", "plc2");
        assertThat(connections).extracting(NamedConnection::autoConnect).containsExactly(false, false, true);
        assertThat(connections)
                .extracting(NamedConnection::endpointUrl)
                .containsExactly("opc.tcp://plc-1:4840", "opc.tcp://host/x", "opc.tcp://plc-2");
        assertThat(Json.text(connections.get(0).config()))
                .isEqualTo("{\"securityPolicy\":\"Basic256Sha256\",\"securityMode\":\"SignAndEncrypt\","
                        + "\"username\":\"123\",\"password\":\"geheim: {}\"}");
        assertThat(Json.text(connections.get(1).config())).isEqualTo("{}");
        assertThat(Json.text(connections.get(2).config()))
                .isEqualTo("{\"clientCertPath\":\"" + Path.of("c.pem").toAbsolutePath()
                        + "\",\"clientKeyPassphrase\":\"in a file\",\"opcuaTimeout\":2.5,\"autoRetry\":3,"
                        + "\"autoAccept\":true,\"password\":\"\",\"username\":\"joe\"}");
    }

    @Test
    void budgetsAreKeptByHostAndPort() throws Exception {
        var config = settings("""
                budget:
                  opc.tcp://PLC1: 2
                  opc.tcp://plc1:4841: 3
                  "opc.tcp://[::1]:4840": 1
                open-wait: 2.5
                """).config();

        assertThat(config.budgets())
                .containsExactlyInAnyOrderEntriesOf(Map.of("plc1:4840", 2, "plc1:4841", 3, "[::1]:4840", 1));
        assertThat(config.openWait()).isEqualTo(Duration.ofMillis(2500));
        assertThat(settings("budget:").config().budgets()).isEmpty();
    }

    @Test
    void sessionsAreKeptOnExitOnlyWithAPlaceToRememberThem() throws Exception {
        assertThat(settings("{keep_sessions_on_exit: on, state-dir: /var/lib/opcua}")
                        .config()
                        .keepSessionsOnExit())
                .isTrue();
        assertThatThrownBy(() -> settings("keep-sessions-on-exit: true"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        directory.resolve("c.yaml") + ":1: keep-sessions-on-exit: got true, expected state-dir beside"
                                + " it, where the sessions are remembered");
        var option = DaemonOption.KEEP_SESSIONS_ON_EXIT;
        var setting = new Setting(option, List.of("true"), new Setting.Origin.CommandLine());
        assertThatThrownBy(() -> DaemonSettings.of(Map.of(option, setting), null, environment))
                .hasMessageStartingWith("--keep-sessions-on-exit: got true, expected state-dir beside it");
    }

    /** A semicolon stands for a line break. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "budget: 2 | :1: budget: expected a mapping of servers",
                "budget:;  opc.tcp://plc1/x: 2 | :2: budget.opc.tcp://plc1/x: got a path, expected a server without a path",
                "budget:;  opc.tcp://plc1/: 2 | :2: budget.opc.tcp://plc1/: got a path",
                "budget:;  opc.tcp://joe:hunter2@plc1: 2 | :2: budget.[url]: got a URL with user info, expected a server without it",
                "budget:;  http://plc1: 2 | :2: budget.http://plc1: got no endpoint URL",
                "budget:;  plc1: 2 | :2: budget.plc1: got no endpoint URL",
                "budget:;  opc.tcp://plc1: 0 | :2: budget.opc.tcp://plc1: got 0, expected a whole number from 1",
                "budget:;  opc.tcp://plc1: -1 | :2: budget.opc.tcp://plc1: got -1, expected a whole number from 1",
                "budget:;  opc.tcp://plc1: two | :2: budget.opc.tcp://plc1: got two, expected a whole number from 1",
                "budget:;  opc.tcp://plc1: [1] | :2: budget.opc.tcp://plc1: expected one value",
                "budget:;  opc.tcp://plc1: 1;  opc.tcp://PLC1:4840: 1 | :3: budget.opc.tcp://PLC1:4840: a second budget of plc1:4840",
                "budget:;  opc.tcp://plc1: ${PLANTED} | :2: budget.opc.tcp://plc1: got a value that does not fit, expected",
                "bugdet: {} | :1: unknown key bugdet; did you mean budget?",
                "auto_conect: {} | :1: unknown key auto_conect; did you mean auto-connect?",
                "connections: [] | :1: connections: expected a mapping of names",
                "connections:;  plc1: | :2: connections.plc1: expected a mapping of endpoint and config",
                "connections:;  plc1: {} | :2: connections.plc1: a connection without endpoint",
                "connections:;  plc1: {endpiont: x} | :2: connections.plc1: unknown key endpiont; did you mean endpoint?",
                "connections:;  plc1: {endpoint: plc1} | :2: connections.plc1.endpoint: got plc1, expected opc.tcp://host",
                "connections:;  plc1: {endpoint: 'opc.tcp://a:hunter2@b'} | :2: connections.plc1.endpoint: got a URL with user info, expected opc",
                "connections:;  plc 1: {} | :2: connections.plc 1: got plc 1, expected 1 to 64 letters",
                "connections:;  -x: {} | :2: connections.-x: got -x, expected 1 to 64 letters",
                "connections:;  opc.tcp://plc1: {} | :2: connections.opc.tcp://plc1: got opc.tcp://plc1, expected 1 to 64",
                "connections:;  0123456789abcdef0123456789ABCDEF: {} | :2: connections.0123456789abcdef0123456789ABCDEF: got 0123456789abcdef0123456789ABCDEF, expected a name that is not",
                "connections:;  a: {endpoint: opc.tcp://b};  a: {endpoint: opc.tcp://b} | :3: connections.a: a second connection",
                "connections:;  plc1: {endpoint: opc.tcp://b};  PLC1: {endpoint: opc.tcp://b} | :3: connections.PLC1: a second connection",
                "connections:;  a: {endpoint: opc.tcp://b};auto-connect:;  a: {endpoint: opc.tcp://b} | :4: auto-connect.a: a second connection",
                "connections:;  a:;    endpoint: opc.tcp://b;    subscriptions: [] | :4: connections.a: unknown key subscriptions; expected endpoint or config; what the daemon subscribes to stands under auto-connect",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions: {} | :4: auto-connect.a.subscriptions: expected a list of mappings",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {} | :5: auto-connect.a.subscriptions: a subscription to nothing, expected monitored_items",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {publshing_interval: 1} | :5: auto-connect.a.subscriptions: unknown key publshing_interval; did you mean publishing-interval?",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {publishingInterval: fast, monitoredItems: [{nodeId: i=2258}]} | :5: auto-connect.a.subscriptions.publishingInterval: got fast, expected milliseconds from 0",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {publishing-interval: 86400001, monitored-items: [{node-id: i=2258}]} | :5: auto-connect.a.subscriptions.publishing-interval: got 86400001, expected milliseconds from 0 to 86400000",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {lifetime_count: 20, monitored_items: [{node_id: i=2258}]} | :5: auto-connect.a.subscriptions.lifetime_count: got a lifetime_count of 20 with a max_keep_alive_count of 10, expected at least three times",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {max_keep_alive_count: 1000, monitored_items: [{node_id: i=2258}]} | :5: auto-connect.a.subscriptions.max_keep_alive_count: got a lifetime_count of 2400",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {priority: 256, monitored_items: [{node_id: i=2258}]} | :5: auto-connect.a.subscriptions.priority: got 256, expected a whole number from 0 to 255",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{}]} | :5: auto-connect.a.subscriptions.monitored_items: an item without node_id, expected one such as",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: Speed}]} | :5: auto-connect.a.subscriptions.monitored_items.node_id: got Speed, expected a node such as i=2253",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, nod: 1} | :6: auto-connect.a.subscriptions.monitored_items: unknown key nod",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, attribute_id: 28} | :6: auto-connect.a.subscriptions.monitored_items.attribute_id: got 28, expected a whole number from 1 to 27",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, sampling_interval: -2} | :6: auto-connect.a.subscriptions.monitored_items.sampling_interval: got -2, expected milliseconds from 0 to 86400000, or -1",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, sampling_interval: -0.5} | :6: auto-connect.a.subscriptions.monitored_items.sampling_interval: got -0.5, expected milliseconds from 0 to 86400000, or -1",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, client_handle: 4294967296} | :6: auto-connect.a.subscriptions.monitored_items.client_handle: got 4294967296, expected a whole number from 0",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, queue_size: 0} | :6: auto-connect.a.subscriptions.monitored_items.queue_size: got 0, expected a whole number from 1 to 100000",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, discard_oldest: often} | :6: auto-connect.a.subscriptions.monitored_items.discard_oldest: got often, expected true or false",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, monitoring_mode: report} | :6: auto-connect.a.subscriptions.monitored_items.monitoring_mode: got report, expected one of disabled, sampling, reporting, or 0 to 2",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, filter: {trigger: 3}} | :6: auto-connect.a.subscriptions.monitored_items.filter.trigger: got 3, expected one of status, status-value, status-value-timestamp, or 0 to 2",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, filter: {deadband: {percent: 101}}} | :6: auto-connect.a.subscriptions.monitored_items.filter.deadband.percent: got 101, expected a percentage",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, filter: {deadband: {absolute: 1, percent: 1}}} | :6: auto-connect.a.subscriptions.monitored_items.filter.deadband: expected either of absolute and percent",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, filter: {deadband: 1}} | :6: auto-connect.a.subscriptions.monitored_items.filter.deadband: expected a mapping of absolute, percent",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - monitored_items:;      - {node_id: i=2258, attribute_id: 4, filter: {trigger: 1}} | :6: auto-connect.a.subscriptions.monitored_items.filter: got one for attribute 4, expected it for the value (13) alone",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - event_monitored_items:;      - {node_id: i=2253, select_fields: []} | :6: auto-connect.a.subscriptions.event_monitored_items.select_fields: got 0 fields, expected 1 to 100",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - event_monitored_items:;      - {node_id: i=2253, select_fields: [a//b]} | :6: auto-connect.a.subscriptions.event_monitored_items.select_fields: got a//b, expected a browse name",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - event_monitored_items:;      - {node_id: i=2253, select_fields: [Message, Message]} | :6: auto-connect.a.subscriptions.event_monitored_items.select_fields: got Message twice",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258, client_handle: 1}], event_monitored_items: [{node_id: i=2253, client_handle: 1}]} | :5: auto-connect.a.subscriptions.event_monitored_items.client_handle: got 1, which ",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {}} | :5: auto-connect.a.subscriptions.sink: a sink without file and pipe",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {fiel: x}} | :5: auto-connect.a.subscriptions.sink: unknown key fiel; did you mean file?",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {file: /none/at/all}} | :5: auto-connect.a.subscriptions.sink.file: got /none/at/all, expected a file in a directory that exists",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {file: /tmp/x, pipe: /tmp/y}} | :5: auto-connect.a.subscriptions.sink.pipe: a pipe beside a file",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {pipe: /dev/null}} | :5: auto-connect.a.subscriptions.sink.pipe: got /dev/null, expected a named pipe",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {pipe: /tmp/y, keep: 2}} | :5: auto-connect.a.subscriptions.sink.keep: of a pipe, which is not rotated",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    subscriptions:;    - {monitored_items: [{node_id: i=2258}], sink: {file: /tmp/x, max_bytes: 1MB}} | :5: auto-connect.a.subscriptions.sink.max_bytes: got 1MB, expected a whole number from 1024",
                "auto-connect:;  a:;    endpoint: opc.tcp://b;    sink: {file: /tmp/x} | :4: auto-connect.a.sink: a sink of a connection without subscriptions",
                "connections:;  a:;    endpoint: opc.tcp://b;    config: {pasword: x} | :4: connections.a.config: unknown key pasword; did you mean password?",
                "connections:;  a:;    endpoint: opc.tcp://b;    config: {qqq: x} | :4: connections.a.config: unknown key qqq; docs/protocol.md",
                "connections:;  a:;    endpoint: opc.tcp://b;    config: [x] | :4: connections.a.config: expected a mapping",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      autoRetry: often | :5: connections.a.config.autoRetry: got \"often\", expected a whole",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      opcua_timeout: ${PLANTED} | :5: connections.a.config.opcua_timeout: got a value that does not fit, expected a number",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      auto_accept: maybe | :5: connections.a.config.auto_accept: got \"maybe\", expected true",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      securityPolicy: Basic512 | :5: connections.a.config.securityPolicy: got 'Basic512', expected the URI",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      securityPolicy: x${PLANTED} | :5: connections.a.config.securityPolicy: got a value that does not fit, expected the URI",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      securityMode: 7 | :5: connections.a.config.securityMode: got 7, expected 1",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      securityMode: Sign | :5: connections.a.config.securityMode: got 2, expected a securityPolicy",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      username: joe | :5: connections.a.config: password: got nothing, expected a password beside",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      password: ${NONE} | :5: connections.a.config.password: the environment variable NONE is not set",
                "connections:;  a:;    endpoint: opc.tcp://b;    config:;      password: file:none | :5: connections.a.config.password: ",
            })
    void whatIsWrongIsNamedWithLineAndKeyAndShowsNoSecret(String text, String message) {
        environment.put("PLANTED", "hunter2");

        assertThatThrownBy(() -> settings(text.replace(';', '\n')))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(directory.resolve("c.yaml") + message)
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void subscriptionsAreReadInAllNotationsWithTheirDefaults() throws Exception {
        List<NamedConnection> connections =
                settings("""
                auto-connect:
                  plc1:
                    endpoint: opc.tcp://plc-1:4840
                    sink: { file: SINK/all.ndjson, max-bytes: 4096, keep: 2 }
                    subscriptions:
                      - publishing_interval: 250.5
                        lifetimeCount: 600
                        max-keep-alive-count: 20
                        monitored_items:
                          - { node_id: "ns=2;s=Speed", sampling_interval: 100, client_handle: 2, queue_size: 10,
                              discard_oldest: no, monitoring_mode: Sampling,
                              filter: { trigger: statusValueTimestamp, deadband: { percent: 2.5 } } }
                          - nodeId: nsu=urn:plant;s=Load
                        event_monitored_items:
                          - { node_id: "i=2253", select_fields: [Message, "2:Batch", ActiveState/Id] }
                      - sink: none
                        eventMonitoredItems: [ { node_id: i=2253 } ]
                """.replace("SINK", directory.toString())).config().connections();

        assertThat(connections.get(0).subscriptions())
                .containsExactly(
                        ConfiguredSubscription.builder()
                                .publishingInterval(250.5)
                                .lifetimeCount(600)
                                .maxKeepAliveCount(20)
                                .items(
                                        new Item(
                                                NodeReference.parse("ns=2;s=Speed"),
                                                13,
                                                100,
                                                2,
                                                10,
                                                false,
                                                1,
                                                new ChangeFilter(2, 2, 2.5)),
                                        Item.of(NodeReference.parse("nsu=urn:plant;s=Load"), 1))
                                .events(new Events(
                                        NodeReference.parse("i=2253"),
                                        List.of("Message", "2:Batch", "ActiveState/Id"),
                                        null,
                                        3))
                                .sink(new SinkConfig.File(directory.resolve("all.ndjson"), 4096, 2))
                                .build(),
                        ConfiguredSubscription.builder()
                                .events(new Events(
                                        NodeReference.parse("i=2253"), ConfiguredSubscription.DEFAULT_FIELDS, null, 1))
                                .build());
        assertThat(directory.resolve("all.ndjson")).doesNotExist();
    }

    @Test
    void aFileCannotBeRotatedInTwoWays() {
        assertThatThrownBy(() -> settings("""
                auto-connect:
                  a:
                    endpoint: opc.tcp://a
                    subscriptions:
                      - { monitored_items: [{node_id: i=2258}], sink: { file: SINK/x, keep: 1 } }
                      - { monitored_items: [{node_id: i=2258}], sink: { file: SINK/x, keep: 2 } }
                """.replace("SINK", directory.toString())))
                .hasMessage(directory.resolve("c.yaml") + ":3: auto-connect.a: got two sinks with the path "
                        + directory.resolve("x") + ", expected the same max_bytes and keep wherever it is named");
    }

    @Test
    void aDeprecatedPolicyNeedsItsOptionAtTheStartAlready() throws Exception {
        String connection = "connections:\n  old: {endpoint: opc.tcp://a, config: {securityPolicy: Basic256}}";

        assertThatThrownBy(() -> settings(connection))
                .hasMessage(directory.resolve("c.yaml") + ":2: connections.old.config.securityPolicy: Basic256 is"
                        + " deprecated; the daemon uses it only"
                        + " with --allow-deprecated-policies");
        assertThat(settings(connection + "\nallow-deprecated-policies: on")
                        .config()
                        .connections())
                .hasSize(1);
    }

    @Test
    void aCheckShowsConnectionsAndBudgetsWithoutSecrets() throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), """
                budget: {"opc.tcp://plc1": 2}
                connections:
                  plc1: {endpoint: "opc.tcp://${HOST}", config: {username: joe, password: ${PASSWORD}}}
                auto-connect:
                  plc2: {endpoint: opc.tcp://plc-2:4841}
                """);
        CommandRun run =
                new CommandRun().environment("HOST", "planted-host").environment("PASSWORD", "planted-password");

        int code = run.run("--check-config", "--config", file.toString());

        assertThat(code).as(run.stderr()).isZero();
        assertThat(run.stdout().lines())
                .contains(
                        "budget      plc1:4840: 2",
                        "connection  plc1  opc.tcp://${HOST}",
                        "connection  plc2  opc.tcp://plc-2:4841              (auto-connect)");
        assertThat(run.stdout()).doesNotContain("planted", "joe");
    }

    private DaemonSettings settings(String yaml) throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), yaml);
        return DaemonSettings.of(Map.of(), file, environment);
    }
}

package io.github.opcuasm.daemon.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in a file becomes a policy, or an error that says what is wrong where. */
final class PolicyTextTest {
    private static final List<String> PLANT = List.of("http://opcfoundation.org/UA/", "urn:server", "urn:line;1");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    *                        | ns=2;s=Line1/Speed          | true
                    ns=2;s=Line1/*           | ns=2;s=Line1/Speed          | true
                    ns=2;s=Line1/*           | ns=2;s=Line1/               | true
                    ns=2;s=Line1/*           | ns=2;s=line1/Speed          | false
                    ns=2;s=Line1/*           | ns=2;s=Line10/Speed         | false
                    ns=2;s=Line1/*           | ns=1;s=Line1/Speed          | false
                    ns=2;s=Line1/*           | nsu=urn:line%3B1;s=Line1/x  | true
                    ns=2;s=*a*b              | ns=2;s=xxaxxaxxb            | true
                    ns=2;s=*a*b              | ns=2;s=xxaxxaxxbx           | false
                    nsu=urn:line%3B1;s=Li*   | ns=2;s=Line1                | true
                    nsu=urn:line%3B1;s=Li*   | ns=1;s=Line1                | false
                    nsu=urn:line%3B1;*       | ns=2;i=7                    | true
                    nsu=urn:elsewhere;*      | nsu=urn:elsewhere;i=7       | true
                    ns=2;*                   | nsu=urn:elsewhere;i=7       | false
                    ns=2;i=7                 | ns=2;i=7                    | true
                    ns=2;i=7                 | ns=2;s=7                    | false
                    ns=2;s=7                 | ns=2;i=7                    | false
                    i=85                     | i=85                        | true
                    i=85                     | ns=1;i=85                   | false
                    s=*                      | ns=2;s=x                    | false
                    """)
    void aPatternMeansNodesByTheirIds(String pattern, String node, boolean meant) {
        NodeReference named = NodeReference.parse(node);
        Integer index = named instanceof NodeId indexed
                ? Integer.valueOf(indexed.namespaceIndex())
                : PLANT.contains(((NamespacedNodeId) named).namespaceUri())
                        ? Integer.valueOf(PLANT.indexOf(((NamespacedNodeId) named).namespaceUri()))
                        : null;
        String uri = named instanceof NamespacedNodeId uriNamed
                ? uriNamed.namespaceUri()
                : PLANT.get(((NodeId) named).namespaceIndex());

        assertThat(NodePattern.parse(pattern).matches(index, uri, named.identifier()))
                .isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    *                          | plc-1        | 4840 | /x | true
                    opc.tcp://plc-*            | PLC-1        | 4840 | /x | true
                    opc.tcp://plc-*            | plc-1        | 4841 |    | false
                    opc.tcp://plc-*:*          | plc-1        | 4841 |    | true
                    opc.tcp://plc-1            | plc-1.evil   | 4840 |    | false
                    opc.tcp://plc-*            | plc-1.attacker.example | 4840 | | false
                    opc.tcp://plc-*.plant.example | plc-1.plant.example | 4840 | | true
                    opc.tcp://plc-*.plant.example | plc-1.x.plant.example | 4840 | | false
                    opc.tcp://plc-*.plant.example | plc-1.plant.example.x | 4840 | | false
                    opc.tcp://plc-**           | plc-1.plant.example | 4840 | | true
                    opc.tcp://**.plant.example | a.b.plant.example | 4840 | | true
                    opc.tcp://**.plant.example | plant.example | 4840 | | false
                    opc.tcp://**a*b            | x.xaxxb      | 4840 |    | true
                    opc.tcp://**a*b            | x.xax.b      | 4840 |    | false
                    opc.tcp://*                | any.where.example | 4840 | | true
                    opc.tcp://10.0.0.1         | 10.0.0.1     | 4840 |    | true
                    opc.tcp://plc-1:4840/line* | plc-1        | 4840 | /line1 | true
                    opc.tcp://plc-1:4840/line* | plc-1        | 4840 | /line1.2 | true
                    opc.tcp://plc-1:4840/line* | plc-1        | 4840 |    | false
                    opc.tcp://[fd00::*]:4840   | fd00::7      | 4840 |    | true
                    10.0.0.0/8                 | 10.1.2.3     | 4840 |    | false
                    """)
    void aPatternMeansServersByTheirUrls(String pattern, String host, int port, String path, boolean meant) {
        assertThat(EndpointPattern.parse(pattern).matches(host, port, path == null ? "" : path))
                .isEqualTo(meant);
    }

    @Test
    void aRuleIsMadeOfPlainTexts() {
        AccessRule rule = AccessRule.of(
                "operators",
                List.of("group:operators", "user:hmi", "anyone"),
                List.of("read", "write"),
                List.of("opc.tcp://plc-*:4840", "10.0.0.0/8"),
                List.of("ns=2;s=Line1/*"),
                Map.of("writes", "5/s", "requests", "20/min"));

        assertThat(rule.who()).contains(new Subject(Subject.Kind.GROUP, "operators"), Subject.ANYONE);
        assertThat(rule.grant().scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.WRITE);
        assertThat(rule.grant().rates().opens()).isNull();
        assertThat(rule.grant().rates().requests()).hasToString("20/min");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "who|somebody|who",
                "who|user:|who",
                "who|User:x|who",
                "scopes|wirte|scopes",
                "endpoints|http://plc|endpoints",
                "endpoints|10.0.0.0/33|endpoints",
                "endpoints|10.0.0.1/8|endpoints",
                "endpoints|opc.tcp://a@b|endpoints",
                "endpoints|opc.tcp://10.0.*:4840|endpoints",
                "endpoints|opc.tcp://10.0.**|endpoints",
                "endpoints|opc.tcp://192.168.1.1*|endpoints",
                "nodes|Speed|nodes",
                "nodes|ns=2|nodes",
                "nodes|ns=70000;i=1|nodes",
                "nodes|i=*|nodes",
                "rate|5|rate.writes",
                "rate|0/s|rate.writes",
                "rate|5/day|rate.writes",
            })
    void whatIsWrongIsNamedWithItsRuleAndField(String example) {
        String[] parts = example.split("\\|", 3);
        String field = parts[0];
        String text = parts[1];

        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessRule.of(
                        "operators",
                        List.of(field.equals("who") ? text : "anyone"),
                        List.of(field.equals("scopes") ? text : "read"),
                        List.of(field.equals("endpoints") ? text : "*"),
                        List.of(field.equals("nodes") ? text : "*"),
                        field.equals("rate") ? Map.of("writes", text) : Map.of()))
                .withMessageStartingWith("rule operators: " + parts[2] + ": got \"" + text + "\", expected ");
    }

    @Test
    void emptyListsAndOddNamesAreWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessRule.of("r", List.of(), List.of("read"), List.of("*"), List.of("*"), Map.of()))
                .withMessageStartingWith("rule r: who: got none");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> AccessRule.of("r", List.of("anyone"), List.of("read"), List.of(), List.of("*"), Map.of()))
                .withMessageStartingWith("rule r: endpoints: got none");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        AccessRule.of("a b", List.of("anyone"), List.of("read"), List.of("*"), List.of("*"), Map.of()))
                .withMessageStartingWith("name of a rule: got \"a b\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessRule.of(
                        "r", List.of("anyone"), List.of("read"), List.of("*"), List.of("*"), Map.of("reads", "1/s")))
                .withMessageContaining("rate: got \"reads\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressRules.of(List.of("plc-1"), List.of()))
                .withMessageStartingWith("addresses.allow: got \"plc-1\"");
    }
}

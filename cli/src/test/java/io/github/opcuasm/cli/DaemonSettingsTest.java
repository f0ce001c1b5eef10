package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.DaemonConfig.DefaultTrust;
import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.daemon.policy.AccessRule;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.policy.Subject;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the config file makes of the daemon's security. */
class DaemonSettingsTest {
    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>();

    @Test
    void theOptionsOfSecurityReachTheDaemon() throws Exception {
        Path certificates = Files.createDirectory(directory.resolve("certs"));

        var config = settings("""
                allowed-cert-dirs: CERTS
                default_trust: strict
                allowDeprecatedPolicies: true
                state-dir: /var/lib/opcua
                tokens-file: /etc/opcua/tokens
                audit-log: /var/log/audit.jsonl
                read-only-socket: /run/ro.sock
                handshakes-per-server: 3
                """.replace("CERTS", certificates.toString())).config();

        assertThat(config.allowedCertDirs()).containsExactly(certificates);
        assertThat(config.defaultTrust()).isEqualTo(DefaultTrust.STRICT);
        assertThat(config.allowDeprecatedPolicies()).isTrue();
        assertThat(config.stateDir()).isEqualTo(Path.of("/var/lib/opcua"));
        assertThat(config.tokensFile()).isEqualTo(Path.of("/etc/opcua/tokens"));
        assertThat(config.auditLog()).isEqualTo(Path.of("/var/log/audit.jsonl"));
        assertThat(config.readOnlySocket()).isEqualTo(IpcEndpoint.parse("/run/ro.sock"));
        assertThat(config.handshakesPerServer()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "default-trust: none | any server is believed",
                "default-trust: strict | forgets what `trust approve` accepted",
                "allow-deprecated-policies: on | Basic256 and Basic128Rsa15",
            })
    void whatWeakensSecurityIsWarnedAbout(String text, String warning) throws Exception {
        assertThat(settings(text).warnings()).singleElement().asString().contains(warning);
        assertThat(settings("default-trust: first-use").warnings()).isEmpty();
    }

    @Test
    void aSecretStandsAnywhereWithoutQuotesAndIsNeverShown() throws Exception {
        environment.put("TOKEN", "geheim");
        environment.put("COUNT", "40");

        DaemonSettings settings = settings("{auth-token: x${TOKEN}, max-sessions: ${COUNT}}");

        assertThat(settings.config().authToken()).isEqualTo("xgeheim");
        assertThat(settings.config().maxSessions()).isEqualTo(40);
        assertThat(settings.effective().get(DaemonOption.MAX_SESSIONS))
                .extracting(Setting::written)
                .hasToString("[${COUNT}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-sessions: ${PLANTED} | :1: max-sessions: got a value that does not fit, expected a whole number",
                "timeout: 0.${ZERO} | :1: timeout: got a value that does not fit, expected more than 0",
                "socket: http://${PLANTED} | :1: socket: got a value that does not fit",
                "allowed-cert-dirs: [/tmp, /${PLANTED}] | :1: allowed-cert-dirs: got a value that does not fit",
                "access: {share-handles: ${PLANTED}} | access.share-handles: got a value that does not fit, expected true",
                "access: {rules: [{name: a, who: x${PLANTED}, may: read}]} | :1: access.rules.who: got a value that",
                "access: {rules: [{name: '${PLANTED} !', who: anyone, may: read}]} | :1: access.rules.name: got a value that",
            })
    void aWrongValueThatCameFromAVariableIsNotShown(String text, String message) {
        environment.put("PLANTED", "hunter2");
        environment.put("ZERO", "00");

        assertThatThrownBy(() -> settings(text))
                .hasMessageContaining(message)
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void theAccessSectionBecomesThePolicy() throws Exception {
        environment.put("HOST", "plc-1");

        AccessPolicy policy = settings("""
                access:
                  share_handles: true
                  addresses: {allow: [169.254.7.0/24], deny: []}
                  rules:
                    - name: dashboards
                      who: ["user:www-data", "group:scada"]
                      may: [read]
                      endpoints: ["opc.tcp://${HOST}:*"]
                      rate: {requests: 100/s, writes: 5/min}
                    - {name: rest, who: anyone, may: [read, write]}
                """).config().accessPolicy();

        assertThat(policy.shareHandles()).isTrue();
        assertThat(policy.addresses().allow()).hasToString("[169.254.7.0/24]");
        assertThat(policy.rules()).extracting(AccessRule::name).containsExactly("dashboards", "rest");
        AccessRule first = policy.rules().get(0);
        assertThat(first.who()).extracting(Subject::toString).containsExactly("user:www-data", "group:scada");
        assertThat(first.grant().scopes()).containsExactly(Scope.READ);
        assertThat(first.grant().endpoints()).hasToString("[opc.tcp://plc-1:*]");
        assertThat(first.grant().rates().requests()).isEqualTo(new RateLimit(100, Duration.ofSeconds(1)));
        assertThat(first.grant().rates().opens()).isNull();
        assertThat(policy.rules().get(1).grant().nodes()).hasToString("[*]");
    }

    @Test
    void withoutAnAccessSectionThePolicyIsTheReferences() throws Exception {
        assertThat(settings("timeout: 5").config().accessPolicy()).isEqualTo(AccessPolicy.AS_REFERENCE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acess: {} | :1: unknown key acess; did you mean access?",
                "access: [] | :1: access: expected a mapping of share-handles, addresses, rules",
                "access:;  rule: [] | :2: access: unknown key rule; did you mean rules?",
                "access:;  rules:;  - nmae: x | :3: access.rules: unknown key nmae; did you mean name?",
                "access:;  rules:;  - name: x;    may: read | :3: access.rules: a rule without who, expected who: user:NAME",
                "access:;  rules:;  - name: x;    may: raed;    who: anyone | :4: access.rules.may: got raed, expected read, write",
                "access:;  rules:;  - name: x;    may: [];    who: anyone | :3: access.rules: scopes: got none",
                "access:;  rules:;  - name: x;    may: read;    who: joe | :5: access.rules.who: got joe, expected user:NAME",
                "access:;  rules:;  - {name: x, may: read, who: anyone};  - {name: x, may: read, who: anyone} | :4: access.rules: got two rules named x",
                "access:;  addresses:;    deny: [10.0.0.1/8] | :3: access.addresses.deny: got 10.0.0.1/8, expected an address",
                "access:;  share-handles: perhaps | :2: access.share-handles: got perhaps, expected true or false",
            })
    void aWrongAccessSectionIsNamedWithLineAndKey(String text, String message) {
        assertThatThrownBy(() -> settings(text.replace(';', '\n')))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(directory.resolve("c.yaml") + message);
    }

    @Test
    void theReadOnlySocketIsNotOneOfTheOthers() {
        assertThatThrownBy(() -> settings("{socket: [/tmp/a.sock, /tmp/b.sock], read-only-socket: /tmp/b.sock}"))
                .hasMessageStartingWith("--read-only-socket: got unix:///tmp/b.sock, expected another endpoint");
    }

    private DaemonSettings settings(String yaml) throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), yaml);
        return DaemonSettings.of(Map.of(), file, environment);
    }
}

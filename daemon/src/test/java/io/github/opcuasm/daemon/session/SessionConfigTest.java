package io.github.opcuasm.daemon.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionConfigTest {
    private static final String URL = "opc.tcp://plc1:4840";

    private final SecretDigest digest = new SecretDigest();

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"opcuaTimeout\":null,\"unknown\":{\"a\":[1]},\"OpcuaTimeout\":\"x\"}"})
    void whatIsNotGivenHasItsDefault(String json) {
        SessionConfig config = parse(json);

        assertThat(config.opcuaTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.autoRetry()).isEqualTo(1);
        assertThat(config.batchSize()).isNull();
        assertThat(config.defaultBrowseMaxDepth()).isEqualTo(10);
        assertThat(config.autoDetectWriteType()).isTrue();
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(120));
        assertThat(config.sessionName()).isNull();
        assertThat(config.applicationName()).isEqualTo("opcua-session-manager");
        assertThat(config.listed()).isEmpty();
    }

    @Test
    void absentConfigIsAnEmptyOne() {
        assertThat(SessionConfig.parse(null).listed()).isEmpty();
    }

    @Test
    void whatIsGivenCounts() {
        SessionConfig config = parse(
                "{'opcuaTimeout':0.25,'autoRetry':0,'batchSize':0,'defaultBrowseMaxDepth':-1,'autoDetectWriteType':false,"
                        + "'sessionTimeout':60,'sessionName':'s','applicationName':'a','readMetadataCache':true}");

        assertThat(config.opcuaTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(config.autoRetry()).isZero();
        assertThat(config.batchSize()).isZero();
        assertThat(config.defaultBrowseMaxDepth()).isEqualTo(-1);
        assertThat(config.autoDetectWriteType()).isFalse();
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.sessionName()).isEqualTo("s");
        assertThat(config.applicationName()).isEqualTo("a");
        assertThat(config.listed()).hasSize(9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "opcuaTimeout; 5",
                "opcuaTimeout; 5.0",
                "opcuaTimeout; 86400",
                "autoRetry; 1000000",
                "autoRetry; 3.0",
                "batchSize; 1e3",
                "defaultBrowseMaxDepth; 256",
                "autoDetectWriteType; true",
                "readMetadataCache; false",
                "securityPolicy; 'None'",
                "securityPolicy; 'http://opcfoundation.org/UA/SecurityPolicy#None'",
                "securityPolicy; ''",
                "securityMode; 1",
                "securityMode; 1.0",
                "allowPlaintextPassword; true",
                "trustStorePath; '/var/lib/x'",
                "trustPolicy; 'fingerprint'",
                "trustPolicy; 'fingerprint+expiry'",
                "trustPolicy; 'full'",
                "autoAccept; true",
                "autoAcceptForce; false",
                "sessionName; ''",
                "applicationName; 'ü'",
                "sessionTimeout; 0.5",
            })
    void takes(String member, String value) {
        SessionConfig config = parse(member(member, value));

        assertThat(config.listed()).containsOnlyKeys(member);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "opcuaTimeout; 0",
                "opcuaTimeout; -1",
                "opcuaTimeout; 86400.001",
                "opcuaTimeout; 1e400",
                "opcuaTimeout; '5'",
                "opcuaTimeout; true",
                "opcuaTimeout; [5]",
                "autoRetry; -1",
                "autoRetry; 1.5",
                "autoRetry; 1000001",
                "autoRetry; 99999999999999999999",
                "autoRetry; '1'",
                "autoRetry; true",
                "batchSize; -1",
                "batchSize; 0.1",
                "batchSize; {}",
                "defaultBrowseMaxDepth; -2",
                "defaultBrowseMaxDepth; 'deep'",
                "autoDetectWriteType; 1",
                "autoDetectWriteType; 'true'",
                "readMetadataCache; 0",
                "securityPolicy; 1",
                "securityPolicy; 'Basic257'",
                "securityPolicy; 'http://example.com/None'",
                "securityMode; 0",
                "securityMode; 4",
                "securityMode; 'Both'",
                "securityMode; 2",
                "securityMode; 3",
                "username; 5",
                "password; 5",
                "allowPlaintextPassword; 'yes'",
                "clientCertPath; 5",
                "clientKeyPath; {}",
                "clientKeyPassphrase; 5",
                "caCertPath; []",
                "userCertPath; false",
                "userKeyPath; 5",
                "userKeyPassphrase; 5",
                "trustStorePath; 5",
                "trustPolicy; 'none'",
                "trustPolicy; 1",
                "autoAccept; 1",
                "autoAcceptForce; 'x'",
                "sessionName; 5",
                "applicationName; 5",
                "sessionTimeout; 0",
                "sessionTimeout; '120'",
            })
    void refusesAndNamesTheMember(String member, String value) {
        CommandException refused = refused(member(member, value));

        assertThat(refused.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(refused.messageText()).startsWith("config." + member + ": ");
    }

    // Such a number fits in a frame, but written out it fills the heap.
    @ParameterizedTest
    @ValueSource(strings = {"opcuaTimeout", "sessionTimeout"})
    void numberTooSmallForADurationIsRefused(String member) {
        CommandException refused = refused(member(member, "1e-999999999"));

        assertThat(refused.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(refused.messageText()).hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "'x'", "true", "[1]"})
    void configIsAnObject(String json) {
        assertThat(refused(json).type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
    }

    @Test
    void lengthOfTextsIsBounded() {
        assertThat(parse(member("sessionName", "'" + "x".repeat(4096) + "'")).sessionName())
                .hasSize(4096);
        assertThat(refused(member("sessionName", "'" + "x".repeat(4097) + "'")).messageText())
                .hasSizeLessThan(500);
    }

    @Test
    void securityThatIsNotThereIsNeverQuietlyLeftOut() {
        CommandException refused = refused(
                "{'securityPolicy':'http://opcfoundation.org/UA/SecurityPolicy#ECC_nistP256','securityMode':3}");

        assertThat(refused.type()).isEqualTo(ErrorType.SECURITY);
        assertThat(refused.messageText()).contains("ECC_nistP256");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{'securityPolicy':'Basic256Sha256'}`, Basic256Sha256 SignAndEncrypt",
                "`{'securityPolicy':'basic256sha256','securityMode':2}`, Basic256Sha256 Sign",
                "`{'securityPolicy':'http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss','securityMode':3}`, Aes256_Sha256_RsaPss SignAndEncrypt",
                "`{'securityPolicy':'None'}`, None",
                "`{'securityPolicy':'None','securityMode':1}`, None",
                "`{'securityMode':1}`, None",
                "`{}`, None"
            })
    void policyAndModeAreTakenByNameAndNumber(String json, String profile) {
        assertThat(parse(json).profile()).hasToString(profile);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'securityMode':3}",
                "{'securityPolicy':'Basic256Sha256','securityMode':1}",
                "{'securityPolicy':'None','securityMode':2}",
                "{'securityPolicy':'wat'}",
                "{'username':'u'}",
                "{'username':'u','password':'','userCertPath':'/c','userKeyPath':'/k'}"
            })
    void nonsenseInSecurityIsNamed(String json) {
        CommandException refused = refused(json);

        assertThat(refused.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(refused.messageText()).startsWith("config.").contains("expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "clientKeyPassphrase", "userKeyPassphrase", "username", "userKeyPath"})
    void secretIsNotRepeatedInErrors(String member) {
        JsonValue.Obj nested = new JsonValue.Obj(java.util.Map.of(
                member,
                new JsonValue.Arr(java.util.List.of(new JsonValue.Str("hunter2"))),
                "x",
                new JsonValue.Str("hunter2")));

        CommandException refused = catchThrowableOfType(CommandException.class, () -> SessionConfig.parse(nested));

        assertThat(refused.messageText()).contains(member).doesNotContain("hunter2");
        CommandException tooLong = refused(member(member, "'" + "hunter2".repeat(1000) + "'"));
        assertThat(tooLong.messageText()).contains(member).doesNotContain("hunter2");
    }

    @Test
    void sameValuesHaveTheSameKeyHoweverTheyAreWritten() {
        String key = key("{'opcuaTimeout':10,'autoRetry':2,'sessionName':'a'}");

        assertThat(key("{'opcuaTimeout':10.0,'autoRetry':2,'sessionName':'a'}")).isEqualTo(key);
        assertThat(key("{'opcuaTimeout':1e1,'autoRetry':2.0,'sessionName':'a'}"))
                .isEqualTo(key);
        assertThat(key("{'sessionName':'a','autoRetry':2,'opcuaTimeout':10}")).isEqualTo(key);
        assertThat(key("{'sessionName':'a','autoRetry':2,'opcuaTimeout':10,'unknown':1,'batchSize':null}"))
                .isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'opcuaTimeout':5}",
                "{'autoRetry':1}",
                "{'defaultBrowseMaxDepth':10}",
                "{'autoDetectWriteType':true}",
                "{'sessionTimeout':120}",
                "{'sessionName':'opcua-session-manager'}",
                "{'securityMode':1}",
                "{'batchSize':0}",
            })
    void absentMemberDiffersFromItsExplicitDefault(String json) {
        assertThat(key(json)).isNotEqualTo(key("{}"));
    }

    @Test
    void valuesCannotBeMistakenForOtherMembers() {
        assertThat(key("{'applicationName':'a\\nsessionName=1:b'}"))
                .isNotEqualTo(key("{'applicationName':'a','sessionName':'b'}"));
        assertThat(parse("{}").handleKey(URL, Materials.NONE, digest))
                .isNotEqualTo(parse("{}").handleKey(URL + "/x", Materials.NONE, digest));
    }

    @Test
    void requestOptionsDoNotTellSessionsApart() {
        SessionIdentity plain = identity("{}");

        assertThat(identity("{'opcuaTimeout':7,'autoRetry':3,'batchSize':5,'defaultBrowseMaxDepth':2,"
                        + "'autoDetectWriteType':false,'readMetadataCache':true}"))
                .isEqualTo(plain);
        assertThat(identity("{'sessionName':'other'}")).isNotEqualTo(plain);
        assertThat(identity("{'sessionTimeout':60}")).isNotEqualTo(plain);
        assertThat(identity("{'trustPolicy':'full'}")).isNotEqualTo(plain);
    }

    @Test
    void equalSecretsHaveEqualDigestsUnderOneKeyOnly() {
        assertThat(digest.of("hunter2")).isEqualTo(digest.of("hunter2")).isNotEqualTo(digest.of("hunter3"));
        assertThat(new SecretDigest().of("hunter2")).isNotEqualTo(digest.of("hunter2"));
        assertThat(digest.of("")).isNotEmpty();
    }

    @Test
    void secretMembersAreKnownAsSuchAndNeverListed() {
        for (String name : java.util.List.of("password", "clientKeyPassphrase", "userKeyPassphrase")) {
            ConfigMember member = java.util.Objects.requireNonNull(ConfigMember.ofName(name));
            assertThat(member.isSecret()).as(name).isTrue();
            assertThat(member.isListed()).as(name).isFalse();
        }
        for (String name : java.util.List.of("username", "clientKeyPath", "userKeyPath", "caCertPath")) {
            ConfigMember member = java.util.Objects.requireNonNull(ConfigMember.ofName(name));
            assertThat(member.isListed()).as(name).isFalse();
        }
    }

    @Test
    void identityShowsNoMoreThanTheServer() {
        SessionIdentity identity = identity("{'sessionName':'a-name'}");

        assertThat(identity.toString()).contains(URL).doesNotContain("a-name");
    }

    private String key(String json) {
        return parse(json).handleKey(URL, Materials.NONE, digest);
    }

    private SessionIdentity identity(String json) {
        return parse(json).identity(URL, "", Materials.NONE, digest);
    }

    private static String member(String name, String value) {
        return "{'" + name + "':" + value + "}";
    }

    private static CommandException refused(String json) {
        return catchThrowableOfType(CommandException.class, () -> parse(json));
    }

    private static SessionConfig parse(@Nullable String json) {
        byte[] utf8 = String.valueOf(json).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length));
    }
}

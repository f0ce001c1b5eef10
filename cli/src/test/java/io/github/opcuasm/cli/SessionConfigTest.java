package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options of secured sessions as the config that is sent. */
class SessionConfigTest {
    private static final String SIGNED =
            "\"securityPolicy\":\"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256\"";

    @TempDir
    private Path directory;

    private final CommandRun surroundings = new CommandRun();

    @Test
    void policyAndModeTravelAsOtherClientsSendThem() {
        assertThat(config("--policy", "basic256sha256", "--mode", "sign"))
                .isEqualTo("{" + SIGNED + ",\"securityMode\":2}");
        assertThat(config("--policy", "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"))
                .isEqualTo("{" + SIGNED + "}");
        assertThat(config("--mode", "None")).isEqualTo("{\"securityMode\":1}");
    }

    @Test
    void pathsAreMadeAbsoluteForTheDaemon() {
        String here = Path.of("").toAbsolutePath().toString();

        assertThat(config("--cert", "a.pem", "--key", "keys/../a.key", "--trust-store", "/srv/trust"))
                .isEqualTo("{\"clientCertPath\":\"" + here + "/a.pem\",\"clientKeyPath\":\"" + here
                        + "/a.key\",\"trustStorePath\":\"/srv/trust\"}");
    }

    @Test
    void passphrasesComeFromFiles() throws Exception {
        Path file = secret("phrase", "open sesame\n");

        assertThat(config(
                        "--user-cert", "/u.pem", "--user-key", "/u.key", "--user-key-passphrase-file", file.toString()))
                .contains("\"userKeyPassphrase\":\"open sesame\"");
        assertThat(surroundings.stderr()).isEmpty();
    }

    @Test
    void thePasswordOfAFileBeatsTheEnvironmentWhichBeatsTheTerminal() throws Exception {
        Path file = secret("password", "from-file\n");
        surroundings.typing("typed");

        assertThat(config("--user", "joe")).isEqualTo("{\"username\":\"joe\",\"password\":\"typed\"}");
        assertThat(surroundings.asked()).isEqualTo("Password of joe: ");

        surroundings.environment("OPCUA_PASSWORD", "from-env");

        assertThat(config("--user", "joe")).contains("\"password\":\"from-env\"");
        assertThat(config("--user", "joe", "--password-file", file.toString())).contains("\"password\":\"from-file\"");
        assertThat(surroundings.asked()).isEqualTo("Password of joe: ");
    }

    @Test
    void anEmptyPasswordIsOne() throws Exception {
        Path file = secret("password", "\n");

        assertThat(config("--user", "joe", "--password-file", file.toString())).contains("\"password\":\"\"");
    }

    @Test
    void withoutATerminalThereIsNobodyToAsk() {
        assertThatThrownBy(() -> config("--user", "joe"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--user: the password of joe is missing and there is no terminal to ask at:"
                        + " pass --password-file or set OPCUA_PASSWORD");
    }

    @Test
    void thePasswordInTheEnvironmentIsNotSentWhereNobodyLogsIn() {
        surroundings.environment("OPCUA_PASSWORD", "from-env");

        assertThat(config("-c", "opcuaTimeout=10")).isEqualTo("{\"opcuaTimeout\":10}");
    }

    @Test
    void aSecretOnTheCommandLineIsTakenAsTextWithAWarning() {
        String config =
                config("-c", "username=joe", "-c", "password=4711", "--config", "{\"clientKeyPassphrase\":\"x\"}");

        assertThat(config).contains("\"password\":\"4711\"");
        assertThat(surroundings.stderr().lines())
                .hasSize(2)
                .allMatch(line -> line.contains("shows in the process list and in the shell's history"))
                .anyMatch(line -> line.endsWith("use --user with --password-file or OPCUA_PASSWORD"))
                .anyMatch(line -> line.endsWith("use --key-passphrase-file"))
                .noneMatch(line -> line.contains("4711"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--policy Basic256Sha255 | --policy: got Basic256Sha255; did you mean Basic256Sha256?",
                "--policy X | --policy: got X; expected one of None, Basic256Sha256",
                "--policy None --mode Singn | --mode: got Singn; did you mean Sign?",
                "--mode Sign | --mode: expected a --policy beside it",
                "--trust-policy fingerprints | --trust-policy: got fingerprints; did you mean fingerprint?",
                "--cert a.pem | --cert: expected --key beside it",
                "--user-key a.key | --user-key: expected --user-cert beside it",
                "--password-file p | --password-file: expected --user beside it",
                "-c geheim | -c: expected KEY=VALUE",
                "--config geheim | --config: got string, expected a JSON object",
            })
    void whatDoesNotFitIsNamed(String arguments, String message) {
        assertThatThrownBy(() -> config(arguments.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(message)
                .message()
                .doesNotContain("geheim");
    }

    @Test
    void aMissingPasswordFileIsNamed() {
        assertThatThrownBy(() -> config("--user", "joe", "--password-file", "/nonexistent/p"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--password-file: there is no file /nonexistent/p");
    }

    @Test
    void noCommandTakesAPasswordAsAnOption() {
        int code = surroundings.run("read", "opc.tcp://plc", "i=2258", "--user", "joe", "--password", "hunter2");

        assertThat(code).isEqualTo(2);
        assertThat(surroundings.stderr()).contains("unknown option --password").doesNotContain("hunter2");
    }

    @Test
    void anOpenSessionHasItsOwnConfig() {
        int code = surroundings.run("read", "0123456789abcdef0123456789abcdef", "i=2258", "--policy", "None");

        assertThat(code).isEqualTo(2);
        assertThat(surroundings.stderr()).contains("--policy is for opening a URL: an open session has its own config");
    }

    private String config(String... arguments) {
        CommandSpec spec = CommandSpec.create().name("open");
        SessionConfig.declare(spec);
        ParseResult given = Syntax.parser(spec).parseArgs(arguments);
        return Json.text(Json.of(SessionConfig.of(given, surroundings.console())));
    }

    private Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}

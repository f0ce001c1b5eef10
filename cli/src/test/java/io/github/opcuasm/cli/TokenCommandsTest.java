package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.access.TokensFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code token add}, {@code list} and {@code remove}, on a file. */
class TokenCommandsTest {
    @TempDir
    private Path directory;

    @Test
    void aNewTokenIsPrintedOnceAndOnlyItsHashIsKept() throws Exception {
        Path file = directory.resolve("tokens");
        var add = new CommandRun();

        int code = add.run("token", "add", "hmi", "--scope", "read,write", "--tokens-file", file.toString());

        assertThat(code).as(add.stderr()).isZero();
        assertThat(add.stdout()).matches("[A-Za-z0-9_-]{43}\\n");
        String token = add.stdout().strip();
        assertThat(add.stderr()).contains("SIGHUP").doesNotContain(token);
        assertThat(Files.readString(file))
                .contains("\"name\":\"hmi\"", TokensFile.sha256(token), "[\"read\",\"write\"]")
                .doesNotContain(token);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void limitsAreKeptAndListed() throws Exception {
        String file = directory.resolve("tokens").toString();
        var add = new CommandRun();
        int code = add.run(
                "token",
                "add",
                "line1",
                "--scope",
                "read",
                "--scope",
                "call",
                "--endpoint",
                "opc.tcp://plc-*:4840",
                "--endpoint",
                "10.0.0.0/8",
                "--node",
                "nsu=urn:x;s=Line1/*",
                "--rate",
                "requests=100/s",
                "--rate",
                "writes=5/min",
                "--expires",
                "2126-01-01T00:00:00Z",
                "--tokens-file",
                file);
        assertThat(code).as(add.stderr()).isZero();

        var list = new CommandRun();
        var json = new CommandRun();
        int listed = list.run("token", "list", "--tokens-file", file);
        int asJson = json.run("token", "list", "--json", "--tokens-file", file);

        assertThat(listed).isZero();
        assertThat(list.stdout().lines().toList().get(1))
                .matches("line1 +read,call +opc\\.tcp://plc-\\*:4840,10\\.0\\.0\\.0/8 +nsu=urn:x;s=Line1/\\* +"
                        + "requests=100/s,writes=5/min +2126-01-01T00:00:00Z");
        assertThat(asJson).isZero();
        assertThat(json.stdout())
                .startsWith("{\"count\":1,\"tokens\":[{\"name\":\"line1\",\"scopes\":[\"read\",\"call\"]")
                .doesNotContain("sha256");
    }

    @Test
    void aRemovedTokenIsGone() throws Exception {
        String file = directory.resolve("tokens").toString();
        int added = new CommandRun().run("token", "add", "hmi", "--scope", "read", "--tokens-file", file);
        var remove = new CommandRun();
        var list = new CommandRun();
        var again = new CommandRun();

        int removed = remove.run("token", "remove", "hmi", "--tokens-file", file);
        int listed = list.run("token", "list", "--tokens-file", file);
        int refused = again.run("token", "remove", "hmi", "--tokens-file", file);

        assertThat(added + removed + listed).isZero();
        assertThat(remove.stdout()).isEqualTo("hmi  removed\n");
        assertThat(remove.stderr()).contains("SIGHUP");
        assertThat(list.stdout()).isEqualTo("There is no token.\n");
        assertThat(refused).isEqualTo(1);
        assertThat(again.stderr()).contains("has no token of this name");
    }

    @Test
    void theConfigFileNamesTheTokensFile() throws Exception {
        Path file = directory.resolve("tokens");
        Path config = Files.writeString(directory.resolve("c.yaml"), "tokens-file: " + file + "\n");
        Path relative = Files.writeString(directory.resolve("r.yaml"), "tokens-file: tokens\n");
        var add = new CommandRun();
        var refused = new CommandRun();

        int added = add.run("token", "add", "hmi", "--scope", "read", "--config", config.toString());
        int usage = refused.run("token", "list", "--config", relative.toString());

        assertThat(added).as(add.stderr()).isZero();
        assertThat(file).exists();
        assertThat(usage).isEqualTo(2);
        assertThat(refused.stderr()).contains("relative to where the daemon was started");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add hmi | --scope: expected what it may do",
                "add hmi --scope raed | --scope: got raed, expected read, write, call or admin",
                "add h/i --scope read | NAME: got h/i, expected 1 to 64 letters",
                "add hmi --scope read --endpoint http://x | --endpoint: got http://x, expected opc.tcp://host",
                "add hmi --scope read --node Speed | --node: got Speed, expected a node id",
                "add hmi --scope read --rate 5/s | --rate: got 5/s, expected requests=100/s",
                "add hmi --scope read --rate requests=5 | --rate: got 5, expected a number from 1",
                "add hmi --scope read --expires 2020-01-01 | --expires: got 2020-01-01, expected a time to come",
                "add hmi --scope read --expires soon | --expires: got soon, expected a time",
                "ad hmi | unknown command token ad; did you mean token add?",
            })
    void whatIsWrongIsNamedAndNothingIsWritten(String arguments, String message) {
        Path file = directory.resolve("tokens");
        var run = new CommandRun();

        int code = run.run(("token " + arguments + " --tokens-file " + file).split(" "));

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).startsWith("opcua-session-manager: " + message);
        assertThat(run.stdout()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void withoutAFileTheNextStepIsSaid() {
        var run = new CommandRun();

        int code = run.run("token", "list");

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).contains("expected --tokens-file PATH, or --config FILE that names it");
    }

    @Test
    void checkConfigReadsTheTokensFileToo() throws Exception {
        Path file = Files.writeString(directory.resolve("tokens"), "{\"name\":\"hmi\"}\n");
        var run = new CommandRun();

        int code = run.run("--check-config", "--tokens-file", file.toString());

        assertThat(code).isEqualTo(1);
        assertThat(run.stderr()).contains(file.toString(), "line 1", "scopes");
    }
}

package io.github.opcuasm.daemon.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of named tokens, as the daemon reads it and the command line changes it. */
final class TokensFileTest {
    private static final String HASH = "0".repeat(64);
    private static final int ADDED = 50;

    @TempDir
    private Path directory;

    private Path path;
    private TokensFile file;

    @BeforeEach
    void name() {
        path = directory.resolve("tokens");
        file = new TokensFile(path);
    }

    @Test
    void aTokenThatWasAddedIsReadAgainAsItWas() throws Exception {
        String text = TokensFile.newToken(new SecureRandom());
        NamedToken token = new NamedToken(
                "hmi-1",
                TokensFile.sha256(text),
                Grant.of(
                        List.of("read", "write"),
                        List.of("opc.tcp://plc-*:4840"),
                        List.of("nsu=urn:x;s=\"Line 1\"/*"),
                        Map.of("writes", "5/s", "opens", "7/h")),
                Instant.parse("2030-01-01T00:00:00Z"));

        file.add(token);

        assertThat(file.read().tokens()).containsExactly(token);
        assertThat(file.read().warnings()).isEmpty();
        assertThat(Files.readString(path)).doesNotContain(text);
        assertThat(text).hasSize(43).matches("[A-Za-z0-9_-]+");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    @Test
    void aChangeKeepsTheOtherLinesAndTheMode() throws Exception {
        String odd = "{\"scopes\" : [\"read\"],  \"name\":\"kept\", \"sha256\":\"" + "1".repeat(64) + "\"}";
        Files.writeString(path, odd + "\n\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));

        file.add(new NamedToken("new", HASH, Grant.ALL, null));
        assertThat(Files.readString(path)).startsWith(odd + "\n\n{\"name\":\"new\"");
        file.remove("new");

        assertThat(Files.readString(path)).isEqualTo(odd + "\n\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-r-----");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("tokens", ".tokens.lock");
        assertThat(wrong(() -> file.remove("new"))).contains("no token of this name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    nonsense                                                    | expected one JSON object
                    [1]                                                         | expected one JSON object
                    {'name':'a','sha256':'H'}                                   | scopes: got none
                    {'name':'a','sha256':'H','scopes':['all']}                  | scopes: got "all"
                    {'name':'a','sha256':'H','scopes':'read'}                   | scopes: expected an array
                    {'name':'a b','sha256':'H','scopes':['read']}               | name: expected
                    {'sha256':'H','scopes':['read']}                            | name: expected a string
                    {'name':'a','sha256':'s3cret','scopes':['read']}            | sha256: expected 64
                    {'name':'a','token':'s3cret','scopes':['read']}             | unknown member
                    {'name':'a','sha256':'H','scopes':['read'],'nodes':['x']}   | nodes: got "x"
                    {'name':'a','sha256':'H','scopes':['read'],'endpoints':[]}  | endpoints: got none
                    {'name':'a','sha256':'H','scopes':['read'],'rate':{'x':'1/s'}} | rate: got "x"
                    {'name':'a','sha256':'H','scopes':['read'],'expires':'soon'} | expires: expected
                    """)
    void aWrongLineIsNamedWithItsFieldAndShowsNoSecret(String line, String expected) throws Exception {
        Files.writeString(path, "\n" + line.replace('\'', '"').replace("\"H\"", "\"" + HASH + "\"") + "\n");

        assertThat(wrong(file::read))
                .startsWith("The tokens file " + path + " line 2: ")
                .contains(expected)
                .doesNotContain("s3cret");
    }

    @Test
    void twoOfANameAreWrong() throws Exception {
        file.add(new NamedToken("a", HASH, Grant.ALL, null));

        assertThat(wrong(() -> file.add(new NamedToken("a", "1".repeat(64), Grant.ALL, null))))
                .contains("line 2: name");
        assertThat(wrong(() -> file.add(new NamedToken("b", HASH, Grant.ALL, null))))
                .contains("line 2: sha256");
        assertThat(file.read().tokens()).hasSize(1);
    }

    @Test
    void aFileThatOthersCanWriteIsRefusedAndOneThatTheyCanReadIsWarnedOf() throws Exception {
        file.add(new NamedToken("a", HASH, Grant.of(List.of("read"), List.of("*"), List.of("*"), Map.of()), null));

        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(file.read().warnings()).singleElement().asString().contains("read by others");
        assertThat(file.read().tokens().get(0).grant().scopes()).containsExactly(Scope.READ);

        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        assertThat(wrong(file::read)).contains("can be written by its group");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw----rw-"));
        assertThat(wrong(file::read)).contains("can be written by others");
        Files.delete(path);
        assertThat(wrong(file::read)).contains("does not exist");
    }

    @Test
    void ofManyChangesByTwoProcessesNoneIsLost() throws Exception {
        List<Process> processes = new ArrayList<>();
        try {
            for (String prefix : List.of("a", "b")) {
                processes.add(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                AddsTokens.class.getName(),
                                path.toString(),
                                prefix,
                                Integer.toString(ADDED))
                        .inheritIO()
                        .start());
            }
            for (Process process : processes) {
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
                assertThat(process.exitValue()).isZero();
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        assertThat(file.read().tokens()).hasSize(2 * ADDED);
    }

    /** Another process, which adds tokens one by one. */
    static final class AddsTokens {
        private AddsTokens() {}

        public static void main(String[] args) throws Exception {
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                String name = args[1] + "-" + i;
                new TokensFile(Path.of(args[0])).add(new NamedToken(name, TokensFile.sha256(name), Grant.ALL, null));
            }
        }
    }

    @Test
    void whoLetsPeopleInTakesNoFileOfSomebodyElse() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a file away");
        file.add(new NamedToken("a", HASH, Grant.ALL, null));
        assertThat(file.readTrusted().tokens()).hasSize(1);

        Files.setAttribute(path, "unix:uid", 65_534);
        file.add(new NamedToken("b", "1".repeat(64), Grant.ALL, null));

        assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(65_534);
        assertThat(file.read().tokens()).hasSize(2);
        assertThat(wrong(file::readTrusted)).contains("belongs to ").contains("chown it");
    }

    @FunctionalInterface
    private interface Use {
        void run() throws Exception;
    }

    private static String wrong(Use use) {
        return catchThrowableOfType(TokensFileException.class, use::run).messageText();
    }
}

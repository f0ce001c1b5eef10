package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferencesTest {
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "USER_1", "joe",
            "DIR", "secrets",
            "TRICK", "${USER_1}",
            "TRICK_FILE", "file:secrets/password",
            "EMPTY", "",
            "PLANTED", "hunter2");

    @TempDir
    private Path directory;

    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void plant() throws Exception {
        Files.createDirectory(directory.resolve("secrets"));
        secret("password", "  pass ${USER_1} word\n");
        secret("empty", " \n");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain,plain",
                "${USER_1},joe",
                "<${USER_1}|${USER_1}>,<joe|joe>",
                "costs 5$,costs 5$",
                "$USER_1,$USER_1",
                "$${USER_1},${USER_1}",
                "a$${b}${USER_1},a${b}joe",
                // What was put in is not looked through again.
                "${TRICK},${USER_1}",
                "${TRICK_FILE},file:secrets/password",
                "file:secrets/password,pass ${USER_1} word",
                "file:${DIR}/password,pass ${USER_1} word",
                "<${file:secrets/password}>,<pass ${USER_1} word>",
            })
    void aReferenceStandsForItsValue(String text, String value) {
        assertThat(references().resolve("c.yaml:1: key", text)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${MISSING} | the environment variable MISSING is not set",
                "${EMPTY} | the environment variable EMPTY is set but empty",
                "${USER_1 | expected ${NAME} or ${file:PATH}; write $${ for the text ${ itself",
                "${no name} | expected ${NAME}",
                "file:nowhere | there is no file DIRECTORY/nowhere",
                "file:secrets | DIRECTORY/secrets is a directory",
                "file:secrets/empty | DIRECTORY/secrets/empty is empty",
                "a ${file:nowhere} | there is no file DIRECTORY/nowhere",
            })
    void whatIsMissingIsNamedWithItsPlace(String text, String message) {
        String expected = "c.yaml:7: auth-token: " + message.replace("DIRECTORY", directory.toString());

        assertThatThrownBy(() -> references().resolve("c.yaml:7: auth-token", text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(expected);
    }

    @Test
    void aVariableInAPathIsNotShownEither() {
        assertThatThrownBy(() -> references().resolve("c.yaml:1: key", "file:${PLANTED}"))
                .hasMessage("c.yaml:1: key: there is no file ${PLANTED}");
    }

    @Test
    void aFileThatOthersCanReadIsTakenWithAWarning() throws Exception {
        Path file = secret("shared", "geheim");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        String value = references().resolve("c.yaml:3: key", "file:secrets/shared");

        assertThat(value).isEqualTo("geheim");
        assertThat(warnings).containsExactly("c.yaml:3: key: others can read " + file + ": chmod 600 it");
    }

    @Test
    void aFileOfItsOwnersAloneIsNotWarnedAbout() {
        String value = references().resolve("c.yaml:3: key", "file:secrets/password");

        assertThat(value).isNotEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void aFileThatIsNoTextOrTooLongIsRefused() throws Exception {
        Files.write(directory.resolve("binary"), new byte[] {(byte) 0xFF, (byte) 0xFE});
        Files.write(directory.resolve("long"), new byte[64 * 1024 + 1]);

        assertThatThrownBy(() -> references().resolve("key", "file:binary")).hasMessageEndingWith("is not UTF-8");
        assertThatThrownBy(() -> references().resolve("key", "file:long")).hasMessageContaining("more than 64 KiB");
    }

    private References references() {
        return new References(directory, ENVIRONMENT, warnings::add);
    }

    private Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(directory.resolve("secrets").resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}

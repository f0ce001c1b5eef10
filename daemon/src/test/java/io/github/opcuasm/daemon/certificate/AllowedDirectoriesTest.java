package io.github.opcuasm.daemon.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AllowedDirectoriesTest {
    private static final String OUTSIDE = "Client certificate is not in an allowed directory: [path]";
    private static final String MISSING = "Client certificate does not exist or cannot be read: [path]";

    @TempDir
    private Path directory;

    private Path inside = Path.of("/");
    private Path secret = Path.of("/");
    private AllowedDirectories allowed = AllowedDirectories.anywhere();

    @BeforeEach
    void twoDirectories() throws IOException {
        directory = directory.toRealPath();
        inside = Files.createDirectory(directory.resolve("certs"));
        Files.createDirectory(directory.resolve("other"));
        secret = Files.writeString(directory.resolve("other/secret.der"), "x");
        allowed = AllowedDirectories.of(List.of(inside));
    }

    @Test
    void aFileInsideIsFoundByItsRealPath() throws Exception {
        Path file = Files.writeString(inside.resolve("a.der"), "x");
        Files.createSymbolicLink(inside.resolve("link.der"), file);

        assertThat(allowed.require("Client certificate", file.toString())).isEqualTo(file);
        assertThat(allowed.require(
                        "Client certificate", inside.resolve("link.der").toString()))
                .isEqualTo(file);
        assertThat(allowed.require("Client certificate", inside + "/../certs/./a.der"))
                .isEqualTo(file);
    }

    @Test
    void anAllowedDirectoryMayItselfBeReachedThroughALink() throws Exception {
        Path file = Files.writeString(inside.resolve("a.der"), "x");
        Path alias = Files.createSymbolicLink(directory.resolve("alias"), inside);

        assertThat(AllowedDirectories.of(List.of(alias)).require("Client certificate", file.toString()))
                .isEqualTo(file);
        assertThat(allowed.require("Client certificate", alias.resolve("a.der").toString()))
                .isEqualTo(file);
    }

    @Test
    void noWayLeadsOut() throws Exception {
        Files.createSymbolicLink(inside.resolve("file.der"), secret);
        Files.createSymbolicLink(inside.resolve("dir"), secret.getParent());
        Files.createDirectory(directory.resolve("certs-of-others"));
        Files.writeString(directory.resolve("certs-of-others/a.der"), "x");

        for (String path : List.of(
                secret.toString(),
                inside + "/../other/secret.der",
                inside + "/file.der",
                inside + "/dir/secret.der",
                inside + "-of-others/a.der",
                inside.toString().replace("certs", "CERTS") + "/a.der",
                "/etc/passwd",
                "/proc/self/environ")) {
            assertThat(refusal(allowed, path)).hasMessage(OUTSIDE);
        }
    }

    /** Whether a file exists elsewhere must not be found out. */
    @Test
    void whatIsMissingOutsideIsRefusedAsWhatIsThere() throws Exception {
        Files.createSymbolicLink(inside.resolve("dir"), secret.getParent());

        assertThat(refusal(allowed, directory + "/other/none.der")).hasMessage(OUTSIDE);
        assertThat(refusal(allowed, inside + "/dir/none.der")).hasMessage(OUTSIDE);
        assertThat(refusal(allowed, inside + "/none.der")).hasMessage(MISSING);
    }

    @Test
    void withoutAListOnlyExistenceCounts() {
        AllowedDirectories anywhere = AllowedDirectories.anywhere();

        assertThat(anywhere.require("Client certificate", secret.toString())).isEqualTo(secret);
        assertThat(refusal(anywhere, directory + "/none")).hasMessage(MISSING);
        assertThat(refusal(anywhere, "a\0b")).hasMessage(MISSING);
    }

    @Test
    void anEmptyListAllowsNothing() {
        assertThat(refusal(AllowedDirectories.of(List.of()), secret.toString())).hasMessage(OUTSIDE);
    }

    @Test
    void aStoreMayBeNewIfItsParentIsInside() throws Exception {
        Files.createSymbolicLink(inside.resolve("out"), secret.getParent());
        Files.createSymbolicLink(inside.resolve("dangling"), directory.resolve("other/new"));

        assertThat(allowed.requireDirectory("Trust store", inside + "/store")).isEqualTo(inside.resolve("store"));
        assertThat(allowed.requireDirectory("Trust store", inside.toString())).isEqualTo(inside);
        for (String path : List.of(
                inside + "/out/store", inside + "/../store", inside + "/dangling", inside + "/no/parent", "/store")) {
            CommandException refused =
                    catchThrowableOfType(CommandException.class, () -> allowed.requireDirectory("Trust store", path));
            assertThat(refused.type()).isEqualTo(ErrorType.INVALID_PATH);
            assertThat(refused).message().startsWith("Trust store ").endsWith(": [path]");
        }
        Path file = Files.writeString(inside.resolve("file"), "x");
        assertThat(catchThrowableOfType(
                        CommandException.class, () -> allowed.requireDirectory("Trust store", file.toString())))
                .hasMessage("Trust store is not a directory: [path]");
    }

    private static CommandException refusal(AllowedDirectories directories, String path) {
        CommandException refused =
                catchThrowableOfType(CommandException.class, () -> directories.require("Client certificate", path));
        assertThat(refused.type()).isEqualTo(ErrorType.INVALID_PATH);
        return refused;
    }
}

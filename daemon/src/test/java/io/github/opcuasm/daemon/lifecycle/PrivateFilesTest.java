package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateFilesTest {
    @TempDir
    Path directory;

    /** Where there are no hard links. */
    @Test
    void ofSeveralWhoMoveAFileIntoPlaceOneSucceeds() throws Exception {
        Path target = directory.resolve("target");
        Path one = Files.writeString(directory.resolve("one"), "1");
        Path two = Files.writeString(directory.resolve("two"), "2");

        PrivateFiles.moveIfAbsent(one, target);

        assertThatThrownBy(() -> PrivateFiles.moveIfAbsent(two, target)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasContent("1");
    }

    @Test
    void whatIsReplacedIsItsOwnersAlone() throws Exception {
        Path target = Files.writeString(directory.resolve("target"), "before");

        PrivateFiles.replace(target, new byte[] {'n', 'o', 'w'});

        assertThat(target).hasContent("now");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-------");
    }
}

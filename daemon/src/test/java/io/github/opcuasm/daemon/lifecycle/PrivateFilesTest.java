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

    @Test
    void whatIsReadIsItsOwnersAloneAndOfBoundedSize() throws Exception {
        Path file = directory.resolve("file");
        PrivateFiles.replaceUnforced(file, new byte[] {'n', 'o', 'w'});

        assertThat(PrivateFiles.read(file, 3)).containsExactly('n', 'o', 'w');
        assertThatThrownBy(() -> PrivateFiles.read(file, 2)).hasMessage("is larger than 2 bytes");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
        assertThatThrownBy(() -> PrivateFiles.read(file, 3)).hasMessage("is open to other users (rw----r--)");
        assertThat(PrivateFiles.shut(file)).isTrue();
        assertThat(PrivateFiles.shut(file)).isFalse();
        assertThat(PrivateFiles.read(file, 3)).hasSize(3);
    }
}

package io.github.opcuasm.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with the daemon's token in it: at most 64 KiB of UTF-8. Messages name the file and never its content. */
final class AuthTokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(AuthTokenFile.class);
    private static final int MAX_BYTES = 64 * 1024;
    private static final Set<PosixFilePermission> OF_OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private AuthTokenFile() {}

    /** @throws IllegalArgumentException if it cannot be read, is empty or too large */
    static String read(Path path) {
        String token;
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "auth-token-file: " + path + " has more than " + MAX_BYTES + " bytes, expected a token");
            }
            token = new String(bytes, StandardCharsets.UTF_8).strip();
            if (isShared(path)) {
                LOG.warn("auth-token-file: others can read {}: chmod 600 it", path);
            }
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("auth-token-file: there is no file " + path, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("auth-token-file: cannot read " + path + ": " + e.getMessage(), e);
        }
        if (token.isEmpty()) {
            throw new IllegalArgumentException("auth-token-file: " + path + " is empty");
        }
        return token;
    }

    private static boolean isShared(Path path) throws IOException {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(path).stream().anyMatch(OF_OTHERS::contains);
    }
}

package io.github.opcuasm.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A file that holds one secret as text: UTF-8, at most 64 KiB, the white space around it does not count. Messages name
 * the file and never its content; a file that others can read is taken, with a warning.
 */
final class SecretFile {
    private static final int MAX_BYTES = 64 * 1024;

    private SecretFile() {}

    /**
     * Reads the secret.
     *
     * @param name of what names the file, with which every message begins
     * @throws ConfigurationException if it cannot be read or is empty
     */
    static String read(String name, Path path, Consumer<String> warnings) {
        return read(name, path, path.toString(), warnings);
    }

    /** The same for a path that messages show in another way: as it was written, before variables were put in. */
    static String read(String name, Path path, String shown, Consumer<String> warnings) {
        String secret = readAny(name, path, shown, warnings);
        if (secret.isEmpty()) {
            throw new ConfigurationException(name + ": " + shown + " is empty");
        }
        return secret;
    }

    /** The same where an empty secret is one. */
    static String readAny(String name, Path path, Consumer<String> warnings) {
        return readAny(name, path, path.toString(), warnings);
    }

    private static String readAny(String name, Path file, String path, Consumer<String> warnings) {
        try {
            if (Files.isDirectory(file)) {
                throw new ConfigurationException(name + ": " + path + " is a directory");
            }
            String secret = text(name, file, path).strip();
            if (isShared(file)) {
                warnings.accept(name + ": others can read " + path + ": chmod 600 it");
            }
            return secret;
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(name + ": there is no file " + path);
        } catch (AccessDeniedException e) {
            throw new ConfigurationException(name + ": no permission to read " + path);
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(name + ": " + path + " is not UTF-8");
        } catch (IOException e) {
            throw new ConfigurationException(
                    name + ": cannot read " + path + " (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** Reads no more than the limit whatever the size says: a pipe has none. */
    private static String text(String name, Path file, String path) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ConfigurationException(name + ": " + path + " is no secret, it has more than 64 KiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    }

    private static boolean isShared(Path file) throws IOException {
        if (!Files.isRegularFile(file)
                || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return false;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        return mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.OTHERS_READ);
    }
}

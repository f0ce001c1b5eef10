package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the token: environment, else the file that an option names, else the option, else the config file. */
final class TokenSource {
    static final String ENVIRONMENT = "OPCUA_AUTH_TOKEN";
    private static final int MAX_BYTES = 64 * 1024;

    private final Map<String, String> environment;
    private final Consumer<String> warnings;

    TokenSource(Map<String, String> environment, Consumer<String> warnings) {
        this.environment = environment;
        this.warnings = warnings;
    }

    /** The daemon's token; null = none. */
    @Nullable
    String resolve(Map<DaemonOption, Setting> commandLine, Map<DaemonOption, Setting> file) {
        String fromEnvironment = fromEnvironment();
        if (fromEnvironment != null) {
            return fromEnvironment;
        }
        for (Map<DaemonOption, Setting> settings : List.of(commandLine, file)) {
            Setting tokenFile = settings.get(DaemonOption.AUTH_TOKEN_FILE);
            if (tokenFile != null) {
                return fromFile(Path.of(tokenFile.values().get(0)));
            }
            Setting token = settings.get(DaemonOption.AUTH_TOKEN);
            if (token != null) {
                if (token.values().get(0).isEmpty()) {
                    throw token.refuse("got an empty one, expected at least one character");
                }
                if (settings == commandLine) {
                    warnings.accept("--auth-token shows in the process list: use " + ENVIRONMENT
                            + " or --auth-token-file instead");
                }
                return token.values().get(0);
            }
        }
        return null;
    }

    /** The environment's token; set but empty is an error, since it would switch the check off unnoticed. */
    @Nullable
    String fromEnvironment() {
        String token = environment.get(ENVIRONMENT);
        if (token != null && token.isEmpty()) {
            throw new ConfigurationException(ENVIRONMENT + ": is set but empty; give it a value or unset it");
        }
        return token;
    }

    /** A file's token, without the white space around it. */
    String fromFile(Path path) {
        String token;
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw new ConfigurationException("auth-token-file: " + path + " is no token, it has more than 64 KiB");
            }
            token = Files.readString(path, StandardCharsets.UTF_8).strip();
            warnIfShared(path);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("auth-token-file: there is no file " + path);
        } catch (AccessDeniedException e) {
            throw new ConfigurationException("auth-token-file: no permission to read " + path);
        } catch (IOException e) {
            throw new ConfigurationException("auth-token-file: cannot read " + path + ": " + e.getMessage());
        }
        if (token.isEmpty()) {
            throw new ConfigurationException("auth-token-file: " + path + " is empty");
        }
        return token;
    }

    private void warnIfShared(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
        if (mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.OTHERS_READ)) {
            warnings.accept("auth-token-file: others can read " + path + ": chmod 600 it");
        }
    }
}

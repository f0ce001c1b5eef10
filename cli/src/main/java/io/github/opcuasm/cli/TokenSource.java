package io.github.opcuasm.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the token: environment, else the file that an option names, else the option, else the config file. */
final class TokenSource {
    static final String ENVIRONMENT = "OPCUA_AUTH_TOKEN";

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
        return SecretFile.read("auth-token-file", path, warnings);
    }
}

package io.github.opcuasm.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where a token may come from, for clients and the daemon alike. */
final class TokenSource {
    static final String ENVIRONMENT = "OPCUA_AUTH_TOKEN";

    private final Map<String, String> environment;
    private final Consumer<String> warnings;

    TokenSource(Map<String, String> environment, Consumer<String> warnings) {
        this.environment = environment;
        this.warnings = warnings;
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

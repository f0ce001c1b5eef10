package io.github.opcuasm.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the daemon's token: environment, else the file that an option names, else the option, else the config file. */
final class DaemonToken {
    private final TokenSource source;
    private final Consumer<String> warnings;

    DaemonToken(Map<String, String> environment, Consumer<String> warnings) {
        this.source = new TokenSource(environment, warnings);
        this.warnings = warnings;
    }

    /** The daemon's token; null = none. */
    @Nullable
    String resolve(Map<DaemonOption, Setting> commandLine, Map<DaemonOption, Setting> file) {
        String fromEnvironment = source.fromEnvironment();
        if (fromEnvironment != null) {
            return fromEnvironment;
        }
        for (Map<DaemonOption, Setting> settings : List.of(commandLine, file)) {
            Setting tokenFile = settings.get(DaemonOption.AUTH_TOKEN_FILE);
            if (tokenFile != null) {
                return source.fromFile(Path.of(tokenFile.values().get(0)));
            }
            Setting token = settings.get(DaemonOption.AUTH_TOKEN);
            if (token != null) {
                if (token.values().get(0).isEmpty()) {
                    throw token.refuse("got an empty one, expected at least one character");
                }
                if (settings == commandLine) {
                    warnings.accept("--auth-token shows in the process list: use " + TokenSource.ENVIRONMENT
                            + " or --auth-token-file instead");
                }
                return token.values().get(0);
            }
        }
        return null;
    }
}

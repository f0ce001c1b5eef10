package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.access.TokensFileException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Which file of tokens a {@code token} command works on; no daemon needs to run. */
final class TokensFileOption {
    private static final String TOKENS_FILE = "--tokens-file";
    private static final String CONFIG = "--config";

    private TokensFileOption() {}

    /** Something that a tokens file can refuse. */
    @FunctionalInterface
    interface Access<T> {
        T on(TokensFile file) throws TokensFileException;
    }

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("PATH", "the daemon's tokens file", TOKENS_FILE));
        spec.addOption(Syntax.value("FILE", "the daemon's config file, which names the tokens file", CONFIG));
    }

    /**
     * Works on the file.
     *
     * @throws ConfigurationException with the file's own complaint
     */
    static <T> T with(ParseResult given, Console console, Access<T> access) {
        try {
            return access.on(new TokensFile(path(given, console)));
        } catch (TokensFileException e) {
            throw new ConfigurationException(e.messageText());
        }
    }

    private static Path path(ParseResult given, Console console) {
        String file = given.matchedOptionValue(TOKENS_FILE, (String) null);
        if (file != null) {
            return SessionOption.path(TOKENS_FILE, file).toAbsolutePath();
        }
        String config = given.matchedOptionValue(CONFIG, (String) null);
        if (config == null) {
            throw new UsageException("expected --tokens-file PATH, or --config FILE that names it");
        }
        Setting setting = ConfigFile.read(SessionOption.path(CONFIG, config), console.environment(), console::complain)
                .settings()
                .get(DaemonOption.TOKENS_FILE);
        if (setting == null) {
            throw new UsageException("--config: " + config + " has no tokens-file; pass --tokens-file PATH");
        }
        Path path = Path.of(setting.values().get(0));
        if (!path.isAbsolute()) {
            throw new UsageException("--config: the tokens-file of " + config
                    + " is relative to where the daemon was started; pass --tokens-file PATH");
        }
        return path;
    }

    /** What the daemon must be told after a change. */
    static void remind(Console console) {
        console.complain("a running daemon takes this over at SIGHUP: kill -HUP PID, or systemctl reload");
    }
}

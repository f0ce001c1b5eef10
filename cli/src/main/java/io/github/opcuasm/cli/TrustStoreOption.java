package io.github.opcuasm.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Which trust store a {@code trust} command works on: a directory on the daemon's host, else the daemon's own. */
final class TrustStoreOption {
    static final String MEMBER = "trustStorePath";
    private static final String OPTION = "--trust-store";

    private TrustStoreOption() {}

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("DIR", "a session's trust store (the daemon's own)", OPTION));
    }

    static @Nullable String of(ParseResult given) {
        String text = given.matchedOptionValue(OPTION, (String) null);
        if (text == null) {
            return null;
        }
        Path path = SessionOption.path(OPTION, text);
        return path.toAbsolutePath().normalize().toString();
    }
}

package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that all client commands share: which daemon, with which token, how long, and printed for whom. */
record DaemonAccess(IpcEndpoint endpoint, ClientOptions options, boolean json) {
    private static final String SOCKET = "--socket";
    private static final String TOKEN_FILE = "--auth-token-file";
    private static final String TIMEOUT = "--timeout";
    private static final String JSON = "--json";

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.value(
                "URI",
                "the daemon's endpoint (" + Endpoints.ENVIRONMENT + ", else " + Endpoints.defaultUri() + ")",
                SOCKET));
        spec.addOption(Syntax.value(
                "PATH", "file with the daemon's token; " + TokenSource.ENVIRONMENT + " beats it", TOKEN_FILE));
        spec.addOption(Syntax.value("S", "how long to wait for an answer (30)", TIMEOUT));
        spec.addOption(Syntax.flag("print JSON, errors too", JSON));
    }

    static DaemonAccess of(ParseResult given, Console console) {
        ClientOptions options = ClientOptions.DEFAULTS.withToken(token(given, console));
        Duration timeout = seconds(given, TIMEOUT);
        if (timeout != null) {
            if (timeout.isZero()) {
                throw new UsageException(TIMEOUT + ": got 0, expected more than 0");
            }
            options = options.withRequestTimeout(timeout);
        }
        return new DaemonAccess(endpoint(given, console), options, given.hasMatchedOption(JSON));
    }

    private static IpcEndpoint endpoint(ParseResult given, Console console) {
        String uri = given.matchedOptionValue(SOCKET, console.environment().get(Endpoints.ENVIRONMENT));
        try {
            return Endpoints.parse(uri == null || uri.isEmpty() ? Endpoints.defaultUri() : uri);
        } catch (ConfigurationException e) {
            throw new UsageException(SOCKET + ": " + e.getMessage());
        }
    }

    private static @Nullable String token(ParseResult given, Console console) {
        var source = new TokenSource(console.environment(), console::complain);
        String token = source.fromEnvironment();
        String file = given.matchedOptionValue(TOKEN_FILE, (String) null);
        return token != null || file == null ? token : source.fromFile(Path.of(file));
    }

    /** An option's seconds; null if it was not given. */
    static @Nullable Duration seconds(ParseResult given, String option) {
        String text = given.matchedOptionValue(option, (String) null);
        try {
            return text == null ? null : Seconds.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /** The same daemon, with less time for each call. */
    DaemonAccess within(Duration requestTimeout) {
        return new DaemonAccess(endpoint, options.withRequestTimeout(requestTimeout), json);
    }

    DaemonClient connect() {
        return DaemonClient.connect(endpoint, options);
    }
}

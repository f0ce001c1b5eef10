package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.DaemonNotRunningException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a command failed, for people (one line with the next step) or machines ({@code --json}: one object on standard
 * error, in the shape of the protocol's errors).
 *
 * @param code the OPC UA status code, if there is one
 */
record Failure(
        String type,
        String message,
        @Nullable Long code,
        @Nullable Outcome outcome) {

    /** Bad_UserAccessDenied, Bad_IdentityTokenInvalid and Bad_IdentityTokenRejected (Part 4, 7.39). */
    private static final Set<Long> IDENTITY_REFUSED = Set.of(0x801F0000L, 0x80200000L, 0x80210000L);

    private static final Pattern APPROVABLE = Pattern.compile("trust approve ([0-9a-f]{8,64})");

    private static final String WRONG_IDENTITY =
            ": the server refuses this user: check --user and its password (--password-file, OPCUA_PASSWORD), or the"
                    + " connection's config in the daemon's file";

    /** A failed call, with the next step for whoever made it. */
    static Failure of(ClientException e, Map<String, String> environment) {
        if (e instanceof RequestFailedException failed) {
            return new Failure(
                    failed.type(),
                    failed.messageText() + nextStep(failed, environment),
                    failed.statusCode().orElse(null),
                    failed.outcome().orElse(null));
        }
        if (e instanceof DaemonNotRunningException notRunning) {
            return new Failure(
                    "daemon_not_running",
                    e.messageText() + ": start one with `" + Console.PROGRAM + " --socket "
                            + notRunning.endpoint().uri() + "`",
                    null,
                    e.outcome().orElse(null));
        }
        return new Failure("no_answer", e.messageText(), null, e.outcome().orElse(null));
    }

    private static String nextStep(RequestFailedException failed, Map<String, String> environment) {
        ErrorType type = failed.errorType().orElse(ErrorType.INTERNAL_ERROR);
        return switch (type) {
            case SESSION_NOT_FOUND -> ": `" + Console.PROGRAM + " list` shows what is open";
            case AUTH_FAILED ->
                environment.containsKey(TokenSource.ENVIRONMENT)
                        ? ": the daemon has another token than " + TokenSource.ENVIRONMENT
                        : ": set " + TokenSource.ENVIRONMENT + " or pass --auth-token-file";
            case MAX_SESSIONS_REACHED -> ": close some, or start the daemon with a larger --max-sessions";
            case UNTRUSTED_CERTIFICATE -> trust(failed.messageText());
            case SECURITY ->
                isIdentityRefused(failed)
                        ? WRONG_IDENTITY
                        : ": `" + Console.PROGRAM
                                + " endpoints URL` shows what the server offers; choose with --policy, --mode and --user";
            case CONNECTION, SERVICE -> isIdentityRefused(failed) ? WRONG_IDENTITY : "";
            case INVALID_PATH -> ": paths are looked up on the daemon's host, within its --allowed-cert-dirs";
            case ACCESS_DENIED -> ": `" + Console.PROGRAM + " policy explain ACTION` says by which rule";
            default -> "";
        };
    }

    /** The command that trusts what was refused, ready to be copied where the daemon says that it can be. */
    private static String trust(String message) {
        Matcher approvable = APPROVABLE.matcher(message);
        return approvable.find()
                ? ": compare it with the server's own, then run `" + Console.PROGRAM + " trust approve "
                        + approvable.group(1) + "`"
                : ": `" + Console.PROGRAM + " trust list` shows what is trusted, and --trust-policy chooses the checks";
    }

    private static boolean isIdentityRefused(RequestFailedException failed) {
        return failed.statusCode().filter(IDENTITY_REFUSED::contains).isPresent();
    }

    void print(boolean json, Console console) {
        if (!json) {
            console.complain(message + consequence());
            return;
        }
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("type", type);
        error.put("message", message);
        if (code != null) {
            error.put("code", code);
        }
        if (outcome != null) {
            error.put("outcome", outcome.wireName());
        }
        JsonValue whole = Json.of(Map.of("error", error));
        console.err().println(Json.text(whole));
        console.err().flush();
    }

    /** Errors that may be over at the next try. */
    private static final Set<String> PASSING = Set.of(
            ErrorType.CONNECTION.wireName(), ErrorType.OVERLOADED.wireName(), ErrorType.SHUTTING_DOWN.wireName());

    private String consequence() {
        if (outcome == null || type.equals("daemon_not_running")) {
            return "";
        }
        if (outcome == Outcome.NOT_SENT) {
            return PASSING.contains(type) ? " (nothing was sent: safe to repeat)" : " (nothing was sent)";
        }
        return " (it may have been carried out: check before you repeat it)";
    }
}

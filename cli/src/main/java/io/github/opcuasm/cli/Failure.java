package io.github.opcuasm.cli;

import io.github.opcuasm.client.AnswerTimeoutException;
import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.DaemonNotRunningException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
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
 * @param refused whether the server answered that it did not do it, whatever the outcome says to machines
 */
record Failure(
        String type,
        String message,
        @Nullable Long code,
        @Nullable Outcome outcome,
        boolean refused) {

    Failure(String type, String message, @Nullable Long code, @Nullable Outcome outcome) {
        this(type, message, code, outcome, false);
    }

    /**
     * With these a server says that it did not do it, and for which reason (Part 4, 7.39; Part 20, 4). What may come of
     * the middle of an operation, such as Bad_UnexpectedError, is none of them.
     */
    private static final Set<String> REFUSALS = Set.of(
            "Bad_NodeIdUnknown",
            "Bad_NodeIdInvalid",
            "Bad_MethodInvalid",
            "Bad_ArgumentsMissing",
            "Bad_TooManyArguments",
            "Bad_InvalidArgument",
            "Bad_NotWritable",
            "Bad_NotReadable",
            "Bad_UserAccessDenied",
            "Bad_SecurityModeInsufficient",
            "Bad_BrowseNameInvalid",
            "Bad_BrowseNameDuplicated",
            "Bad_NotFound",
            "Bad_InvalidState",
            "Bad_NotExecutable",
            "Bad_NotSupported",
            "Bad_NotImplemented",
            "Bad_ServiceUnsupported",
            "Bad_NothingToDo",
            "Bad_TooManyOperations",
            "Bad_NoData",
            "Bad_HistoryOperationInvalid",
            "Bad_HistoryOperationUnsupported",
            "Bad_InvalidTimestampArgument",
            "Bad_AggregateNotSupported",
            "Bad_AggregateInvalidInputs");

    /** Bad_UserAccessDenied, Bad_IdentityTokenInvalid and Bad_IdentityTokenRejected (Part 4, 7.39). */
    private static final Set<Long> IDENTITY_REFUSED = Set.of(0x801F0000L, 0x80200000L, 0x80210000L);

    private static final Pattern APPROVABLE = Pattern.compile("trust approve ([0-9a-f]{8,64})");

    private static final String WRONG_IDENTITY =
            ": the server refuses this user: check --user and its password (--password-file, OPCUA_PASSWORD), or the"
                    + " connection's config in the daemon's file";

    private static final String NOT_ALLOWED =
            "; this user may not, or nobody may: `read` with --attribute UserAccessLevel and AccessLevel tells which";

    /**
     * A failed call, with the next step for whoever made it.
     *
     * @param action what was done, as {@code policy explain} takes it
     */
    static Failure of(ClientException e, String action, Map<String, String> environment) {
        if (e instanceof RequestFailedException failed) {
            return new Failure(
                    failed.type(),
                    failed.messageText() + nextStep(failed, action, environment),
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
        String longer = e instanceof AnswerTimeoutException ? ": --timeout SECONDS waits longer" : "";
        return new Failure(
                "no_answer", e.messageText() + longer, null, e.outcome().orElse(null));
    }

    /** A failed call on a session, with what it was about and what was perhaps meant. */
    static Failure of(AdvisedException e, String action, Map<String, String> environment) {
        Failure plain = of(e.failure(), action, environment);
        boolean service = plain.type.equals(ErrorType.SERVICE.wireName())
                || plain.type.equals(ErrorType.SERVICE_UNSUPPORTED.wireName());
        String status = plain.code == null ? "" : new StatusCode(plain.code & 0xFFFF_FFFFL).name();
        String begin = e.subject().isEmpty() ? "" : e.subject() + ": ";
        // Whoever has a session is known: this is about the node, and not about who asks.
        String words = service && !e.subject().isEmpty() && plain.message.endsWith(WRONG_IDENTITY)
                ? e.failure().messageText() + NOT_ALLOWED
                : plain.message;
        return new Failure(
                plain.type,
                begin + words + e.advice(),
                plain.code,
                plain.outcome,
                service && e.answered() && REFUSALS.contains(status));
    }

    private static String nextStep(RequestFailedException failed, String action, Map<String, String> environment) {
        ErrorType type = failed.errorType().orElse(ErrorType.INTERNAL_ERROR);
        return switch (type) {
            case SESSION_NOT_FOUND -> ": `" + Console.PROGRAM + " list` shows what is open";
            case AUTH_FAILED ->
                environment.containsKey(TokenSource.ENVIRONMENT)
                        ? ": the daemon has another token than " + TokenSource.ENVIRONMENT
                        : ": set " + TokenSource.ENVIRONMENT + " or pass --auth-token-file with the daemon's token";
            case MAX_SESSIONS_REACHED -> ": close some, or start the daemon with a larger --max-sessions";
            case SESSION_BUDGET ->
                ": `" + Console.PROGRAM + " list` shows who holds them; close one, or start the daemon with a longer"
                        + " --open-wait";
            case OVERLOADED -> ": try again in a moment; `" + Console.PROGRAM + " stats` shows who is busy";
            case TOO_MANY_CONNECTIONS -> ": close some, or start the daemon with a larger --max-connections";
            case PAYLOAD_TOO_LARGE -> ": send less at once, or start the daemon with a larger --max-frame-bytes";
            case SHUTTING_DOWN -> ": `" + Console.PROGRAM + " ping --wait 30` waits for the next one";
            case UNKNOWN_COMMAND, FORBIDDEN_METHOD ->
                ": if this program has it, the daemon is older: `" + Console.PROGRAM
                        + " hello` shows its version and features; start it anew from the version of this program, "
                        + Main.version();
            case UNTRUSTED_CERTIFICATE -> trust(failed.messageText());
            case SECURITY ->
                isIdentityRefused(failed)
                        ? WRONG_IDENTITY
                        : ": `" + Console.PROGRAM
                                + " endpoints URL` shows what the server offers; choose with --policy, --mode and --user";
            case CONNECTION, SERVICE -> isIdentityRefused(failed) ? WRONG_IDENTITY : reach(failed.messageText());
            case INVALID_PATH -> ": paths are looked up on the daemon's host, within its --allowed-cert-dirs";
            case ACCESS_DENIED, RATE_LIMITED ->
                ": `" + Console.PROGRAM + " policy explain " + (action.isEmpty() ? "ACTION" : action)
                        + "` says by which rule";
            default -> "";
        };
    }

    /** For a server that nobody reached. */
    private static String reach(String message) {
        return message.startsWith("Failed to connect") || message.contains("does not resolve")
                ? ": check that the server runs and that host and port are right; `" + Console.PROGRAM
                        + " endpoints URL` asks it without a session"
                : "";
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
        if (outcome == null || (refused && outcome == Outcome.UNKNOWN) || type.equals("daemon_not_running")) {
            return "";
        }
        if (outcome == Outcome.NOT_SENT) {
            return PASSING.contains(type) ? " (nothing was sent: safe to repeat)" : " (nothing was sent)";
        }
        return " (it may have been carried out: check before you repeat it)";
    }
}

package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.WireReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of a method on a session (protocol, section 5): its name, its parameters, how its result is read, and what may be
 * repeated. {@link ManagedClient}'s calls are made of these, the blocking and the asynchronous one of the same; make one for a
 * method that it has no call for.
 *
 * @param <T> what the result is read as
 */
public final class Query<T> {
    /** What may be sent again. */
    private enum Repetition {
        /** It changes nothing: once more when the connection is lost, or the session has to be opened again. */
        ALWAYS,
        /** Only when the session was not there: then nothing was sent to the server. */
        IF_NOT_SENT,
        /** Not on another session: it means what is the session's own, a subscription or a continuation point. */
        NEVER
    }

    private final String method;
    private final @Nullable Object[] params;
    private final Function<JsonValue, T> result;
    private final Repetition repetition;
    private final boolean typed;

    private Query(
            String method,
            @Nullable Object[] params,
            Function<JsonValue, T> result,
            Repetition repetition,
            boolean typed) {
        this.method = method;
        this.params = params;
        this.result = result;
        this.repetition = repetition;
        this.typed = typed;
    }

    /**
     * Of a method that changes nothing. It is sent once more when the connection to the daemon is lost.
     *
     * @param result reads the answer's {@code data}
     * @param params positional, as {@link Json#of} takes them
     */
    public static <T> Query<T> reading(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, Repetition.ALWAYS, false);
    }

    /** Of a method that changes something. It is sent once; again only where the daemon says that nothing was sent. */
    public static <T> Query<T> changing(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, Repetition.IF_NOT_SENT, false);
    }

    /** Of a method about something that belongs to the session: sent once, and never on another session. */
    static <T> Query<T> bound(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, Repetition.NEVER, false);
    }

    /** Of a method that only {@code invoke} has, without arguments. */
    static <T> Query<T> invoking(String method, Function<JsonValue, T> result) {
        return new Query<>(method, new Object[0], result, Repetition.ALWAYS, true);
    }

    String command() {
        return typed ? "invoke" : "query";
    }

    /** @param target the session, or the server without one */
    Map<String, JsonValue> members(Map<String, JsonValue> target) {
        Map<String, JsonValue> members = new LinkedHashMap<>(target);
        members.put("method", Json.of(method));
        members.put(typed ? "args" : "params", Json.of(params));
        return members;
    }

    boolean isRepeatable() {
        return repetition == Repetition.ALWAYS;
    }

    boolean mayMoveToAnotherSession() {
        return repetition != Repetition.NEVER;
    }

    T read(JsonValue data) {
        try {
            return result.apply(typed ? untyped(data) : data);
        } catch (CommandException | IllegalArgumentException e) {
            throw new ConnectionLostException(
                    "Not a daemon of ours: what " + method + " answered is misshapen: " + e.getMessage(),
                    isRepeatable() ? null : Outcome.UNKNOWN,
                    e);
        }
    }

    private JsonValue untyped(JsonValue data) {
        JsonValue wrapped =
                Answers.object(data, "what " + method + " answered").members().get("data");
        return wrapped == null ? JsonValue.Null.INSTANCE : WireReader.read(wrapped, method);
    }
}

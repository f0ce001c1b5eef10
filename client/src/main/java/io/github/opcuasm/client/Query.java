package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.WireReader;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of a method on a session (protocol, sections 5 and 6): its name, its parameters, how its result is read, and what may be
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

    /** How parameters and results are written (protocol, sections 5 and 6). */
    enum Notation {
        /** {@code query}: the plain shapes. */
        PLAIN,
        /** {@code invoke}: values carry their type. */
        TYPED
    }

    private final String method;
    private final @Nullable Object[] params;
    private final Function<JsonValue, T> result;
    /** Of the typed notation, with the types taken off. */
    private final Function<JsonValue, T> typedResult;

    private final Repetition repetition;
    private final boolean ofSection6;

    private Query(
            String method,
            @Nullable Object[] params,
            Function<JsonValue, T> result,
            Function<JsonValue, T> typedResult,
            Repetition repetition,
            boolean ofSection6) {
        this.method = method;
        this.params = params;
        this.result = result;
        this.typedResult = typedResult;
        this.repetition = repetition;
        this.ofSection6 = ofSection6;
    }

    /**
     * Of a method that changes nothing. It is sent once more when the connection to the daemon is lost.
     *
     * @param result reads the answer's {@code data}
     * @param params positional, as {@link Json#of} takes them
     */
    public static <T> Query<T> reading(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, result, Repetition.ALWAYS, false);
    }

    /** Of a method that changes something. It is sent once; again only where the daemon says that nothing was sent. */
    public static <T> Query<T> changing(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, result, Repetition.IF_NOT_SENT, false);
    }

    /** Of a method about something that belongs to the session: sent once, and never on another session. */
    static <T> Query<T> bound(String method, Function<JsonValue, T> result, @Nullable Object... params) {
        return new Query<>(method, params, result, result, Repetition.NEVER, false);
    }

    /**
     * The same of a method of section 6. A daemon of protocol 2 has it by {@code query}: shorter, and times to their 100 ns. In
     * protocol 1 only {@code invoke} has it, and only that does the reference's daemon know.
     */
    Query<T> ofSection6() {
        return ofSection6(result);
    }

    /**
     * As {@link #ofSection6()}, of a method whose result differs between the protocols.
     *
     * @param inProtocol1 reads it there
     */
    Query<T> ofSection6(Function<JsonValue, T> inProtocol1) {
        return new Query<>(method, params, result, inProtocol1, repetition, true);
    }

    /** Whether the protocol must be known to write it. */
    boolean isOfSection6() {
        return ofSection6;
    }

    /** @param spoken what the daemon speaks; only methods of section 6 ask */
    Notation notation(ProtocolVersion spoken) {
        return ofSection6 && spoken != ProtocolVersion.TWO ? Notation.TYPED : Notation.PLAIN;
    }

    static String command(Notation notation) {
        return notation == Notation.TYPED ? "invoke" : "query";
    }

    /** @param target the session, or the server without one */
    Map<String, JsonValue> members(Map<String, JsonValue> target, Notation notation) {
        Map<String, JsonValue> members = new LinkedHashMap<>(target);
        members.put("method", Json.of(method));
        if (notation == Notation.TYPED) {
            members.put("args", TypedJson.of(Arrays.asList(params)));
        } else {
            members.put("params", Json.of(params));
        }
        return members;
    }

    boolean isRepeatable() {
        return repetition == Repetition.ALWAYS;
    }

    boolean mayMoveToAnotherSession() {
        return repetition != Repetition.NEVER;
    }

    T read(JsonValue data, Notation notation) {
        try {
            return notation == Notation.TYPED ? typedResult.apply(untyped(data)) : result.apply(data);
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

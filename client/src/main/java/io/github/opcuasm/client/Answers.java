package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Takes answers apart (protocol, section 2). What does not have their shape is a {@link ConnectionLostException}. */
final class Answers {
    private Answers() {}

    /** The {@code data} of a success; a failure is thrown as a {@link RequestFailedException}. */
    static JsonValue data(JsonValue.Obj answer) {
        if (answer.get("success") instanceof JsonValue.Bool success && success.value()) {
            JsonValue data = answer.get("data");
            return data == null ? JsonValue.Null.INSTANCE : data;
        }
        throw failure(answer);
    }

    static ClientException failure(JsonValue.Obj answer) {
        if (!(answer.get("error") instanceof JsonValue.Obj error)) {
            return malformed(answer.excerpt(), "an answer");
        }
        String type = error.get("type") instanceof JsonValue.Str text ? text.value() : "error";
        String message = error.get("message") instanceof JsonValue.Str text ? text.value() : "(no message)";
        return RequestFailedException.of(new RequestFailedException.Failure(
                type,
                message,
                code(error.get("code")),
                outcome(error.get("outcome"), type),
                code(error.get("retryAfterMs"))));
    }

    private static @Nullable Long code(@Nullable JsonValue value) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        return whole == null ? null : whole.longValue();
    }

    private static @Nullable Outcome outcome(@Nullable JsonValue value, String type) {
        if (value instanceof JsonValue.Str text) {
            for (Outcome outcome : Outcome.values()) {
                if (outcome.wireName().equals(text.value())) {
                    return outcome;
                }
            }
        }
        // Refused while it was read, so nothing was sent on.
        return ErrorType.ofWireName(type).filter(ErrorType::closesConnection).isPresent() ? Outcome.NOT_SENT : null;
    }

    static JsonValue.Obj object(JsonValue value, String what) {
        if (value instanceof JsonValue.Obj object) {
            return object;
        }
        throw malformed(value.excerpt(), what);
    }

    static JsonValue.Arr array(JsonValue value, String what) {
        if (value instanceof JsonValue.Arr array) {
            return array;
        }
        throw malformed(value.excerpt(), what);
    }

    static long whole(JsonValue value, String what) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        if (whole == null) {
            throw malformed(value.excerpt(), what);
        }
        return whole.longValue();
    }

    private static ConnectionLostException malformed(String got, String expected) {
        return new ConnectionLostException(
                "Not a daemon of ours: got " + got + ", expected " + expected, Outcome.UNKNOWN, null);
    }
}

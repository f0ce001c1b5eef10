package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The envelope around answers (protocol, sections 2, 4 and 7). */
public final class ResponseEnvelope {
    /** The longest {@code error.message}, in characters. */
    public static final int MAX_MESSAGE_LENGTH = 500;

    private ResponseEnvelope() {}

    /**
     * {@code {"success":true,"data":…}} or {@code {"success":false,"error":{…}}}.
     *
     * @param id echoed as first member; null for protocol 1
     */
    public static JsonBody of(Response response, @Nullable RequestId id) {
        return out -> {
            out.startObject();
            writeId(out, id);
            out.name("success");
            if (response instanceof Response.Success success) {
                out.bool(true);
                out.name("data");
                out.body(success.data());
                out.then(out::endObject);
            } else {
                out.bool(false);
                out.name("error");
                writeError(out, ((Response.Failure) response).error());
                out.endObject();
            }
        };
    }

    /** {@code {"id":…,"event":…}}: one frame of a stream. */
    public static JsonBody event(RequestId id, JsonBody event) {
        return out -> {
            out.startObject();
            writeId(out, id);
            out.name("event");
            out.body(event);
            out.then(out::endObject);
        };
    }

    /**
     * Writes the last event of a stream: {@code {"type":"End","error":null|{"type","message",…}}}.
     *
     * @param error null if it ended because its reader wanted that
     */
    public static void end(JsonOutput out, @Nullable CommandException error) throws IOException {
        out.startObject();
        out.name("type");
        out.string("End");
        out.name("error");
        if (error == null) {
            out.nullValue();
        } else {
            writeError(out, error);
        }
        out.endObject();
    }

    private static void writeId(JsonOutput out, @Nullable RequestId id) throws IOException {
        if (id instanceof RequestId.Text text) {
            out.name("id");
            out.string(text.value());
        } else if (id instanceof RequestId.Whole whole) {
            out.name("id");
            out.number(whole.value());
        }
    }

    private static void writeError(JsonOutput out, CommandException error) throws IOException {
        out.startObject();
        out.name("type");
        out.string(error.type().wireName());
        out.name("message");
        out.string(cut(error.messageText()));
        Long code = error.statusCode();
        if (code != null) {
            out.name("code");
            out.number(code);
        }
        Outcome outcome = error.outcome();
        if (outcome != null) {
            out.name("outcome");
            out.string(outcome.wireName());
        }
        Long retryAfterMs = error.retryAfterMs();
        if (retryAfterMs != null) {
            out.name("retryAfterMs");
            out.number(retryAfterMs);
        }
        out.endObject();
    }

    private static String cut(String message) {
        if (message.length() <= MAX_MESSAGE_LENGTH) {
            return message;
        }
        int end = MAX_MESSAGE_LENGTH - 1;
        if (Character.isHighSurrogate(message.charAt(end - 1))) {
            end--;
        }
        return message.substring(0, end) + "…";
    }
}

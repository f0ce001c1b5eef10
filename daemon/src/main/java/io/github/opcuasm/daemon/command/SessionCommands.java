package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answers to the commands about sessions themselves: {@code ping}, {@code list}, {@code open} (protocol, section 3). */
final class SessionCommands {
    private static final int LISTED_WEIGHT = 512;

    private final HandleRegistry handles;
    private final InstantSource clock;

    SessionCommands(HandleRegistry handles, InstantSource clock) {
        this.handles = handles;
        this.clock = clock;
    }

    /** @param caller null for a peer that showed no token: it is told no counts */
    Response ping(@Nullable Caller caller) {
        int sessions = caller == null ? 0 : handles.size(caller);
        double time = seconds(clock.instant());
        return Response.success(out -> {
            out.startObject();
            out.name("status");
            out.string("ok");
            if (caller != null) {
                out.name("sessions");
                out.number(sessions);
            }
            out.name("time");
            out.number(time);
            out.endObject();
        });
    }

    Response list(Caller caller) {
        List<SessionHandle> listed = handles.list(caller);
        JsonBody body = out -> {
            out.startObject();
            out.name("count");
            out.number(listed.size());
            out.name("sessions");
            out.elements(listed, this::session);
            out.then(out::endObject);
        };
        return new Response.Success(body, (long) listed.size() * LISTED_WEIGHT);
    }

    Response opened(HandleRegistry.Opened opened) {
        return Response.success(out -> {
            out.startObject();
            out.name("sessionId");
            out.string(opened.sessionId());
            out.name("reused");
            out.bool(opened.reused());
            out.endObject();
        });
    }

    /** The request's {@code sessionId}; null if it is missing or no string: no session has that name. */
    static @Nullable String sessionId(Request request) {
        return request.get("sessionId") instanceof JsonValue.Str id ? id.value() : null;
    }

    private void session(JsonOutput out, SessionHandle handle) throws IOException {
        out.startObject();
        out.name("id");
        out.string(handle.id());
        out.name("endpointUrl");
        out.string(handle.endpointUrl());
        out.name("lastUsed");
        out.number(seconds(handle.lastUsed()));
        out.name("config");
        out.startObject();
        for (Map.Entry<String, JsonValue> member : handle.config().listed().entrySet()) {
            out.name(member.getKey());
            scalar(out, member.getValue());
        }
        out.endObject();
        out.name("state");
        out.string(handle.state().connectionState().wireName());
        out.name("holders");
        out.number(handles.holders(handle));
        out.name("connection");
        out.string(handle.connection());
        out.endObject();
    }

    /** A checked config member: a number, a flag or a short string. */
    private static void scalar(JsonOutput out, JsonValue value) throws IOException {
        if (value instanceof JsonValue.Num number) {
            if (number.literal().matches("-?[0-9]+")) {
                out.number(number.decimal().toBigIntegerExact());
            } else {
                out.number(number.decimal().doubleValue());
            }
        } else if (value instanceof JsonValue.Bool flag) {
            out.bool(flag.value());
        } else if (value instanceof JsonValue.Str text) {
            out.string(text.value());
        } else {
            out.nullValue();
        }
    }

    /** A flag beside the command; absent = false. */
    static boolean flag(Request request, String name) {
        JsonValue value = request.get(name);
        return new Argument(name, value).flag(false);
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + Math.floor(time.getNano() / 1e3) / 1e6;
    }
}

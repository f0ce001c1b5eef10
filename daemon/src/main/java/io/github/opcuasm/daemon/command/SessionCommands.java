package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.daemon.subscription.SubscriptionStanding;
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
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The answers to the commands about sessions themselves: {@code ping}, {@code list}, {@code open} (protocol, section 3). */
final class SessionCommands {
    private static final int LISTED_WEIGHT = 512;

    private final HandleRegistry handles;
    private final SubscriptionRegistry subscriptions;
    private final InstantSource clock;

    SessionCommands(HandleRegistry handles, SubscriptionRegistry subscriptions, InstantSource clock) {
        this.handles = handles;
        this.subscriptions = subscriptions;
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

    /** All handles that the caller may use, with their subscriptions. */
    CompletableFuture<Response> list(Caller caller) {
        List<SessionHandle> listed = handles.list(caller);
        return subscriptions.standings(listed).thenApply(standings -> list(listed, standings));
    }

    private Response list(List<SessionHandle> listed, Map<String, List<SubscriptionStanding>> standings) {
        long shown = standings.values().stream().mapToLong(List::size).sum();
        JsonBody body = out -> {
            out.startObject();
            out.name("count");
            out.number(listed.size());
            out.name("sessions");
            out.elements(listed, (o, handle) -> session(o, handle, standings.getOrDefault(handle.id(), List.of())));
            out.then(out::endObject);
        };
        return new Response.Success(body, (listed.size() + shown) * LISTED_WEIGHT);
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

    private void session(JsonOutput out, SessionHandle handle, List<SubscriptionStanding> standings)
            throws IOException {
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
        out.name("subscriptions");
        out.elements(standings, SessionCommands::subscription);
        out.then(out::endObject);
    }

    private static void subscription(JsonOutput out, SubscriptionStanding standing) throws IOException {
        out.startObject();
        out.name("subscriptionId");
        out.number(standing.subscriptionId());
        out.name("consumer");
        out.string(standing.consumer());
        out.name("state");
        out.string(standing.state().wireName());
        out.name("epoch");
        out.number(standing.epoch());
        out.name("items");
        out.number(standing.items());
        out.name("lastMessage");
        time(out, standing.lastMessage());
        out.name("lastSeen");
        time(out, standing.lastSeen());
        out.name("waiting");
        out.number(standing.holding().waiting());
        out.name("unacknowledged");
        out.number(standing.holding().unacknowledged());
        out.name("dropped");
        out.number(standing.holding().dropped());
        out.endObject();
    }

    private static void time(JsonOutput out, @Nullable Instant time) throws IOException {
        if (time == null) {
            out.nullValue();
        } else {
            out.number(seconds(time));
        }
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

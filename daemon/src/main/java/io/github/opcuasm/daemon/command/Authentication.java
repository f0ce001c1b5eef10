package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.Credential;
import io.github.opcuasm.daemon.access.FailedAttempts;
import io.github.opcuasm.daemon.access.LocalPeer;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds out on whose behalf a request comes (protocol, section 2): by the token in it, by the one that {@code hello} showed
 * on its connection, or by the user whose process sent it. While the system does not tell that user, who shows no token is
 * refused, but for {@code ping}: a name that is not known must not become another principal. A connection that fails takes no further frame, so it is good
 * for one guess, and the answer to that may be delayed ({@link FailedAttempts}) without anything waiting for it.
 */
final class Authentication {
    private final AccessControl access;
    private final boolean anonymousPing;
    private final FailedAttempts attempts;

    Authentication(AccessControl access, boolean anonymousPing, FailedAttempts attempts) {
        this.access = access;
        this.anonymousPing = anonymousPing;
        this.attempts = attempts;
    }

    /** Who asks; null if it must show a token that it does not show. */
    @Nullable
    Principal principal(Request request, IpcPeer peer) {
        if (!access.needsToken()) {
            return withoutToken(request, peer);
        }
        LocalPeer local = local(peer);
        JsonValue given = request.get("authToken");
        if (given != null) {
            Credential shown = given instanceof JsonValue.Str token ? access.recognise(token.value()) : null;
            return shown == null ? null : access.holderOf(shown, local);
        }
        return peer.credential() instanceof Credential shown
                ? access.holderOf(shown, local)
                : withoutToken(request, peer);
    }

    /** What was found out about a connection that shows no token; it holds as long as the snapshot is the same. */
    private record Recognised(
            Object snapshot, boolean unidentified, @Nullable Principal principal) {}

    private @Nullable Principal withoutToken(Request request, IpcPeer peer) {
        Object snapshot = access.snapshot();
        boolean unidentified = peer.isUnidentified();
        Principal principal;
        if (peer.recognised() instanceof Recognised known
                && known.snapshot() == snapshot
                && known.unidentified() == unidentified) {
            principal = known.principal();
        } else {
            principal = access.withoutToken(local(peer));
            peer.setRecognised(new Recognised(snapshot, unidentified, principal));
        }
        if (unidentified && !(isPing(request) && (principal != null || anonymousPing))) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "The system's user database does not tell in time whose process this is; try again later, or show"
                            + " a token");
        }
        return principal;
    }

    private static boolean isPing(Request request) {
        return request.get("command") instanceof JsonValue.Str command
                && command.value().equals("ping");
    }

    /** Keeps the token of a {@code hello} for its connection. */
    void keep(Request request, IpcPeer peer) {
        if (access.needsToken() && request.get("authToken") instanceof JsonValue.Str token) {
            Credential shown = access.recognise(token.value());
            if (shown != null) {
                peer.setCredential(shown);
            }
        }
    }

    /** Whether somebody unknown only asks whether the daemon lives, and may. */
    boolean isProbe(Request request, IpcPeer peer) {
        return anonymousPing && request.get("authToken") == null && peer.credential() == null && isPing(request);
    }

    /** Answers somebody unknown with {@code auth_failed}, sooner or later; the connection ends with that. */
    void refuse(Request request, Exchange exchange) {
        IpcPeer peer = exchange.peer();
        peer.takeNoMore();
        String user = peer.user();
        String from = user != null ? "user:" + user : peer.isUnidentified() ? "a user unknown" : "TCP";
        Duration delay = attempts.failed(from, peer.connectionId(), request.get("authToken") != null);
        Response refusal =
                new Response.Failure(new CommandException(ErrorType.AUTH_FAILED, "Invalid or missing auth token"));
        if (delay.isZero()) {
            exchange.respond(refusal);
            return;
        }
        peer.schedule(
                () -> {
                    attempts.answered(from);
                    exchange.respond(refusal);
                },
                delay);
    }

    static LocalPeer local(IpcPeer peer) {
        return new LocalPeer(peer.user(), peer.group(), peer.isReadOnly());
    }
}

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
 * on its connection, or by the user whose process sent it. A connection that fails takes no further frame, so it is good
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
        LocalPeer local = local(peer);
        if (!access.needsToken()) {
            return access.withoutToken(local);
        }
        JsonValue given = request.get("authToken");
        if (given != null) {
            Credential shown = given instanceof JsonValue.Str token ? access.recognise(token.value()) : null;
            return shown == null ? null : access.holderOf(shown, local);
        }
        return peer.credential() instanceof Credential shown
                ? access.holderOf(shown, local)
                : access.withoutToken(local);
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
        return anonymousPing
                && request.get("authToken") == null
                && peer.credential() == null
                && request.get("command") instanceof JsonValue.Str command
                && command.value().equals("ping");
    }

    /** Answers somebody unknown with {@code auth_failed}, sooner or later; the connection ends with that. */
    void refuse(Request request, Exchange exchange) {
        IpcPeer peer = exchange.peer();
        peer.takeNoMore();
        String user = peer.user();
        Duration delay = attempts.failed(
                user == null ? "TCP" : "user:" + user, peer.connectionId(), request.get("authToken") != null);
        Response refusal =
                new Response.Failure(new CommandException(ErrorType.AUTH_FAILED, "Invalid or missing auth token"));
        if (delay.isZero()) {
            exchange.respond(refusal);
            return;
        }
        peer.schedule(
                () -> {
                    attempts.answered();
                    exchange.respond(refusal);
                },
                delay);
    }

    static LocalPeer local(IpcPeer peer) {
        return new LocalPeer(peer.user(), peer.group(), peer.isReadOnly());
    }
}

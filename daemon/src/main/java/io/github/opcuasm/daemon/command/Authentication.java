package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares a request's token with the configured one, in constant time (protocol, section 2). */
final class Authentication {
    private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

    private final byte @Nullable [] token;
    private final boolean anonymousPing;

    Authentication(@Nullable String token, boolean anonymousPing) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
        this.anonymousPing = anonymousPing;
    }

    /** Who may do what. */
    enum Rights {
        ALL,
        /** A liveness probe without a token. */
        PING_ONLY
    }

    /** @throws CommandException {@code auth_failed} */
    Rights check(Request request, IpcPeer peer) {
        byte[] expected = token;
        if (expected == null || (peer.isAuthenticated() && request.get("authToken") == null)) {
            return Rights.ALL;
        }
        JsonValue given = request.get("authToken");
        if (given instanceof JsonValue.Str text
                && MessageDigest.isEqual(expected, text.value().getBytes(StandardCharsets.UTF_8))) {
            return Rights.ALL;
        }
        if (given == null && anonymousPing && request.get("command") instanceof JsonValue.Str command) {
            if (command.value().equals("ping")) {
                return Rights.PING_ONLY;
            }
        }
        LOG.warn("Connection {} was refused: {} token", peer.connectionId(), given == null ? "no" : "a wrong");
        throw new CommandException(ErrorType.AUTH_FAILED, "Invalid or missing auth token");
    }
}

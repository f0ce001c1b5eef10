package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;

/** Whether a request may begin, and how long it may take. */
final class Admission {
    /** The reference's client waits 30 s; a protocol-1 request is answered before that. */
    private static final Duration PROTOCOL_1_BOUND = Duration.ofSeconds(25);

    private static final int MAX_TIMEOUT_MS = 86_400_000;

    private final Duration requestTimeout;

    /** @param requestTimeout of a protocol-2 request that names none */
    Admission(Duration requestTimeout) {
        this.requestTimeout = requestTimeout;
    }

    /**
     * How long the request may take, from the moment its frame was complete.
     *
     * @param opcuaTimeout of the session that it is for; zero if it is for none
     */
    Duration bound(Request request, Duration opcuaTimeout) {
        JsonValue timeoutMs = request.get("timeoutMs");
        if (timeoutMs != null) {
            return Duration.ofMillis(new Argument("timeoutMs", timeoutMs).whole(1, MAX_TIMEOUT_MS));
        }
        if (request.protocol() == 1) {
            return opcuaTimeout.compareTo(PROTOCOL_1_BOUND) > 0 ? opcuaTimeout : PROTOCOL_1_BOUND;
        }
        return requestTimeout;
    }

    /** @throws CommandException {@code overloaded} */
    void refuseIfOverloaded(Exchange exchange) {
        if (exchange.peer().isDaemonOverloaded()) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "Nothing was sent: too many answers wait for peers that do not read them; try again later");
        }
    }
}

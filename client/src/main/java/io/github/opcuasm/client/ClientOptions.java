package io.github.opcuasm.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DaemonClient} talks to its daemon. More than a century is a century.
 *
 * @param token what the daemon was told to ask for; null = none
 * @param protocol which protocol to speak
 * @param connectTimeout bound on reaching the daemon; more than 0
 * @param requestTimeout bound on one call, from the call to its answer; more than 0. The daemon is told, and gives up
 *     first: its answer says whether a write was sent. Of more than a day the daemon is told a day
 * @param reconnectFor how long a call waits for a daemon that is away, once there was a connection: as long as a restart
 *     takes; 0 = not at all
 * @param maxAnswerBytes bound on the memory that one answer may take; at least 64 KiB
 * @param callbacks completes the futures of asynchronous calls, and so runs what hangs on them; null = as
 *     {@link java.util.concurrent.CompletableFuture} does it, in the common pool. One that runs things at once runs them
 *     on a thread that reads answers: they must then neither wait nor call
 */
public record ClientOptions(
        @Nullable String token,
        ProtocolVersion protocol,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration reconnectFor,
        int maxAnswerBytes,
        @Nullable Executor callbacks) {

    /** No token, 5 s to connect, 30 s a request, 5 s for a daemon to come back, answers of at most 256 MiB. */
    public static final ClientOptions DEFAULTS = new ClientOptions(
            null,
            ProtocolVersion.AUTO,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            256 * 1024 * 1024,
            null);

    public ClientOptions {
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
        if (reconnectFor.isNegative()) {
            throw new IllegalArgumentException("reconnectFor: got " + reconnectFor + ", expected 0 or more");
        }
        if (maxAnswerBytes < 64 * 1024) {
            throw new IllegalArgumentException("maxAnswerBytes: got " + maxAnswerBytes + ", expected 65536 or more");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": got " + value + ", expected more than 0");
        }
    }

    public ClientOptions withToken(@Nullable String value) {
        return new ClientOptions(
                value, protocol, connectTimeout, requestTimeout, reconnectFor, maxAnswerBytes, callbacks);
    }

    public ClientOptions withProtocol(ProtocolVersion value) {
        return new ClientOptions(token, value, connectTimeout, requestTimeout, reconnectFor, maxAnswerBytes, callbacks);
    }

    public ClientOptions withConnectTimeout(Duration value) {
        return new ClientOptions(token, protocol, value, requestTimeout, reconnectFor, maxAnswerBytes, callbacks);
    }

    public ClientOptions withRequestTimeout(Duration value) {
        return new ClientOptions(token, protocol, connectTimeout, value, reconnectFor, maxAnswerBytes, callbacks);
    }

    public ClientOptions withReconnectFor(Duration value) {
        return new ClientOptions(token, protocol, connectTimeout, requestTimeout, value, maxAnswerBytes, callbacks);
    }

    public ClientOptions withMaxAnswerBytes(int value) {
        return new ClientOptions(token, protocol, connectTimeout, requestTimeout, reconnectFor, value, callbacks);
    }

    public ClientOptions withCallbacks(@Nullable Executor value) {
        return new ClientOptions(token, protocol, connectTimeout, requestTimeout, reconnectFor, maxAnswerBytes, value);
    }

    /** Never shows the token. */
    @Override
    public String toString() {
        return "ClientOptions[token=" + (token == null ? "none" : "set") + ", protocol=" + protocol
                + ", connectTimeout=" + connectTimeout + ", requestTimeout=" + requestTimeout + ", reconnectFor="
                + reconnectFor + ", maxAnswerBytes=" + maxAnswerBytes + ", callbacks="
                + (callbacks == null ? "common pool" : "given") + "]";
    }
}

package io.github.opcuasm.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link DaemonClient} talks to its daemon.
 *
 * @param token what the daemon was told to ask for; null = none
 * @param connectTimeout bound on reaching the daemon; more than 0
 * @param requestTimeout bound on one call, from the call to its answer; more than 0. The daemon is told, and gives up
 *     first: its answer says whether a write was sent
 * @param maxAnswerBytes bound on the memory that one answer may take; at least 64 KiB
 */
public record ClientOptions(
        @Nullable String token, Duration connectTimeout, Duration requestTimeout, int maxAnswerBytes) {

    /** No token, 5 s to connect, 30 s a request, answers of at most 256 MiB. */
    public static final ClientOptions DEFAULTS =
            new ClientOptions(null, Duration.ofSeconds(5), Duration.ofSeconds(30), 256 * 1024 * 1024);

    public ClientOptions {
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
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
        return new ClientOptions(value, connectTimeout, requestTimeout, maxAnswerBytes);
    }

    public ClientOptions withConnectTimeout(Duration value) {
        return new ClientOptions(token, value, requestTimeout, maxAnswerBytes);
    }

    public ClientOptions withRequestTimeout(Duration value) {
        return new ClientOptions(token, connectTimeout, value, maxAnswerBytes);
    }

    public ClientOptions withMaxAnswerBytes(int value) {
        return new ClientOptions(token, connectTimeout, requestTimeout, value);
    }

    /** Never shows the token. */
    @Override
    public String toString() {
        return "ClientOptions[token=" + (token == null ? "none" : "set") + ", connectTimeout=" + connectTimeout
                + ", requestTimeout=" + requestTimeout + ", maxAnswerBytes=" + maxAnswerBytes + "]";
    }
}

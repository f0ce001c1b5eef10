package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The attempts to get a session, one at a time, and what is remembered from one to the next: the endpoint, while it got us
 * through. Confined to the session's event loop.
 */
final class SessionAttempts {
    private final SessionConnector connector;
    private final EventLoop loop;
    private final Runnable onFlushed;
    private final Function<Established, CompletableFuture<?>> disposal;
    private @Nullable ConnectionAttempt underWay;
    private @Nullable ChosenEndpoint endpoint;
    private boolean fromMemory;
    /** Of the certificate that the last activation was made with; empty without security. */
    private volatile String serverFingerprint = "";

    /** A session on its channel. */
    record Established(UascChannel channel, EstablishedSession session) {}

    /** Learns how an attempt ended: one of the two is null. */
    interface Ending {
        /**
         * Called once.
         *
         * @return whether the session is taken over; if not, it is disposed of
         */
        boolean ended(@Nullable Established established, @Nullable Throwable failure);
    }

    /**
     * Begins none yet.
     *
     * @param onFlushed as of {@link UascChannel}
     * @param disposal of a session, with its channel, that nobody took over
     */
    SessionAttempts(
            SessionConnector connector,
            EventLoop loop,
            Runnable onFlushed,
            Function<Established, CompletableFuture<?>> disposal) {
        this.connector = connector;
        this.loop = loop;
        this.onFlushed = onFlushed;
        this.disposal = disposal;
    }

    /** Takes this endpoint for the right one. */
    void expect(ChosenEndpoint known) {
        endpoint = known;
    }

    /** From any thread. */
    String serverFingerprint() {
        return serverFingerprint;
    }

    /** Lets {@code shake} make a session on a new channel when it is this place's turn. */
    void begin(SessionSettings bounds, ServerGate.Place place, ConnectionAttempt.Shake shake, Ending ending) {
        ConnectionAttempt attempt = new ConnectionAttempt(connector, loop, bounds, place, onFlushed);
        underWay = attempt;
        fromMemory = endpoint != null && !bounds.security().isPlain();
        attempt.start(endpoint, shake).whenComplete((connected, failure) -> {
            underWay = null;
            // After a failure its certificate or its endpoints may be others.
            endpoint = connected == null ? null : connected.endpoint();
            Established established = null;
            if (connected != null) {
                serverFingerprint = connected.endpoint().serverFingerprint();
                established = new Established(attempt.channel(), connected.session());
            }
            CompletableFuture<?> left = CompletableFuture.completedFuture(null);
            if (!ending.ended(established, failure)) {
                left = established == null ? attempt.channel().close() : disposal.apply(established);
            }
            left.whenComplete((done, trouble) -> attempt.isOver());
        });
    }

    /**
     * Whether the last attempt relied on an endpoint of an earlier one, which the server may have changed since: then a
     * refusal may mean that only.
     */
    boolean wasEndpointFromMemory() {
        return fromMemory;
    }

    /** Ends the attempt under way; completes, in bounded time, when nothing is left of it. */
    CompletableFuture<?> giveUp() {
        ConnectionAttempt attempt = underWay;
        return attempt == null ? CompletableFuture.completedFuture(null) : attempt.giveUp();
    }
}

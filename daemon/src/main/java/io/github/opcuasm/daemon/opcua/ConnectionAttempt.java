package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get a session: its turn among those who want to the same server, the endpoint, a channel, and what the
 * session services make on it. Every step is bounded and so are all together, so that the turn is given back whatever
 * happens. Confined to the session's event loop.
 */
final class ConnectionAttempt {
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
    /** How long a first handshake waits for its turn; one that restores a session waits as long as it takes. */
    private static final Duration LONGEST_QUEUE = Duration.ofSeconds(20);
    /** How long files and our key, which may have to be made, keep an attempt waiting beyond the server's endpoints. */
    private static final Duration LONGEST_PREPARATION = Duration.ofSeconds(10);
    /** How many steps on the channel may take all the time that one has before all together take too long. */
    private static final int SLOW_STEPS = 4;

    private static final Duration SHORTEST_BOUND = Duration.ofSeconds(2);

    private final SessionConnector connector;
    private final EventLoop loop;
    private final Executor onLoop;
    private final SessionSettings settings;
    private final UascChannel channel;
    private final ServerGate.Place place;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private boolean asked;
    private boolean givenUp;

    /** Makes a session on an open channel. */
    interface Shake {
        CompletableFuture<EstablishedSession> on(UascChannel channel, ChosenEndpoint chosen);
    }

    /** What came of it. */
    record Connected(ChosenEndpoint endpoint, EstablishedSession session) {}

    /**
     * Opens nothing yet.
     *
     * @param place whose turn it waits for
     * @param onFlushed as of {@link UascChannel}
     */
    ConnectionAttempt(
            SessionConnector connector,
            EventLoop loop,
            SessionSettings settings,
            ServerGate.Place place,
            Runnable onFlushed) {
        this.connector = connector;
        this.loop = loop;
        this.onLoop = new LoopExecutor(loop);
        this.settings = settings;
        this.channel = new UascChannel(connector.transport(), loop, onFlushed);
        this.place = place;
    }

    UascChannel channel() {
        return channel;
    }

    /**
     * Goes all the way, and tells the gate how it ended.
     *
     * @param known the endpoint of the last time, if it may still be right
     * @return completes on the loop
     */
    CompletableFuture<Connected> start(@Nullable ChosenEndpoint known, Shake shake) {
        asked = known == null && !settings.security().isPlain();
        if (place.isFirst()) {
            var tooLong = loop.schedule(place::leave, LONGEST_QUEUE.toMillis(), TimeUnit.MILLISECONDS);
            place.came().whenComplete((came, failure) -> tooLong.cancel(false));
        }
        // Never on the stack of whoever gave the turn on: a thousand may wait behind it.
        return place.came()
                .thenComposeAsync(
                        came -> inTime(
                                connector.endpoint(settings, known),
                                settings.callTimeout().plus(LONGEST_PREPARATION)),
                        loop)
                .thenComposeAsync(prepared -> bounded(connect(prepared, shake)), onLoop)
                .whenCompleteAsync((connected, failure) -> place.over(reach(failure), failure), onLoop);
    }

    private CompletableFuture<Connected> connect(SessionConnector.Prepared prepared, Shake shake) {
        return open(prepared.endpoint())
                // Its key has opened the channel: now it may be remembered as the server's.
                .thenCompose(open -> inTime(prepared.trust().keep(), LONGEST_PREPARATION))
                .thenComposeAsync(kept -> shake.on(channel, prepared.endpoint()), onLoop)
                .thenApply(session -> new Connected(prepared.endpoint(), session));
    }

    /** A server that gives each answer just in time does not hold a turn for ever. */
    private CompletableFuture<Connected> bounded(CompletableFuture<Connected> attempt) {
        Duration slow = settings.callTimeout().multipliedBy(SLOW_STEPS);
        Duration bound = slow.compareTo(SHORTEST_BOUND) < 0 ? SHORTEST_BOUND : slow;
        var timer = loop.schedule(
                () -> channel.abort(new UaException(
                        StatusCodes.Bad_Timeout, "connecting took more than " + bound.toMillis() / 1e3 + " s")),
                bound.toMillis(),
                TimeUnit.MILLISECONDS);
        return attempt.whenComplete((connected, failure) -> timer.cancel(false));
    }

    private Reach reach(@Nullable Throwable failure) {
        return failure != null && givenUp
                ? Reach.UNDECIDED
                : Reach.of(failure, asked, channel.wasOpened(), settings.callTimeout());
    }

    private CompletableFuture<UascChannel> open(ChosenEndpoint chosen) {
        return channel.open(new ChannelSettings(
                settings.endpoint(), chosen.url(), settings.callTimeout(), settings.addresses(), chosen.security()));
    }

    /** Nothing is left of it but what somebody took over. */
    void isOver() {
        over.complete(null);
    }

    /**
     * Ends at once while there is no channel yet; a session that the server grants meanwhile is closed there, in bounded
     * time.
     */
    CompletableFuture<?> giveUp() {
        UaException cause = new UaException(StatusCodes.Bad_ConnectionClosed, "the session was closed");
        givenUp = true;
        place.leave();
        if (channel.wasOpened()) {
            var timer = loop.schedule(() -> channel.abort(cause), CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            // Unless files that its end still waits for are never read.
            var last = loop.schedule(this::isOver, LONGEST_PREPARATION.toMillis(), TimeUnit.MILLISECONDS);
            over.whenComplete((done, failure) -> {
                timer.cancel(false);
                last.cancel(false);
            });
            return over;
        }
        // Whatever it still waits for, a turn or the server's endpoints, opens no channel any more.
        place.over(Reach.UNDECIDED, cause);
        channel.abort(cause);
        return channel.closed();
    }

    private <T> CompletableFuture<T> inTime(CompletableFuture<T> preparation, Duration bound) {
        CompletableFuture<T> prepared = new CompletableFuture<>();
        var timer = loop.schedule(
                () -> prepared.completeExceptionally(new UaException(
                        StatusCodes.Bad_Timeout,
                        "certificates and endpoints took more than " + bound.toSeconds() + " s")),
                bound.toMillis(),
                TimeUnit.MILLISECONDS);
        preparation.whenComplete((result, failure) -> {
            timer.cancel(false);
            if (failure == null) {
                prepared.complete(result);
            } else {
                prepared.completeExceptionally(OpcUaErrors.unwrap(failure));
            }
        });
        return prepared;
    }
}

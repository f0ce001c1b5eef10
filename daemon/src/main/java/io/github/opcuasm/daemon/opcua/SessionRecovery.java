package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.opcua.SessionAttempts.Established;
import io.github.opcuasm.protocol.CommandException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Restores a session that was lost, for as long as it takes: the old one is activated on a new channel if the server still
 * has it, else a new one is created.
 *
 * <p>While the server cannot be reached its {@link ServerGate} says when to try. Whatever else goes wrong is this session's
 * own affair, and it pauses by itself before it is in the queue again: longest after refusals, because servers lock out
 * whoever comes with a wrong password too often; those pauses grow with the refusals in a row and with nothing else. The
 * count of failures that the other pauses grow with outlives a restoration that lasted for less than
 * {@value #SETTLED_SECONDS} s, so that a session which is lost after each activation slows down too. Somebody who wants the session now ends a pause, but no more often than each {@value #HURRY_SECONDS} s.
 *
 * <p>While it pauses after a refusal the answer is known to whoever asks meanwhile: nobody waits for a minute to read it.
 *
 * <p>Confined to the session's event loop.
 */
final class SessionRecovery {
    static final int HURRY_SECONDS = 5;
    private static final int SETTLED_SECONDS = 10;
    private static final long SETTLED_NANOS =
            Duration.ofSeconds(SETTLED_SECONDS).toNanos();
    private static final long HURRY_NANOS = Duration.ofSeconds(HURRY_SECONDS).toNanos();

    private final SessionConnector connector;
    private final EventLoop loop;
    private final SessionSettings settings;
    private final SessionHandshake handshake;
    private final SessionAttempts attempts;
    private final Owner owner;
    private ServerGate.@Nullable Place place;
    private @Nullable Future<?> pause;
    private int failedAttempts;
    /** In a row: that the server has taken us in again ends it. */
    private int refusals;

    /** In a row: that nobody took the next session over for a while ends it. */
    private int takeOvers;

    private @Nullable Long undisputedSince;
    private @Nullable Long activatedAt;
    private @Nullable Long hurriedAt;
    private volatile @Nullable CommandException refusal;

    /** Whose session it is. */
    interface Owner {
        SessionState state();

        void failed(SessionState.Reconnecting next);

        /** The server refused the session, or we the server: it pauses, and {@code refusal} is what all are told. */
        void refused(CommandException refusal);

        /**
         * The session is there again.
         *
         * @param anew whether the server granted a new one
         * @param quiet whether nothing has been asked of the server since it was activated
         */
        void restored(SessionState.Reconnecting before, Established established, boolean anew, boolean quiet);
    }

    /** @param settings with bounds that suit a restoration */
    SessionRecovery(
            SessionConnector connector,
            EventLoop loop,
            SessionSettings settings,
            SessionHandshake handshake,
            SessionAttempts attempts,
            Owner owner) {
        this.connector = connector;
        this.loop = loop;
        this.settings = settings;
        this.handshake = handshake;
        this.attempts = attempts;
        this.owner = owner;
    }

    /** The session is active, the first time or again. */
    void activated() {
        refusals = 0;
        activatedAt = connector.transport().ticker().read();
        if (undisputedSince == null) {
            undisputedSince = activatedAt;
        }
    }

    /** How many failures the session has behind it that has been active until now. */
    int failuresSoFar() {
        return hasLasted(activatedAt) ? 0 : failedAttempts + 1;
    }

    private boolean hasLasted(@Nullable Long since) {
        return since == null || connector.transport().ticker().read() - since >= SETTLED_NANOS;
    }

    /** The session was lost a moment ago. */
    void begin(SessionState.Reconnecting lost) {
        failedAttempts = lost.failedAttempts();
        place = connector.gates().lost(settings.endpoint().server(), lost.reason());
        rest(ReconnectDelay.before(failedAttempts, random()));
    }

    /** Somebody else has the session: a new one takes its place, but not so fast that the two fight over it. */
    void beginAfterTakeOver(SessionState.Reconnecting lost) {
        failedAttempts = lost.failedAttempts();
        takeOvers = hasLasted(undisputedSince) ? 1 : takeOvers + 1;
        undisputedSince = null;
        ServerGate.Place mine = connector.gates().lost(settings.endpoint().server(), lost.reason());
        mine.notRestored(lost.reason());
        place = mine;
        rest(ReconnectDelay.afterRefusal(takeOvers, random()));
    }

    /** @param left whether an earlier process left the session, or nothing of it */
    void resume(boolean left) {
        place = connector.gates().resume(settings.endpoint().server(), left);
        go();
    }

    /** Why there is no connection, as far as is known now. */
    String reason(SessionState.Reconnecting lost) {
        ServerGate.Place mine = place;
        String away = mine == null ? null : mine.awayBecause();
        return away == null ? lost.reason() : away;
    }

    /** What a first open would fail with, while the session pauses because it would; from any thread. */
    @Nullable
    CommandException refusal() {
        return refusal;
    }

    /** Somebody wants the session now. */
    void hurry() {
        long now = connector.transport().ticker().read();
        ServerGate.Place mine = place;
        if (mine == null || (hurriedAt != null && now - hurriedAt < HURRY_NANOS)) {
            return;
        }
        hurriedAt = now;
        if (endPause()) {
            go();
        }
        mine.hurry();
    }

    /** The session is closed; the attempt under way is not ended by this. */
    void stop() {
        endPause();
        if (place != null) {
            place.leave();
            place = null;
        }
        refusal = null;
    }

    private void rest(Duration delay) {
        pause = loop.schedule(
                () -> {
                    pause = null;
                    go();
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private boolean endPause() {
        Future<?> timer = pause;
        pause = null;
        return timer != null && timer.cancel(false);
    }

    private void go() {
        refusal = null;
        ServerGate.Place mine = place;
        if (mine != null) {
            mine.queue();
            attempt(mine);
        }
    }

    private void attempt(ServerGate.Place mine) {
        attempts.begin(
                settings,
                mine,
                (channel, chosen) -> {
                    EstablishedSession previous =
                            owner.state() instanceof SessionState.Reconnecting lost ? lost.previous() : null;
                    return previous == null
                            ? handshake.create(channel, chosen)
                            : handshake.restore(channel, chosen, previous);
                },
                (established, failure) -> ended(mine, established, failure));
    }

    /** Whether the session is taken over. */
    private boolean ended(ServerGate.Place mine, @Nullable Established established, @Nullable Throwable failure) {
        if (!(owner.state() instanceof SessionState.Reconnecting lost)) {
            return false;
        }
        if (established != null) {
            place = null;
            boolean anew = isAnew(lost.previous(), established.session());
            mine.restored(anew);
            boolean quiet = lost.previous() != null && lost.previous().serverInfo() != null && !anew;
            owner.restored(lost, established, anew, quiet);
            return true;
        }
        String reason = OpcUaErrors.notRestored(settings.endpoint(), failure);
        SessionState.Reconnecting next = lost.failedOnceMore(reason);
        failedAttempts = next.failedAttempts();
        owner.failed(next);
        if (mine.isQueuedAgain()) {
            attempt(mine);
        } else {
            mine.notRestored(reason);
            rest(pauseAfter(failure));
            if (failure != null && isKnownRefusal(failure)) {
                CommandException told = OpcUaErrors.handshake(settings.endpoint(), failure);
                refusal = told;
                owner.refused(told);
            }
        }
        return false;
    }

    /** Whether a first open would meet the same. */
    private boolean isKnownRefusal(Throwable failure) {
        return OpcUaErrors.isRefusal(failure)
                && !(OpcUaErrors.unwrap(failure) instanceof SessionTakenOverException)
                && (!attempts.wasEndpointFromMemory() || OpcUaErrors.isUserRefused(failure));
    }

    private static boolean isAnew(@Nullable EstablishedSession previous, EstablishedSession now) {
        return previous == null || !previous.authenticationToken().equals(now.authenticationToken());
    }

    private Duration pauseAfter(@Nullable Throwable failure) {
        if (failure != null && OpcUaErrors.isFull(failure)) {
            return ReconnectDelay.whileFull(random());
        }
        return failure != null && OpcUaErrors.isRefusal(failure)
                ? ReconnectDelay.afterRefusal(++refusals, random())
                : ReconnectDelay.before(failedAttempts, random());
    }

    private RandomGenerator random() {
        return connector.transport().random();
    }
}

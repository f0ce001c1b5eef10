package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.opcua.SessionAttempts.Established;
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
 * whoever comes with a wrong password too often. The count of failures that the pauses grow with outlives a restoration
 * that lasted for less than {@value #SETTLED_SECONDS} s, so that a session which is lost after each activation slows down
 * too. Somebody who wants the session now ends a pause, but no more often than each {@value #HURRY_SECONDS} s.
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
    private @Nullable Long activatedAt;
    private @Nullable Long hurriedAt;

    /** Whose session it is. */
    interface Owner {
        SessionState state();

        void failed(SessionState.Reconnecting next);

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
        activatedAt = connector.transport().ticker().read();
    }

    /** How many failures the session has behind it that has been active until now. */
    int failuresSoFar() {
        Long since = activatedAt;
        boolean settled = since == null || connector.transport().ticker().read() - since >= SETTLED_NANOS;
        return settled ? 0 : failedAttempts + 1;
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
        ServerGate.Place mine = connector.gates().lost(settings.endpoint().server(), lost.reason());
        mine.notRestored(lost.reason());
        place = mine;
        rest(ReconnectDelay.afterRefusal(Math.max(1, failedAttempts), random()));
    }

    /** An earlier process left the session, or nothing of it. */
    void resume() {
        place = connector.gates().resume(settings.endpoint().server());
        go();
    }

    /** Why there is no connection, as far as is known now. */
    String reason(SessionState.Reconnecting lost) {
        ServerGate.Place mine = place;
        String away = mine == null ? null : mine.awayBecause();
        return away == null ? lost.reason() : away;
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
        String reason = OpcUaErrors.reason(failure);
        SessionState.Reconnecting next = lost.failedOnceMore(reason);
        failedAttempts = next.failedAttempts();
        owner.failed(next);
        if (mine.isQueuedAgain()) {
            attempt(mine);
        } else {
            mine.notRestored(reason);
            rest(pauseAfter(failure));
        }
        return false;
    }

    private static boolean isAnew(@Nullable EstablishedSession previous, EstablishedSession now) {
        return previous == null || !previous.authenticationToken().equals(now.authenticationToken());
    }

    private Duration pauseAfter(@Nullable Throwable failure) {
        if (failure != null && OpcUaErrors.isFull(failure)) {
            return ReconnectDelay.whileFull(random());
        }
        return failure != null && OpcUaErrors.isRefusal(failure)
                ? ReconnectDelay.afterRefusal(failedAttempts, random())
                : ReconnectDelay.before(failedAttempts, random());
    }

    private RandomGenerator random() {
        return connector.transport().random();
    }
}

package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the server holds of a session, and whether somebody knows: follows activations, so that the session can be activated
 * again, here or in another process, and reports what is left without anybody to refer to it. Confined to the session's
 * event loop.
 */
final class SessionRemains implements SessionHandshake.Fate {
    private final SessionListeners listeners;
    private final Consumer<UnaryOperator<SessionState.Reconnecting>> ifLost;
    private boolean over;
    private boolean leaves;
    private boolean orphaned;
    /** Lost, and perhaps still on the server, when the session was closed. */
    private @Nullable EstablishedSession unsettled;

    /** @param ifLost changes the state of a session that is being restored */
    SessionRemains(SessionListeners listeners, Consumer<UnaryOperator<SessionState.Reconnecting>> ifLost) {
        this.listeners = listeners;
        this.ifLost = ifLost;
    }

    @Override
    public void activated(ChosenEndpoint chosen, EstablishedSession session, boolean again) {
        if (again) {
            ifLost.accept(lost -> lost.reactivated(session));
        }
        if (leaves || !over) {
            listeners.tell(listener -> listener.activated(new ResumableSession(chosen, session)));
        }
    }

    @Override
    public void givenUp(EstablishedSession previous, boolean gone) {
        unsettled = null;
        ifLost.accept(SessionState.Reconnecting::withoutPrevious);
        listeners.tell(SessionListener::givenUp);
        if (!gone) {
            orphaned(previous.revisedTimeout());
        }
    }

    @Override
    public void orphaned(Duration timeout) {
        orphaned = true;
        listeners.tell(listener -> listener.orphaned(timeout));
    }

    /**
     * The session is closed now.
     *
     * @param leaves whether it is left to another process
     */
    void sessionEnds(SessionState before, boolean leaves) {
        this.over = true;
        this.leaves = leaves;
        orphaned = false;
        if (before instanceof SessionState.Reconnecting lost && !leaves) {
            unsettled = lost.previous();
        }
    }

    boolean isLeftToOthers() {
        return leaves;
    }

    /** The session is on a channel of ours, on which it can be closed. */
    void found() {
        unsettled = null;
    }

    /** Nothing more will be learnt of it. */
    void settle() {
        EstablishedSession lost = unsettled;
        unsettled = null;
        if (lost != null) {
            orphaned(lost.revisedTimeout());
        }
    }

    /** Whether nothing was left behind at the end. */
    boolean isNothingLeft() {
        return !orphaned;
    }
}

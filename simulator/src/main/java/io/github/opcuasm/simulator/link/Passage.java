package io.github.opcuasm.simulator.link;

/**
 * A moment in the life of a connection: when its n-th message chunk of a type passes in a direction. With None and small
 * messages, a handshake has one chunk for each step: the first to pass {@code TO_SERVER} are HEL, OPN, then MSG for
 * CreateSession (or ActivateSession, where a session is restored) and so on.
 *
 * @param nth from 1, counted on each connection from its start, or from the arming if that came later
 */
public record Passage(Direction direction, MessageType type, int nth, Moment moment) {
    /** Where in the passing of the chunk. */
    public enum Moment {
        /** None of its bytes gets through. */
        BEFORE,
        /** Its header and half of the rest get through. */
        WITHIN,
        /** All of it gets through, and nothing after it. */
        AFTER
    }

    public Passage {
        if (nth < 1) {
            throw new IllegalArgumentException("Messages are counted from 1, was " + nth);
        }
    }

    public static Passage before(Direction direction, MessageType type, int nth) {
        return new Passage(direction, type, nth, Moment.BEFORE);
    }

    public static Passage within(Direction direction, MessageType type, int nth) {
        return new Passage(direction, type, nth, Moment.WITHIN);
    }

    public static Passage after(Direction direction, MessageType type, int nth) {
        return new Passage(direction, type, nth, Moment.AFTER);
    }
}

package io.github.opcuasm.simulator.link;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What is armed on a link. Belongs to the event loop, except for what {@link Trigger} promises.
 *
 * <p>A trigger that waits for a message counts on each connection by itself and fires where its number is reached first;
 * one that waits for an amount of bytes counts them over all connections.
 */
final class Triggers {
    private final List<Armed> armed = new ArrayList<>();

    Armed arm(Passage passage, Ending ending, Executor eventLoop) {
        return add(new Armed(passage, 0, passage.direction(), ending, eventLoop));
    }

    Armed arm(Direction direction, long bytes, Ending ending, Executor eventLoop) {
        return add(new Armed(null, bytes, direction, ending, eventLoop));
    }

    /** Counts a chunk that begins, and says what is to happen to it. */
    @Nullable
    Armed beginning(Pipe pipe, MessageType type) {
        Armed reached = null;
        for (Armed trigger : armed) {
            if (trigger.counts(pipe, type) && reached == null) {
                reached = trigger;
            }
        }
        armed.remove(reached);
        return reached;
    }

    /** The amount of bytes that may still pass in this direction, and what ends it; null if nothing does. */
    @Nullable
    Armed truncating(Direction direction) {
        for (Armed trigger : armed) {
            if (trigger.passage == null && trigger.direction == direction) {
                return trigger;
            }
        }
        return null;
    }

    void disarm(Armed trigger) {
        armed.remove(trigger);
    }

    void forget(Pipe pipe) {
        armed.forEach(trigger -> trigger.seen.remove(pipe));
    }

    void clear() {
        armed.clear();
    }

    private Armed add(Armed trigger) {
        armed.add(trigger);
        return trigger;
    }

    /** One that is armed. */
    final class Armed implements Trigger {
        private final @Nullable Passage passage;
        private final Direction direction;
        private final Ending ending;
        private final Executor eventLoop;
        private final Map<Pipe, Integer> seen = new HashMap<>();
        private long bytesLeft;
        private volatile boolean fired;

        private Armed(
                @Nullable Passage passage, long bytesLeft, Direction direction, Ending ending, Executor eventLoop) {
            this.passage = passage;
            this.bytesLeft = bytesLeft;
            this.direction = direction;
            this.ending = ending;
            this.eventLoop = eventLoop;
        }

        private boolean counts(Pipe pipe, MessageType type) {
            return passage != null
                    && direction == pipe.direction()
                    && passage.type() == type
                    && seen.merge(pipe, 1, Integer::sum) == passage.nth();
        }

        Passage.@Nullable Moment moment() {
            return passage == null ? null : passage.moment();
        }

        Ending ending() {
            return ending;
        }

        /** How many of these bytes may pass. */
        int allow(int bytes) {
            int allowed = (int) Math.min(bytesLeft, bytes);
            bytesLeft -= allowed;
            return allowed;
        }

        boolean exhausted() {
            return bytesLeft == 0;
        }

        void fired() {
            fired = true;
        }

        @Override
        public boolean hasFired() {
            return fired;
        }

        @Override
        public void close() {
            eventLoop.execute(() -> disarm(this));
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Through here go all who want to connect to one server, so that one that comes back is not met by a storm.
 *
 * <p>While the server is <em>there</em>, at most a few turns are had at a time, in the order of asking. Once a turn did not
 * reach it, it is <em>away</em>: then there is one turn at a time, the probe, and a pause after each that fails, as {@link
 * ReconnectDelay} has them; the failures of turns that were had at the same time count once. When any turn reaches the
 * server it is there again, and the rest follow at once.
 *
 * <p>A {@link Place} is either for a first handshake or for a session that is to be restored. Who waits for a first
 * handshake is not made to wait for pauses: if no turn is under way it is the probe at once, and it neither lengthens nor
 * shortens the pause of the others; else it waits for those under way, and if the server was not heard at all by another
 * first handshake that had as much time, it fails as that one did. A session that is to be restored keeps its place in the
 * gate until it is back, whatever becomes of its turns: after one that did not reach the server it is at the end of the
 * queue again, after any other it rests outside of the queue.
 *
 * <p>The steps of a first handshake take as long as its caller says, which may be hours. Nobody waits for that: after a time
 * its turn does not count any more, and is given to the next one beside it.
 *
 * <p>Guarded by {@link ServerGates}, which runs what is to be done in consequence when its lock is released.
 */
final class ServerGate {
    private static final long BETWEEN_HURRIES = Duration.ofSeconds(5).toNanos();
    /** How long others wait for a first handshake that probes; the steps of a restoration are no longer by themselves. */
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(5);
    /** How long a first handshake has one of the turns of a server that is there. */
    private static final Duration LONGEST_TURN = Duration.ofSeconds(20);

    private final String server;
    private final int mostTurns;
    private final ServerGates gates;
    private final OutageLog log;
    private final Deque<Place> queue = new ArrayDeque<>();
    private List<Runnable> effects = new ArrayList<>();
    private final Set<Place> holders = new LinkedHashSet<>();
    private int places;
    /** Changes when the server goes away or comes back: what a turn of an earlier epoch did not reach is old news. */
    private long epoch;

    private boolean away;
    private int failures;
    private boolean pausing;
    private long pauses;
    private @Nullable Long hurriedAt;

    ServerGate(String server, int mostTurns, ServerGates gates) {
        this.server = server;
        this.mostTurns = mostTurns;
        this.gates = gates;
        this.log = new OutageLog(server, gates.ticker(), line -> effects.add(line));
    }

    private enum Stage {
        RESTING,
        QUEUED,
        HAS_TURN,
        GONE
    }

    /** Somebody's place in the gate. May be used from any thread, by one at a time. */
    final class Place {
        private final OutageLog.@Nullable Entry entry;
        private final Duration step;
        private CompletableFuture<Void> came = new CompletableFuture<>();
        private Stage stage = Stage.RESTING;
        private boolean leaving;
        private boolean requeued;
        private long turnOfEpoch;
        private long turnSince;

        private Place(OutageLog.@Nullable Entry entry, Duration step) {
            this.entry = entry;
            this.step = step;
        }

        /** Whether it is for a first handshake. */
        boolean isFirst() {
            return entry == null;
        }

        /**
         * Completes when the turn is had, on whatever thread gave it on. Fails if the place is given up before, and for a
         * first handshake with what the turns failed with that it waited for.
         */
        CompletableFuture<Void> came() {
            return came;
        }

        /** Whether it is in the queue again since its last turn was over: for who had that turn. */
        boolean isQueuedAgain() {
            return requeued;
        }

        /** Ends the rest of a session that is to be restored. */
        void queue() {
            gates.change(ServerGate.this, () -> {
                if (stage == Stage.RESTING) {
                    enqueue(this);
                }
            });
        }

        /**
         * The turn is over. A first handshake's place is given up by that; the place of a session that is to be restored
         * has another {@link #came} then, and is in the queue again if the server was not reached.
         *
         * @param failure null if there is a session
         */
        void over(Reach reach, @Nullable Throwable failure) {
            gates.change(ServerGate.this, () -> turnOver(this, reach, failure));
        }

        /**
         * The session is active again; gives the place up.
         *
         * @param anew whether the server granted a new one
         */
        void restored(boolean anew) {
            gates.change(ServerGate.this, () -> {
                if (entry != null && stage != Stage.GONE) {
                    log.restored(entry, anew);
                }
                giveUp(this);
            });
        }

        /** The server was reached and the session is not back; it pauses by itself, for the log. */
        void notRestored(String reason) {
            gates.change(ServerGate.this, () -> {
                if (entry != null && stage != Stage.GONE) {
                    log.notRestored(entry, reason);
                }
            });
        }

        /** Somebody wants the session now: if the server is left alone at the moment, that ends; but not too often. */
        void hurry() {
            gates.change(ServerGate.this, ServerGate.this::hurryNow);
        }

        /** Why the server could not be reached the last time; null if it could. */
        @Nullable
        String awayBecause() {
            return log.awayBecause();
        }

        /** Gives the place up, now or when its turn is over. */
        void leave() {
            gates.change(ServerGate.this, () -> {
                leaving = true;
                if (stage != Stage.HAS_TURN) {
                    giveUp(this);
                }
            });
        }
    }

    String server() {
        return server;
    }

    /**
     * For a first handshake: in the queue from the start.
     *
     * @param step how long it has for each answer
     */
    Place open(Duration step) {
        Place place = new Place(null, step);
        places++;
        enqueue(place);
        return place;
    }

    /**
     * For a session that was lost.
     *
     * @param reason for the log
     */
    Place lost(String reason) {
        places++;
        return new Place(log.lost(reason), Duration.ZERO);
    }

    /**
     * For a session of an earlier process.
     *
     * @param left whether it may still be on the server
     */
    Place resume(boolean left) {
        places++;
        return new Place(log.ofEarlierProcess(left), Duration.ZERO);
    }

    /** Nobody is here, and none who comes must be kept off. */
    boolean isDeserted() {
        return places == 0 && !pausing;
    }

    /** Gives the turns that may be had now. Returns what is to be done without the lock. */
    List<Runnable> settle() {
        if (!away) {
            while (turns() < mostTurns && !queue.isEmpty()) {
                giveTurn(queue.remove());
            }
        } else if (turns() == 0) {
            Optional<Place> caller = queue.stream().filter(Place::isFirst).findFirst();
            if (caller.isPresent()) {
                queue.remove(caller.get());
                giveTurn(caller.get());
            } else if (!pausing && !queue.isEmpty()) {
                giveTurn(queue.remove());
            }
        }
        if (queue.isEmpty() && turns() == 0) {
            log.allHadTheirTurn();
        }
        List<Runnable> done = effects;
        effects = new ArrayList<>(0);
        return done;
    }

    /** Those that others wait for. */
    private int turns() {
        long now = gates.ticker().read();
        long longest = (away ? LONGEST_PROBE : LONGEST_TURN).toNanos();
        return (int) holders.stream()
                .filter(place -> !place.isFirst() || now - place.turnSince < longest)
                .count();
    }

    private void enqueue(Place place) {
        place.stage = Stage.QUEUED;
        queue.add(place);
    }

    private void giveTurn(Place place) {
        holders.add(place);
        place.stage = Stage.HAS_TURN;
        place.turnOfEpoch = epoch;
        place.turnSince = gates.ticker().read();
        if (place.isFirst()) {
            gates.later(this, () -> {}, LONGEST_PROBE);
            gates.later(this, () -> {}, LONGEST_TURN);
        }
        CompletableFuture<Void> came = place.came;
        effects.add(() -> came.complete(null));
    }

    private void turnOver(Place place, Reach reach, @Nullable Throwable failure) {
        if (place.stage != Stage.HAS_TURN) {
            return;
        }
        holders.remove(place);
        place.stage = Stage.RESTING;
        place.requeued = reach.isAway() && !place.leaving && !place.isFirst();
        if (!place.isFirst()) {
            place.came = new CompletableFuture<>();
        }
        if (place.requeued) {
            enqueue(place);
        }
        if (reach == Reach.REACHED) {
            reached();
        } else if (reach.isAway()) {
            notReached(place, failure);
        }
        if (reach == Reach.NOT_REACHED && place.isFirst() && away && turns() == 0) {
            queue.stream()
                    .filter(caller -> caller.isFirst() && caller.step.compareTo(place.step) <= 0)
                    .toList()
                    .forEach(caller -> fail(caller, failure));
        }
        if (place.leaving || place.isFirst()) {
            giveUp(place);
        }
    }

    private void reached() {
        if (away) {
            away = false;
            failures = 0;
            pausing = false;
            pauses++;
            epoch++;
            log.reached();
        }
    }

    private void notReached(Place place, @Nullable Throwable failure) {
        if (place.turnOfEpoch == epoch) {
            if (!away) {
                away = true;
                epoch++;
            }
            log.notReached(place.entry, OpcUaErrors.reason(failure));
            if (!pausing) {
                failures++;
                pause();
            }
        }
    }

    private void pause() {
        pausing = true;
        long pause = ++pauses;
        gates.later(
                this,
                () -> {
                    if (pauses == pause) {
                        pausing = false;
                    }
                },
                gates.pause(failures));
    }

    private void hurryNow() {
        long now = gates.ticker().read();
        if (pausing && (hurriedAt == null || now - hurriedAt >= BETWEEN_HURRIES)) {
            hurriedAt = now;
            pausing = false;
            pauses++;
        }
    }

    private void giveUp(Place place) {
        String why = away
                ? OpcUaErrors.noConnection(server, log.awayBecause())
                : "too many others are being connected to " + server + "; try again later";
        fail(place, OpcUaErrors.timeout("Timed out: " + why, null));
    }

    private void fail(Place place, @Nullable Throwable failure) {
        if (place.stage == Stage.GONE) {
            return;
        }
        if (place.stage == Stage.QUEUED) {
            queue.remove(place);
        } else if (place.stage == Stage.HAS_TURN) {
            holders.remove(place);
        }
        place.stage = Stage.GONE;
        places--;
        if (place.entry != null) {
            log.ends(place.entry);
        }
        Throwable cause = failure == null ? new IllegalStateException("no reason known") : failure;
        CompletableFuture<Void> came = place.came;
        // Does nothing to a turn that came.
        effects.add(() -> came.completeExceptionally(cause));
    }
}

package io.github.opcuasm.daemon.opcua;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Bounds how many sessions are opened or restored on one server at a time: a server that comes back is met by a few
 * handshakes at once, not by all sessions that it lost. Who has to wait gets a turn in the order of asking. Thread-safe.
 */
public final class HandshakeSlots {
    private final int perServer;
    private final Map<String, Server> servers = new HashMap<>();

    /** Guarded by the map's owner. */
    private static final class Server {
        private final Queue<Turn> waiting = new ArrayDeque<>();
        private int taken;
    }

    /** @param perServer 1 or more */
    public HandshakeSlots(int perServer) {
        this.perServer = perServer;
    }

    /** A place in the queue, and then a slot. To be released once it is not needed any more, however far it came. */
    final class Turn {
        private final String server;
        private final CompletableFuture<Void> came = new CompletableFuture<>();
        private boolean holdsSlot;
        private boolean released;

        private Turn(String server) {
            this.server = server;
        }

        /**
         * Completes when the slot is had, on whatever thread gave it up; at once if one is free. Fails if it is given up
         * before.
         */
        CompletableFuture<Void> came() {
            return came;
        }

        /** Gives the slot back, or the place in the queue; the second time does nothing. */
        void release() {
            end(this);
        }

        /** Gives the place in the queue up; a slot that came is kept. */
        void stopWaiting() {
            if (!holdsSlot(this)) {
                release();
            }
        }
    }

    /** @param server {@code host:port} */
    Turn enter(String server) {
        Turn turn = new Turn(server);
        synchronized (servers) {
            Server queue = servers.computeIfAbsent(server, unknown -> new Server());
            if (queue.taken >= perServer) {
                queue.waiting.add(turn);
                return turn;
            }
            queue.taken++;
            turn.holdsSlot = true;
        }
        turn.came.complete(null);
        return turn;
    }

    private boolean holdsSlot(Turn turn) {
        synchronized (servers) {
            return turn.holdsSlot;
        }
    }

    private void end(Turn turn) {
        Turn next = null;
        synchronized (servers) {
            Server queue = servers.get(turn.server);
            if (turn.released || queue == null) {
                return;
            }
            turn.released = true;
            if (!turn.holdsSlot) {
                queue.waiting.remove(turn);
            } else {
                next = queue.waiting.poll();
                if (next != null) {
                    next.holdsSlot = true;
                } else {
                    queue.taken--;
                }
            }
            if (queue.taken == 0) {
                servers.remove(turn.server);
            }
        }
        if (next != null) {
            next.came.complete(null);
        }
        // Does nothing to one that came.
        turn.came.completeExceptionally(OpcUaErrors.timeout(
                "Timed out: too many others are being connected to " + turn.server + "; try again later", null));
    }
}

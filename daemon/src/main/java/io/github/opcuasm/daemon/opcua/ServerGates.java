package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The gates to all servers: see {@link ServerGate}. There is one for each server that somebody wants to connect to, and
 * none for the others. Thread-safe: sessions of several event loops meet here. Nothing that others wait for, or that may
 * take long, happens under the lock.
 */
public final class ServerGates {
    private final int perServer;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final Timers timers;
    private final Map<String, ServerGate> gates = new HashMap<>();

    /** Runs actions later, on any thread. */
    interface Timers {
        void schedule(Runnable action, Duration delay);
    }

    /** @param perServer how many handshakes a server that is there is met by at once; 1 or more */
    public ServerGates(int perServer, OpcUaTransport transport) {
        this(perServer, transport.ticker(), transport.random(), (action, delay) -> {
            try {
                transport.nextLoop().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // The daemon ends, and nobody waits for a pause any more.
            }
        });
    }

    ServerGates(int perServer, Ticker ticker, RandomGenerator random, Timers timers) {
        this.perServer = perServer;
        this.ticker = ticker;
        this.random = random;
        this.timers = timers;
    }

    /**
     * A place in the queue for a first handshake, whose caller waits.
     *
     * @param step how long it has for each answer
     */
    ServerGate.Place open(String server, Duration step) {
        return enter(server, gate -> gate.open(step));
    }

    /**
     * A place for a session that was lost, until it is back. It is not in the queue yet.
     *
     * @param reason for the log
     */
    ServerGate.Place lost(String server, String reason) {
        return enter(server, gate -> gate.lost(reason));
    }

    /**
     * As {@link #lost}, for a session of an earlier process.
     *
     * @param left whether that may have left it on the server
     */
    ServerGate.Place resume(String server, boolean left) {
        return enter(server, gate -> gate.resume(left));
    }

    /** How many servers somebody wants to connect to. */
    int size() {
        synchronized (gates) {
            return gates.size();
        }
    }

    private interface Entry {
        ServerGate.Place into(ServerGate gate);
    }

    private ServerGate.Place enter(String server, Entry entry) {
        ServerGate.Place place;
        List<Runnable> effects;
        synchronized (gates) {
            ServerGate gate = gates.computeIfAbsent(server, name -> new ServerGate(name, perServer, this));
            place = entry.into(gate);
            effects = gate.settle();
        }
        effects.forEach(Runnable::run);
        return place;
    }

    /** Changes something about a gate, and then does what follows from it. */
    void change(ServerGate gate, Runnable step) {
        List<Runnable> effects;
        synchronized (gates) {
            step.run();
            effects = gate.settle();
            if (gate.isDeserted()) {
                gates.remove(gate.server(), gate);
            }
        }
        effects.forEach(Runnable::run);
    }

    Ticker ticker() {
        return ticker;
    }

    /** How long a server is left alone after it could not be reached. */
    Duration pause(int failures) {
        return ReconnectDelay.before(failures, random);
    }

    void later(ServerGate gate, Runnable step, Duration delay) {
        timers.schedule(() -> change(gate, step), delay);
    }
}

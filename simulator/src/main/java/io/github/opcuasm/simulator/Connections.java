package io.github.opcuasm.simulator;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a simulator over its starts, and the two states that hold for every one of them: frozen and
 * refusing. A gate registers first and looks at {@link #frozen()} then, a freeze sets the state first and goes
 * through the gates then: whichever comes second sees the other.
 */
final class Connections {
    private static final long PATIENCE_SECONDS = 10;

    private final Set<ConnectionGate> gates = ConcurrentHashMap.newKeySet();
    private volatile boolean frozen;
    private boolean refusing;
    private @Nullable Listener listener;

    boolean frozen() {
        return frozen;
    }

    int size() {
        return gates.size();
    }

    void opened(ConnectionGate gate) {
        gates.add(gate);
    }

    void closed(ConnectionGate gate) {
        gates.remove(gate);
    }

    void freeze() {
        frozen = true;
        followAll();
    }

    void thaw() {
        frozen = false;
        followAll();
    }

    synchronized void refuse() {
        refusing = true;
        if (listener != null) {
            listener.silence();
        }
    }

    synchronized void accept() {
        refusing = false;
        if (listener != null) {
            listener.listen();
        }
    }

    /** Ties the states to this listener, which accepts from now on unless connections are refused. */
    synchronized void serve(Listener started) {
        listener = started;
        if (refusing) {
            started.silence();
        } else {
            started.listen();
        }
    }

    /** Lets the listener go; the caller closes it. */
    synchronized void unserve() {
        listener = null;
    }

    int drop() {
        return closeAll(true);
    }

    int closeAll(boolean abruptly) {
        List<ConnectionGate> open = List.copyOf(gates);
        open.stream()
                .map(gate -> gate.closeNow(abruptly))
                .toList()
                .forEach(closing -> closing.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS));
        gates.removeAll(Set.copyOf(open));
        return open.size();
    }

    private void followAll() {
        gates.stream()
                .map(ConnectionGate::follow)
                .toList()
                .forEach(following -> following.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
}

package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the simulator has seen since it was built, over all its starts. Reading costs little and may happen at
 * any time. A number has changed before the client sees the answer that changed it.
 */
public final class Counters {
    private final LongAdder connections = new LongAdder();
    private final LongAdder handshakes = new LongAdder();
    private final LongAdder renewals = new LongAdder();
    private final LongAdder sessionsCreated = new LongAdder();
    private final LongAdder sessionsActivated = new LongAdder();
    private final LongAdder sessionsRefused = new LongAdder();
    private final LongAdder activationsRefused = new LongAdder();
    private final AtomicInteger handshakesAtOnce = new AtomicInteger();
    private final AtomicInteger mostHandshakesAtOnce = new AtomicInteger();
    private final AtomicInteger mostSessionsAtOnce = new AtomicInteger();
    private final AtomicReference<@Nullable Long> firstConnection = new AtomicReference<>();
    private final Map<Service, LongAdder> received = perService();
    private final Map<Service, LongAdder> served = perService();
    private final AuditEntryIds auditEntryIds = new AuditEntryIds();
    private final LongSupplier sessionsNow;
    private final LongSupplier connectionsNow;

    Counters(LongSupplier sessionsNow, LongSupplier connectionsNow) {
        this.sessionsNow = sessionsNow;
        this.connectionsNow = connectionsNow;
    }

    /** TCP connections accepted. */
    public long connections() {
        return connections.sum();
    }

    /**
     * When the first TCP connection since the last start was accepted, as {@link System#nanoTime()} had it; empty if none
     * was.
     */
    public OptionalLong firstConnection() {
        Long nanoTime = firstConnection.get();
        return nanoTime == null ? OptionalLong.empty() : OptionalLong.of(nanoTime);
    }

    /** TCP connections that are open now. */
    public long connectionsNow() {
        return connectionsNow.getAsLong();
    }

    /** Secure channels opened; renewing one is no new handshake. */
    public long handshakes() {
        return handshakes.sum();
    }

    /** Renewals of secure channels. */
    public long renewals() {
        return renewals.sum();
    }

    /** Sessions created. */
    public long sessionsCreated() {
        return sessionsCreated.sum();
    }

    /** Successful ActivateSession requests; a session may be activated more than once. */
    public long sessionsActivated() {
        return sessionsActivated.sum();
    }

    /** CreateSession requests that were answered with a ServiceFault. */
    public long sessionsRefused() {
        return sessionsRefused.sum();
    }

    /** ActivateSession requests that were answered with a ServiceFault, as with a wrong password. */
    public long activationsRefused() {
        return activationsRefused.sum();
    }

    /**
     * Handshakes under way now. One is from a connection's first OpenSecureChannel, CreateSession or ActivateSession
     * request to the answer of ActivateSession, to the refusal of CreateSession, to the answer of a discovery service,
     * or to the end of the connection, whichever comes first.
     */
    public int handshakesAtOnce() {
        return handshakesAtOnce.get();
    }

    /** The most that {@link #handshakesAtOnce()} has been since {@link #resetMostHandshakesAtOnce()}. */
    public int mostHandshakesAtOnce() {
        return mostHandshakesAtOnce.get();
    }

    /** Counts the most from now on. */
    public void resetMostHandshakesAtOnce() {
        mostHandshakesAtOnce.set(0);
        noteHandshakesAtOnce(handshakesAtOnce.get());
    }

    /**
     * The most sessions that existed at once since {@link #resetMostSessionsAtOnce()}, activated or not: one counts from
     * the moment its CreateSession is accepted to its end.
     */
    public int mostSessionsAtOnce() {
        return mostSessionsAtOnce.get();
    }

    /** Counts the most from the next session on. */
    public void resetMostSessionsAtOnce() {
        mostSessionsAtOnce.set(0);
    }

    /** Sessions that ended in any way: closed by the client, expired, forgotten or gone with a stop. */
    public long sessionsClosed() {
        return Math.max(0, sessionsCreated.sum() - sessionsNow.getAsLong());
    }

    /** Sessions that exist now, activated or not, with or without a connection. */
    public long sessionsNow() {
        return sessionsNow.getAsLong();
    }

    /** Requests of this service that arrived, whatever became of them. */
    public long received(Service service) {
        return sum(received, service);
    }

    /** Requests of this service that were handed to the server, so none that a fault holds or refuses. */
    public long served(Service service) {
        return sum(served, service);
    }

    /** Sum of {@link #served(Service)} over all services. */
    public long served() {
        return served.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** What the requests said about audit logs. */
    public AuditEntryIds auditEntryIds() {
        return auditEntryIds;
    }

    void countStart() {
        firstConnection.set(null);
    }

    void countSessionsAtOnce(int now) {
        mostSessionsAtOnce.accumulateAndGet(now, Math::max);
    }

    void countConnection() {
        connections.increment();
        firstConnection.compareAndSet(null, System.nanoTime());
    }

    void countHandshake() {
        handshakes.increment();
    }

    void countHandshakeBegun() {
        noteHandshakesAtOnce(handshakesAtOnce.incrementAndGet());
    }

    void countHandshakeEnded() {
        handshakesAtOnce.decrementAndGet();
    }

    private void noteHandshakesAtOnce(int now) {
        mostHandshakesAtOnce.accumulateAndGet(now, Math::max);
    }

    void countRefusedSession() {
        sessionsRefused.increment();
    }

    void countRefusedActivation() {
        activationsRefused.increment();
    }

    void countRenewal() {
        renewals.increment();
    }

    void countCreatedSession() {
        sessionsCreated.increment();
    }

    void countActivatedSession() {
        sessionsActivated.increment();
    }

    void countReceived(Service service) {
        count(received, service);
    }

    void countServed(Service service) {
        count(served, service);
    }

    private static Map<Service, LongAdder> perService() {
        Map<Service, LongAdder> counters = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            counters.put(service, new LongAdder());
        }
        return counters;
    }

    private static void count(Map<Service, LongAdder> counters, Service service) {
        requireNonNull(counters.get(service)).increment();
    }

    private static long sum(Map<Service, LongAdder> counters, Service service) {
        return requireNonNull(counters.get(service)).sum();
    }
}

package io.github.opcuasm.simulator;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.jspecify.annotations.Nullable;

/**
 * Faults on demand. All methods may be called from any thread at any time, also before the start; a fault holds
 * from the method's return until its {@link Fault} is closed and survives stop and start. A service has one fault
 * at a time: a new one undoes the one before it.
 */
public final class Faults {
    private final Map<Service, ServiceFault> services = new ConcurrentHashMap<>();
    private final Map<Service, CorruptionFault> corruptions = new ConcurrentHashMap<>();
    private final Connections connections;
    private final Supplier<@Nullable ServerRun> running;
    private final Set<HandshakeFault> handshakes = ConcurrentHashMap.newKeySet();
    private final SubscriptionFaults subscriptions;
    private volatile @Nullable String announcedAuthority;

    /**
     * Without any fault.
     *
     * @param running the server as it runs now, null while none does
     */
    Faults(Connections connections, Supplier<@Nullable ServerRun> running) {
        this.connections = connections;
        this.running = running;
        this.subscriptions = new SubscriptionFaults(() -> {
            ServerRun server = running.get();
            return server == null ? null : server.subscriptions();
        });
    }

    /** What goes wrong with subscriptions. */
    public SubscriptionFaults subscriptions() {
        return subscriptions;
    }

    /** Lets every request of this service wait before the server sees it; undoing ends the waits. No thread waits. */
    public Fault delay(Service service, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay is not negative, was " + delay);
        }
        return install(service, undo -> ServiceFault.delay(delay, undo));
    }

    /**
     * Leaves requests of this service unanswered and unexecuted. Undoing executes and answers those whose
     * connection still stands.
     */
    public Fault hang(Service service) {
        return install(service, ServiceFault::hang);
    }

    /** Executes requests of this service and keeps the answers back; undoing sends them. */
    public Fault withholdAnswers(Service service) {
        return install(service, ServiceFault::withholdAnswers);
    }

    /** Executes requests of this service and lets each answer wait; undoing ends the waits. No thread waits. */
    public Fault delayAnswers(Service service, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay is not negative, was " + delay);
        }
        return install(service, undo -> ServiceFault.delayAnswers(delay, undo));
    }

    /** Answers requests of this service with a ServiceFault of this status and does not execute them. */
    public Fault fail(Service service, StatusCode status) {
        return install(service, undo -> ServiceFault.fail(status, undo));
    }

    /** Answers requests of this service with a ServiceFault, see {@link #fail(Service, StatusCode)}. */
    public Fault fail(Service service, long statusCode) {
        return fail(service, new StatusCode(statusCode));
    }

    /**
     * Executes requests of this service and corrupts the next answer that has something to corrupt; a ServiceFault
     * has not. Takes the place of the service's corruption before it and goes beside its other fault.
     */
    public Fault corruptNextAnswer(Service service, Corruption corruption) {
        return corrupt(service, corruption, request -> true, 1);
    }

    /**
     * Corrupts the next answer to a request that names this node, so that keep-alive reads and
     * the like pass unharmed; else as {@link #corruptNextAnswer(Service, Corruption)}.
     */
    public Fault corruptNextAnswer(Service service, NodeId nodeId, Corruption corruption) {
        return corrupt(service, corruption, request -> Requests.name(request, nodeId), 1);
    }

    /** As {@link #corruptNextAnswer(Service, Corruption)}, but every answer until undone. */
    public Fault corruptAnswers(Service service, Corruption corruption) {
        return corrupt(service, corruption, request -> true, Integer.MAX_VALUE);
    }

    /** As {@link #corruptNextAnswer(Service, NodeId, Corruption)}, but every answer until undone. */
    public Fault corruptAnswers(Service service, NodeId nodeId, Corruption corruption) {
        return corrupt(service, corruption, request -> Requests.name(request, nodeId), Integer.MAX_VALUE);
    }

    /**
     * Stops reading and writing on every connection, those to come too, as a frozen process does: the operating
     * system still accepts connections and takes bytes. Undoing goes on where the connections stood.
     */
    public Fault freeze() {
        connections.freeze();
        return connections::thaw;
    }

    /** Refuses new connections (the port answers with a reset); those that exist go on. Undoing listens again. */
    public Fault refuseConnections() {
        connections.refuse();
        return connections::accept;
    }

    /**
     * Resets every TCP connection without a word and returns when they are closed. Their sessions live on until
     * their timeout. Clients may connect again at once.
     *
     * @return the number of connections dropped
     */
    public int dropConnections() {
        return connections.drop();
    }

    /**
     * Forgets every activated session and its subscriptions, while connections stay: their next request is
     * answered with Bad_SessionIdInvalid.
     */
    public void forgetSessions() {
        onServer(ServerRun::forgetSessions);
    }

    /**
     * Closes every activated session and its subscriptions, while connections stay, as an operator of the device does:
     * their next requests are answered with Bad_SessionClosed, ActivateSession among them.
     */
    public void closeSessions() {
        onServer(ServerRun::closeSessions);
    }

    /**
     * Takes every activated session away from its channel, as another client does that activates it on one of its own:
     * the next requests are answered with Bad_SecureChannelIdInvalid. The session lives on and can be activated on any
     * channel again.
     */
    public void replaceSessions() {
        onServer(ServerRun::replaceSessions);
    }

    /** See {@link SubscriptionFaults#dropAll()}. */
    public void dropSubscriptions() {
        subscriptions.dropAll();
    }

    /** See {@link SubscriptionFaults#refuseTransfers()}. */
    public Fault refuseTransfers() {
        return subscriptions.refuseTransfers();
    }

    /** Lets the server say this wrong thing in every answer; see {@link HandshakeFault}. */
    public Fault disturb(HandshakeFault fault) {
        handshakes.add(fault);
        return () -> handshakes.remove(fault);
    }

    /**
     * Announces every endpoint under this host and port, as a server behind a NAT does, while it is reached where it
     * always was.
     */
    public Fault announce(String host, int port) {
        announcedAuthority = host + ":" + port;
        return () -> announcedAuthority = null;
    }

    boolean holds(HandshakeFault fault) {
        return handshakes.contains(fault);
    }

    /** The URL as the server announces it. */
    @Nullable
    String announced(@Nullable String endpointUrl) {
        String authority = announcedAuthority;
        if (authority == null || endpointUrl == null) {
            return endpointUrl;
        }
        return "opc.tcp://" + authority + Simulator.PATH;
    }

    /** Undoes every fault that is in force. */
    public void clear() {
        for (Service service : Service.values()) {
            ServiceFault fault = services.get(service);
            if (fault != null) {
                fault.close();
            }
        }
        corruptions.clear();
        connections.thaw();
        connections.accept();
        subscriptions.clear();
        handshakes.clear();
        announcedAuthority = null;
    }

    @Nullable
    ServiceFault of(Service service) {
        return services.get(service);
    }

    @Nullable
    CorruptionFault corruptionOf(Service service) {
        return corruptions.get(service);
    }

    private void onServer(Consumer<ServerRun> change) {
        ServerRun server = running.get();
        if (server != null) {
            change.accept(server);
        }
    }

    private Fault corrupt(Service service, Corruption corruption, Predicate<UaRequestMessageType> about, int answers) {
        CorruptionFault fault =
                new CorruptionFault(corruption, about, answers, undone -> corruptions.remove(service, undone));
        corruptions.put(service, fault);
        return fault;
    }

    private Fault install(Service service, Function<Consumer<ServiceFault>, ServiceFault> create) {
        ServiceFault fault = create.apply(undone -> services.remove(service, undone));
        ServiceFault previous = services.put(service, fault);
        if (previous != null) {
            previous.close();
        }
        return fault;
    }
}

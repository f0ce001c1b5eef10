package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.protocol.CommandException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of the records that the last daemon left, by the configuration and the files of today.
 *
 * <p>A handle does not go on if it was idle for longer than the timeout, if its named connection is gone, if its files
 * cannot be used or its policy is not allowed any more, or if there are more than the daemon may have (then the most
 * recently used stay). What the daemon itself keeps open is never idle, and stays before others. One that was only ever
 * asked for by the name of its connection goes on with the config of today; where that has changed, one that was asked for
 * in other ways too ends, and one that was opened by a URL stays what it is. A handle goes on with its OPC UA session if
 * config and the contents of its files are those of before, else with a new one. Sessions that no handle goes on with are
 * left over. What names files that cannot be read in time stays in the store for the next start.
 *
 * <p>Every handle that does not go on is said in the log with the reason, and its record is gone; those that were idle are
 * only counted, because nobody missed them. A record that makes no sense is set aside. Wall clocks may go backwards: what lies in the future counts as now.
 */
final class RestorePlan {
    private static final Logger LOG = LoggerFactory.getLogger(RestorePlan.class);

    private final SessionMemory memory;
    private final SessionOrders orders;
    private final Function<String, AddressFilter> addresses;
    private final Map<String, NamedConnection> connections;
    private final List<RestorableHandle> handles = new ArrayList<>();
    private final List<LeftoverSession> leftovers = new ArrayList<>();

    /**
     * @param addresses the filter with this key, by the rules of today
     */
    RestorePlan(
            SessionMemory memory,
            SessionOrders orders,
            Function<String, AddressFilter> addresses,
            List<NamedConnection> connections) {
        this.memory = memory;
        this.orders = orders;
        this.addresses = addresses;
        this.connections = connections.stream().collect(Collectors.toMap(NamedConnection::name, Function.identity()));
    }

    /** Oldest first. */
    List<RestorableHandle> handles() {
        return handles;
    }

    List<LeftoverSession> leftovers() {
        return leftovers;
    }

    /** A handle that may go on, if its files can be read. */
    private record Candidate(RememberedHandle remembered, SessionOrigin today, boolean asBefore) {}

    /**
     * Makes the plan; reads files, for a bounded time.
     *
     * @param timeout after which an idle handle ends
     * @param maxHandles 0 = no limit
     */
    void make(List<StateRecord> records, Instant now, Duration timeout, int maxHandles) {
        Map<String, RememberedSession> sessions = new LinkedHashMap<>();
        List<RememberedHandle> remembered = new ArrayList<>();
        for (StateRecord record : records) {
            try {
                if (record.name().startsWith(RememberedHandle.KIND)) {
                    remembered.add(RememberedHandle.of(record));
                } else if (record.name().startsWith(RememberedSession.KIND)) {
                    sessions.put(record.name(), RememberedSession.of(record));
                } else {
                    throw new DamagedStateException("is of a kind that this version does not know");
                }
            } catch (DamagedStateException e) {
                memory.setAside(record.name(), String.valueOf(e.getMessage()));
            }
        }
        remembered.sort(Comparator.comparing(this::isKept)
                .thenComparing(RememberedHandle::lastUsed)
                .reversed());
        List<Candidate> candidates = new ArrayList<>();
        for (RememberedHandle handle : withoutIdle(remembered, now, timeout)) {
            try {
                Candidate candidate = judged(handle);
                requireRoom(candidates.size(), maxHandles);
                candidates.add(candidate);
            } catch (GoneException e) {
                drop(handle, e.reason);
            }
        }
        candidates.sort(
                Comparator.comparingLong(candidate -> candidate.remembered().sequence()));
        MaterialReading files = new MaterialReading(orders.loader());
        files.read(
                candidates.stream().map(candidate -> candidate.today().config()).toList());
        candidates.forEach(candidate -> plan(candidate, sessions, files));
        planLeftovers(sessions, files);
    }

    /** A handle cannot go on. */
    private static final class GoneException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String reason;

        GoneException(String reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /** Whether the daemon opened it for itself, and would again. */
    private boolean isKept(RememberedHandle handle) {
        NamedConnection named = handle.connection() == null ? null : connections.get(handle.connection());
        return handle.owner().equals(Caller.DAEMON) && named != null && named.autoConnect();
    }

    private List<RememberedHandle> withoutIdle(List<RememberedHandle> remembered, Instant now, Duration timeout) {
        List<RememberedHandle> used = new ArrayList<>();
        int idle = 0;
        for (RememberedHandle handle : remembered) {
            if (!isKept(handle) && !handle.lastUsed().plus(timeout).isAfter(now)) {
                idle++;
                memory.remove(handle.record());
            } else {
                used.add(handle);
            }
        }
        if (idle > 0) {
            LOG.info(
                    "{} not restored: {} not used for {} s",
                    idle == 1 ? "1 session is" : idle + " sessions are",
                    idle == 1 ? "it was" : "they were",
                    timeout.toSeconds());
        }
        return used;
    }

    private Candidate judged(RememberedHandle handle) throws GoneException {
        SessionOrigin today = today(handle);
        try {
            orders.requirePolicy(today.config());
        } catch (CommandException e) {
            throw new GoneException(e.messageText());
        }
        boolean asBefore = key(today).equals(key(handle.origin()));
        if (!asBefore && handle.askedFor() == AskedFor.BY_BOTH) {
            throw new GoneException("the connection " + handle.connection()
                    + " has changed, and not everybody asked for the session by that name");
        }
        return new Candidate(handle, today, asBefore);
    }

    /** Equal however a config is spelt. */
    private String key(SessionOrigin origin) {
        return orders.handleKey("", EndpointUrl.parse(origin.endpointUrl()), origin.config(), Materials.NONE);
    }

    private static void requireRoom(int taken, int maxHandles) throws GoneException {
        if (maxHandles > 0 && taken >= maxHandles) {
            throw new GoneException("there may be " + maxHandles + " sessions only, and others were used later");
        }
    }

    /** What the handle is opened with today. */
    private SessionOrigin today(RememberedHandle handle) throws GoneException {
        String connection = handle.connection();
        if (connection == null || handle.askedFor() == AskedFor.BY_URL) {
            return handle.origin();
        }
        NamedConnection named = connections.get(connection);
        if (named == null) {
            throw new GoneException("the connection " + connection + " is not in the configuration any more");
        }
        try {
            EndpointUrl url = EndpointUrl.parse(named.endpointUrl());
            return new SessionOrigin(
                    url.text(),
                    SessionConfig.parse(named.config()),
                    handle.origin().addressesKey());
        } catch (CommandException e) {
            throw new GoneException("the connection " + connection + " cannot be used any more");
        }
    }

    private void plan(Candidate candidate, Map<String, RememberedSession> sessions, MaterialReading files) {
        RememberedHandle handle = candidate.remembered();
        SessionOrigin today = candidate.today();
        Materials materials = files.of(today.config());
        if (materials == null) {
            if (files.areRefused(today.config())) {
                drop(handle, "the files that its config names cannot be used");
            } else {
                LOG.warn(
                        "Session {} to {} is not restored before the next start: the files that its config names cannot"
                                + " be read now",
                        handle.id(),
                        handle.origin().endpointUrl());
                sessions.remove(handle.session());
            }
            return;
        }
        RememberedSession left = sessions.get(handle.session());
        boolean goesOn = candidate.asBefore()
                && materials.fingerprint().equals(handle.materials())
                && left != null
                && left.origin().endpointUrl().equals(today.endpointUrl());
        if (!candidate.asBefore()) {
            LOG.info("The connection {} has changed: session {} is opened anew", handle.connection(), handle.id());
        }
        handles.add(new RestorableHandle(
                handle,
                EndpointUrl.parse(today.endpointUrl()),
                today,
                materials,
                addresses.apply(today.addressesKey()),
                isKept(handle),
                goesOn ? left : null));
    }

    private void planLeftovers(Map<String, RememberedSession> sessions, MaterialReading files) {
        Map<String, RememberedSession> unused = new LinkedHashMap<>(sessions);
        for (RestorableHandle handle : handles) {
            RememberedSession left = handle.left();
            if (left != null) {
                unused.remove(left.record());
            }
        }
        files.read(unused.values().stream().map(each -> each.origin().config()).toList());
        for (RememberedSession session : unused.values()) {
            SessionOrigin origin = session.origin();
            Materials materials = files.of(origin.config());
            if (materials == null) {
                if (files.areRefused(origin.config())) {
                    // Nobody can speak for it any more: its timeout ends it.
                    memory.remove(session.record());
                }
            } else {
                leftovers.add(new LeftoverSession(
                        session,
                        EndpointUrl.parse(origin.endpointUrl()),
                        materials,
                        addresses.apply(origin.addressesKey())));
            }
        }
    }

    private void drop(RememberedHandle handle, String reason) {
        LOG.warn(
                "Session {} to {} is not restored: {}",
                handle.id(),
                handle.origin().endpointUrl(),
                reason);
        memory.remove(handle.record());
    }
}

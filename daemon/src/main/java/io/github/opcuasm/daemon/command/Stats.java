package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.LatencyHistogram;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.ipc.IpcCounters;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionStatistics;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * {@code stats}: what the daemon did since its start and what it is doing (protocol, section 3). Sessions, handles and
 * subscriptions are those that the caller may use, as in {@code list}; with the scope {@code admin} all of them. What belongs to
 * no session is told to everybody.
 */
final class Stats {
    private static final int SESSION_WEIGHT = 512;
    private static final double NANOS = 1e9;

    private final HandleRegistry handles;
    private final SubscriptionRegistry subscriptions;
    private final IpcCounters counters;
    private final Authorization authorization;
    private final String version;

    Stats(
            HandleRegistry handles,
            SubscriptionRegistry subscriptions,
            IpcCounters counters,
            Authorization authorization,
            String version) {
        this.authorization = authorization;
        this.handles = handles;
        this.subscriptions = subscriptions;
        this.counters = counters;
        this.version = version;
    }

    CompletableFuture<Response> answer(Principal caller) {
        List<SessionHandle> told = authorization.isAdministrator(caller) ? handles.all() : handles.list(caller);
        Map<OpcUaSession, CompletableFuture<SessionStatistics>> asked = new HashMap<>();
        told.forEach(handle -> asked.computeIfAbsent(handle.session(), OpcUaSession::statistics));
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenCombine(subscriptions.standings(told), (done, standings) -> {
                    Map<OpcUaSession, SessionStatistics> sessions = new HashMap<>();
                    asked.forEach((session, statistics) -> sessions.put(session, statistics.join()));
                    int held = standings.values().stream().mapToInt(List::size).sum();
                    return answer(told, sessions, held);
                });
    }

    /** The numbers are those of this moment, not of when they are written: this answer is not among them. */
    private Response answer(
            List<SessionHandle> told, Map<OpcUaSession, SessionStatistics> sessions, int subscriptionsHeld) {
        double uptime = counters.uptime().toNanos() / NANOS;
        IpcCounters.Snapshot traffic = counters.snapshot();
        Map<ErrorType, Long> errors = counters.errors();
        LatencyHistogram.Snapshot latency = counters.latency();
        return new Response.Success(
                out -> {
                    out.startObject();
                    out.name("daemon");
                    out.startObject();
                    process(out, uptime);
                    traffic(out, traffic, errors);
                    out.name("subscriptions");
                    out.number(subscriptionsHeld);
                    out.name("sessions");
                    out.number(sessions.size());
                    out.name("handles");
                    out.number(told.size());
                    out.name("latency");
                    latency(out, latency);
                    out.endObject();
                    out.name("sessions");
                    out.elements(
                            told,
                            (o, handle) -> session(
                                    o, handle, sessions.getOrDefault(handle.session(), SessionStatistics.NONE)));
                    out.then(out::endObject);
                },
                (long) told.size() * SESSION_WEIGHT);
    }

    private void process(JsonOutput out, double uptime) throws IOException {
        Runtime runtime = Runtime.getRuntime();
        out.name("version");
        out.string(version);
        out.name("uptime");
        out.number(uptime);
        out.name("pid");
        out.number(ProcessHandle.current().pid());
        out.name("heapUsed");
        out.number(runtime.totalMemory() - runtime.freeMemory());
        out.name("heapMax");
        out.number(runtime.maxMemory());
    }

    private static void traffic(JsonOutput out, IpcCounters.Snapshot now, Map<ErrorType, Long> errors)
            throws IOException {
        out.name("connections");
        out.number(now.open());
        out.name("accepted");
        out.number(now.accepted());
        out.name("refused");
        out.number(now.refused());
        out.name("timedOut");
        out.number(now.timedOut());
        out.name("requests");
        out.number(now.frames());
        out.name("answers");
        out.number(now.answers());
        out.name("events");
        out.number(now.events());
        out.name("discarded");
        out.number(now.discarded());
        out.name("overloaded");
        out.number(now.overloaded());
        out.name("errors");
        out.startObject();
        for (Map.Entry<ErrorType, Long> error : errors.entrySet()) {
            out.name(error.getKey().wireName());
            out.number(error.getValue());
        }
        out.endObject();
        out.name("streams");
        out.number(now.streams());
    }

    private void session(JsonOutput out, SessionHandle handle, SessionStatistics statistics) throws IOException {
        out.startObject();
        out.name("sessionId");
        out.string(handle.id());
        out.name("endpointUrl");
        out.string(handle.endpointUrl());
        out.name("connection");
        out.string(handle.connection());
        out.name("state");
        out.string(handle.state().connectionState().wireName());
        out.name("holders");
        out.number(handles.holders(handle));
        out.name("requests");
        out.number(statistics.requests());
        out.name("errors");
        out.number(statistics.errors());
        out.name("underWay");
        out.number(statistics.underWay());
        out.name("queued");
        out.number(statistics.queued());
        out.name("reconnects");
        out.number(statistics.reconnects());
        out.name("latency");
        latency(out, statistics.latency());
        out.endObject();
    }

    private static void latency(JsonOutput out, LatencyHistogram.Snapshot latency) throws IOException {
        out.startObject();
        out.name("count");
        out.number(latency.count());
        percentile(out, "p50", latency, latency.p50());
        percentile(out, "p90", latency, latency.p90());
        percentile(out, "p99", latency, latency.p99());
        percentile(out, "p999", latency, latency.p999());
        percentile(out, "max", latency, latency.max());
        out.endObject();
    }

    private static void percentile(JsonOutput out, String name, LatencyHistogram.Snapshot latency, double milliseconds)
            throws IOException {
        out.name(name);
        if (latency.count() == 0) {
            out.nullValue();
        } else {
            out.number(milliseconds);
        }
    }
}

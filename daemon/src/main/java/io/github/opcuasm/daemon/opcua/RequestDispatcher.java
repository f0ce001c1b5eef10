package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one session, from their arrival to their end. They wait in a bounded queue that serves connections in
 * turn, and go to the channel only
 *
 * <ul>
 *   <li>while the session is active,
 *   <li>before their deadline,
 *   <li>while everything handed over before has reached the kernel, and
 *   <li>while fewer than {@value #MAX_UNDER_WAY} are under way.
 * </ul>
 *
 * <p>So a request whose deadline passes is either still here, and then was never sent, or in the server's hands. If bytes
 * of it are stuck in between, the channel is closed. A request that changes the plant is never repeated and never waits
 * for a lost session: it fails at once, saying whether it may have been carried out. Others wait within their deadline
 * and are repeated as often as their caller allows; once the server has refused to restore the session, all that wait or
 * come before it is asked again fail with that.
 *
 * <p>A request that names a namespace which the server did not tell of waits, within its deadline and beside the queue,
 * until the server was asked again ({@link NamespaceRefresh}); it has not been sent then.
 *
 * <p>Long polls ({@link ServiceCall#longPoll}) pass by the queue and its bound: they rest with the server, and would
 * otherwise keep others from it or be kept from it by them. There are at most {@value #MAX_LONG_POLLS}.
 *
 * <p>Confined to the session's event loop.
 */
final class RequestDispatcher {
    static final int MAX_QUEUED = 1024;
    static final int MAX_UNDER_WAY = 32;
    static final int MAX_LONG_POLLS = 32;

    private final EventLoop loop;
    private final Ticker ticker;
    private final String server;
    private final Supplier<SessionState> state;
    private final Outage outage;
    private final KeepAlive keepAlive;
    private final BiConsumer<SessionState.Active, UaException> onSessionLost;
    private final RequestQueue queue = new RequestQueue(MAX_QUEUED);
    private final Set<PendingRequest<?>> underWay = new LinkedHashSet<>(4);
    private final Deque<PendingRequest<?>> waitingPolls = new ArrayDeque<>(1);
    private final Set<PendingRequest<?>> restingPolls = new LinkedHashSet<>(2);
    private final Set<PendingRequest<?>> unresolved = new LinkedHashSet<>(0);
    private final NamespaceRefresh namespaces;
    private final SessionTraffic traffic = new SessionTraffic();
    private boolean heldBack;
    private long requestHandle;

    /** What is known of a lost session. */
    interface Outage {
        /** What is said while there is no connection. */
        String noConnection();

        /** What the server refused the session with, until it is asked again. */
        @Nullable
        CommandException refusal();
    }

    /**
     * @param server named in messages
     * @param outage what is known while there is no connection
     * @param onSessionLost told when the server answers that it does not know the session
     */
    RequestDispatcher(
            EventLoop loop,
            Ticker ticker,
            String server,
            Supplier<SessionState> state,
            Outage outage,
            KeepAlive keepAlive,
            NamespaceRefresh namespaces,
            BiConsumer<SessionState.Active, UaException> onSessionLost) {
        this.loop = loop;
        this.ticker = ticker;
        this.server = server;
        this.state = state;
        this.outage = outage;
        this.keepAlive = keepAlive;
        this.namespaces = namespaces;
        this.onSessionLost = onSessionLost;
    }

    /** Takes a request in, or fails it at once. */
    void accept(PendingRequest<?> request) {
        ServiceCall<?> call = request.call();
        traffic.accepted(call);
        request.future().whenComplete((answer, failure) -> {
            if (failure != null) {
                traffic.failed(call);
            }
        });
        long left = call.deadline() - ticker.read();
        CommandException refusal = outage.refusal();
        if (state.get() instanceof SessionState.Closed) {
            request.fail(closedError(outcome(request, Outcome.NOT_SENT)));
        } else if (left <= 0) {
            request.fail(OpcUaErrors.timeout(
                    "The deadline had passed before the request could be sent", outcome(request, Outcome.NOT_SENT)));
        } else if (refusal != null) {
            request.fail(refused(request, refusal));
        } else if (call.changesPlant() && state.get() != call.onlyOn()) {
            request.fail(OpcUaErrors.notActive(server));
        } else if (call.longPoll() && !(state.get() instanceof SessionState.Active)) {
            request.fail(OpcUaErrors.connection("There is " + outage.noConnection(), null, null));
        } else if (!offer(request)) {
            request.fail(new CommandException(
                    ErrorType.OVERLOADED,
                    "Not sent: " + MAX_QUEUED + " requests already wait for this session; try again later",
                    null,
                    outcome(request, Outcome.NOT_SENT),
                    null));
        } else {
            arm(request, left);
            pump();
        }
    }

    /** Hands over what may go. */
    void pump() {
        while (!heldBack
                && state.get() instanceof SessionState.Active active
                && active.channel().takesRequests()) {
            PendingRequest<?> request = next();
            if (request == null) {
                return;
            }
            long now = ticker.read();
            long left = request.call().deadline() - now;
            if (left <= 0) {
                request.fail(timedOut(request));
            } else {
                transmit(active, request, now, Math.max(1, left / 1_000_000));
            }
        }
    }

    /** Whether the server owes no answer. */
    boolean isIdle() {
        return underWay.isEmpty() && restingPolls.isEmpty();
    }

    /** The session was lost, and is active again. */
    void restored() {
        traffic.restored();
    }

    /** What became of the requests so far; long polls are left out. */
    SessionStatistics statistics() {
        return traffic.statistics(underWay.size(), queue.size() + unresolved.size());
    }

    /** Runs {@code action} before anything else goes out, whatever it submits itself. */
    void pumpAfter(Runnable action) {
        heldBack = true;
        try {
            action.run();
        } finally {
            heldBack = false;
        }
        pump();
    }

    private boolean offer(PendingRequest<?> request) {
        if (!request.call().longPoll()) {
            return queue.offer(request);
        }
        return waitingPolls.size() + restingPolls.size() < MAX_LONG_POLLS && waitingPolls.offer(request);
    }

    private @Nullable PendingRequest<?> next() {
        PendingRequest<?> poll = waitingPolls.poll();
        return poll != null ? poll : underWay.size() < MAX_UNDER_WAY ? queue.poll() : null;
    }

    /** The requests of its kind that are in the server's hands. */
    private Set<PendingRequest<?>> sent(PendingRequest<?> request) {
        return request.call().longPoll() ? restingPolls : underWay;
    }

    /** Drops a request that still waits. */
    void cancel(CompletableFuture<?> answer) {
        for (PendingRequest<?> request : takeWaiting(waiting -> waiting.future() == answer)) {
            request.fail(new CommandException(
                    ErrorType.CANCELLED,
                    "Cancelled before it was sent",
                    null,
                    outcome(request, Outcome.NOT_SENT),
                    null));
        }
    }

    /** The session is not active now: what changes the plant does not wait for it, and long polls do not. */
    void failWaitingChanges() {
        drainWaitingPolls()
                .forEach(poll ->
                        poll.fail(OpcUaErrors.connection("The connection to " + server + " was lost", null, null)));
        for (PendingRequest<?> request : takeWaiting(waiting -> waiting.call().changesPlant())) {
            request.fail(OpcUaErrors.connection("The connection to " + server + " was lost", Outcome.NOT_SENT, null));
        }
    }

    /** The server refused to restore the session: nobody waits for the next attempt to hear the same. */
    void failRefused(CommandException refusal) {
        takeWaiting(waiting -> true).forEach(request -> request.fail(refused(request, refusal)));
    }

    private static CommandException refused(PendingRequest<?> request, CommandException refusal) {
        return request.call().changesPlant() ? refusal.withOutcome(Outcome.NOT_SENT) : refusal;
    }

    /** The session is over. */
    void failAll() {
        for (PendingRequest<?> request : takeWaiting(waiting -> true)) {
            request.fail(closedError(outcome(request, Outcome.NOT_SENT)));
        }
        List<PendingRequest<?>> sent = new ArrayList<>(underWay);
        sent.addAll(restingPolls);
        sent.addAll(drainWaitingPolls());
        underWay.clear();
        restingPolls.clear();
        for (PendingRequest<?> request : sent) {
            request.fail(closedError(outcome(request, Outcome.UNKNOWN)));
        }
    }

    /** Takes out what was not sent, long polls aside. */
    private List<PendingRequest<?>> takeWaiting(Predicate<PendingRequest<?>> condition) {
        List<PendingRequest<?>> taken = queue.removeIf(condition);
        unresolved.stream().filter(condition).forEach(taken::add);
        taken.forEach(unresolved::remove);
        return taken;
    }

    private List<PendingRequest<?>> drainWaitingPolls() {
        List<PendingRequest<?>> drained = List.copyOf(waitingPolls);
        waitingPolls.clear();
        return drained;
    }

    RequestHeader header(EstablishedSession session, long timeoutMs) {
        return header(session, timeoutMs, null);
    }

    private RequestHeader header(EstablishedSession session, long timeoutMs, @Nullable String auditEntryId) {
        requestHandle = (requestHandle + 1) & 0xFFFF_FFFFL;
        return new RequestHeader(
                session.authenticationToken(),
                DateTime.now(),
                uint(requestHandle),
                uint(0),
                auditEntryId,
                uint(Math.min(timeoutMs, 0xFFFF_FFFFL)),
                null);
    }

    static CommandException closedError(@Nullable Outcome outcome) {
        return OpcUaErrors.connection("The session was closed", outcome, null);
    }

    private void transmit(SessionState.Active active, PendingRequest<?> request, long now, long leftMs) {
        UaRequestMessageType message;
        try {
            ServiceCall<?> call = request.call();
            message = call.message().apply(header(active.session(), leftMs, call.auditEntryId()));
        } catch (RuntimeException e) {
            if (!isUnresolved(e) || !resolveLater(request, e)) {
                request.fail(e);
            }
            return;
        }
        sent(request).add(request);
        request.sentOn(active.channel(), active.channel().send(message, new Reply(active, request, now)));
    }

    /** A node id in a namespace that this session does not have, say. */
    private static boolean isUnresolved(RuntimeException failure) {
        return failure instanceof CommandException error && error.type() == ErrorType.INVALID_NODE_ID;
    }

    /** False if asking the server for its namespaces again is no use now. */
    private boolean resolveLater(PendingRequest<?> request, RuntimeException failure) {
        CompletableFuture<Boolean> answer = unresolved.size() < MAX_QUEUED ? namespaces.ask() : null;
        if (answer == null) {
            return false;
        }
        unresolved.add(request);
        answer.thenAccept(worthIt -> {
            if (!unresolved.remove(request)) {
                return;
            }
            if (worthIt) {
                queue.putBack(request);
                pump();
            } else {
                request.fail(failure);
            }
        });
        return true;
    }

    private void arm(PendingRequest<?> request, long nanos) {
        request.armDeadline(loop.schedule(() -> deadline(request), nanos, TimeUnit.NANOSECONDS));
    }

    private void deadline(PendingRequest<?> request) {
        if (request.future().isDone()) {
            return;
        }
        long left = request.call().deadline() - ticker.read();
        if (left > 0) {
            arm(request, left);
            return;
        }
        CommandException error = timedOut(request);
        if (sent(request).remove(request)) {
            request.forsake();
        } else if (!waitingPolls.remove(request) && !unresolved.remove(request)) {
            queue.remove(request);
        }
        request.fail(error);
        pump();
    }

    private CommandException timedOut(PendingRequest<?> request) {
        boolean sent = sent(request).contains(request);
        String where = sent
                ? "no answer from " + server
                : state.get() instanceof SessionState.Active
                        ? "it was waiting for its turn at " + server
                        : outage.noConnection();
        return OpcUaErrors.timeout("Timed out: " + where, outcome(request, sent ? Outcome.UNKNOWN : Outcome.NOT_SENT));
    }

    /** Only requests that change the plant have an outcome. */
    private static @Nullable Outcome outcome(PendingRequest<?> request, Outcome outcome) {
        return request.call().changesPlant() ? outcome : null;
    }

    /** What becomes of one request that is under way. */
    private final class Reply implements UascChannel.Listener {
        private final SessionState.Active sentOn;
        private final PendingRequest<?> request;
        private final long sentAt;

        Reply(SessionState.Active sentOn, PendingRequest<?> request, long sentAt) {
            this.sentOn = sentOn;
            this.request = request;
            this.sentAt = sentAt;
        }

        @Override
        public void onResponse(UaResponseMessageType response) {
            answered();
            sent(request).remove(request);
            request.complete(response);
            pump();
        }

        @Override
        public void onFault(UaException fault) {
            answered();
            sent(request).remove(request);
            long code = fault.getStatusCode().getValue();
            if (OpcUaErrors.isSessionLost(fault)) {
                // First, so that a repetition waits for the session instead of meeting the same fault again.
                onSessionLost.accept(sentOn, fault);
                repeatOrFail(
                        OpcUaErrors.outcomeOf(fault),
                        "The server no longer knows the session: " + OpcUaErrors.describe(code),
                        fault);
            } else {
                fail(OpcUaErrors.service("The server answered", code), Outcome.UNKNOWN);
            }
        }

        @Override
        public void onNotSent(UaException cause) {
            sent(request).remove(request);
            long code = cause.getStatusCode().getValue();
            fail(OpcUaErrors.service("The request could not be encoded", code), Outcome.NOT_SENT);
        }

        @Override
        public void onClosed(UaException cause) {
            if (sent(request).remove(request)) {
                repeatOrFail(
                        Outcome.UNKNOWN, "The connection to " + server + " was lost before the answer came", cause);
            }
        }

        private void answered() {
            keepAlive.answered();
            traffic.answered(request.call(), ticker.read() - sentAt);
        }

        private void fail(CommandException error, Outcome outcome) {
            request.fail(request.call().changesPlant() ? error.withOutcome(outcome) : error);
            pump();
        }

        private void repeatOrFail(Outcome outcome, String message, UaException cause) {
            if (!(state.get() instanceof SessionState.Closed) && request.takeRetry()) {
                queue.putBack(request);
                pump();
            } else {
                request.fail(OpcUaErrors.connection(message, outcome(request, outcome), cause));
            }
        }
    }
}

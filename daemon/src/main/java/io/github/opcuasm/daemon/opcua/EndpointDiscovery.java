package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsResponse;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server for its endpoints (GetEndpoints; Part 4, 5.5.4), on a channel of its own without security and without a
 * session, as clients do before they choose an endpoint.
 *
 * <p>All who ask one URL at a time share one attempt, which goes on for as long as the first of them would wait. Who joined
 * it and could wait longer than that asks again; nobody waits beyond a deadline of his own. Attempts are bounded: beyond
 * {@value #MAX_ATTEMPTS} at a time they are refused. Thread-safe.
 */
public final class EndpointDiscovery {
    static final int MAX_ATTEMPTS = 256;

    private final OpcUaTransport transport;
    private final Map<Question, CompletableFuture<List<EndpointDescription>>> attempts = new HashMap<>();

    /** What is asked; those who ask the same may share the answer. */
    private record Question(EndpointUrl url, AddressFilter addresses) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Question that
                    && url.text().equals(that.url.text())
                    && addresses.key().equals(that.addresses.key());
        }

        @Override
        public int hashCode() {
            return url.text().hashCode();
        }
    }

    public EndpointDiscovery(OpcUaTransport transport) {
        this.transport = transport;
    }

    /**
     * The endpoints as the protocol has them, in the server's order.
     *
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     * @return fails with {@code ConnectionException} if there is no answer in time, {@code ServiceException} if the server
     *     refuses, {@code access_denied} if it may not be asked, {@code overloaded} if too many servers are being asked
     */
    public CompletableFuture<List<io.github.opcuasm.protocol.type.EndpointDescription>> endpoints(
            EndpointUrl url, long deadline, AddressFilter addresses) {
        return discover(url, deadline, addresses).thenApply(EndpointMapping::toWire);
    }

    /** As {@link #endpoints}, as the server sent them. */
    CompletableFuture<List<EndpointDescription>> discover(EndpointUrl url, long deadline, AddressFilter addresses) {
        Question question = new Question(url, addresses);
        long left = deadline - transport.ticker().read();
        if (left <= 0) {
            return CompletableFuture.failedFuture(timedOut(url));
        }
        CompletableFuture<List<EndpointDescription>> attempt;
        boolean mine;
        synchronized (attempts) {
            CompletableFuture<List<EndpointDescription>> underWay = attempts.get(question);
            mine = underWay == null;
            if (mine && attempts.size() >= MAX_ATTEMPTS) {
                return CompletableFuture.failedFuture(new CommandException(
                        ErrorType.OVERLOADED,
                        "Nothing was sent: " + MAX_ATTEMPTS + " servers are being asked already; try again later"));
            }
            attempt = underWay == null ? new CompletableFuture<>() : underWay;
            if (mine) {
                attempts.put(question, attempt);
            }
        }
        if (mine) {
            begin(question, Duration.ofNanos(left), attempt);
            return attempt.copy();
        }
        return joined(question, deadline, left, attempt);
    }

    private CompletableFuture<List<EndpointDescription>> joined(
            Question question, long deadline, long left, CompletableFuture<List<EndpointDescription>> attempt) {
        EndpointUrl url = question.url();
        CompletableFuture<List<EndpointDescription>> answer = new CompletableFuture<>();
        var timer = transport
                .nextLoop()
                .schedule(() -> answer.completeExceptionally(timedOut(url)), left, TimeUnit.NANOSECONDS);
        attempt.whenComplete((endpoints, failure) -> {
            timer.cancel(false);
            if (failure == null) {
                answer.complete(endpoints);
            } else if (isTimeout(failure) && !answer.isDone()) {
                discover(url, deadline, question.addresses()).whenComplete((found, trouble) -> {
                    if (trouble == null) {
                        answer.complete(found);
                    } else {
                        answer.completeExceptionally(OpcUaErrors.unwrap(trouble));
                    }
                });
            } else {
                answer.completeExceptionally(OpcUaErrors.unwrap(failure));
            }
        });
        return answer;
    }

    private void begin(Question question, Duration timeout, CompletableFuture<List<EndpointDescription>> attempt) {
        EndpointUrl url = question.url();
        EventLoop loop = transport.nextLoop();
        UascChannel channel = new UascChannel(transport, loop, () -> {});
        loop.execute(() -> {
            var timer = loop.schedule(
                    () -> {
                        end(question, attempt, null, timedOut(url));
                        channel.abort(new UaException(StatusCodes.Bad_Timeout, "GetEndpoints took too long"));
                    },
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            channel.open(ChannelSettings.plain(url, timeout, question.addresses()))
                    .thenCompose(open -> new ChannelCalls(loop, timeout)
                            .call(
                                    open,
                                    NodeId.NULL_VALUE,
                                    GetEndpointsResponse.class,
                                    header ->
                                            new GetEndpointsRequest(header, url.text(), new String[0], new String[0])))
                    .thenApply(EndpointDiscovery::offered)
                    .whenComplete((endpoints, failure) -> {
                        timer.cancel(false);
                        channel.close();
                        end(question, attempt, endpoints, failure == null ? null : error(url, failure));
                    });
        });
    }

    /** Ends an attempt, once: first nobody can join it any more, then those who did learn of it. */
    private void end(
            Question question,
            CompletableFuture<List<EndpointDescription>> attempt,
            @Nullable List<EndpointDescription> endpoints,
            @Nullable Throwable failure) {
        synchronized (attempts) {
            attempts.remove(question, attempt);
        }
        if (failure != null) {
            attempt.completeExceptionally(failure);
        } else {
            attempt.complete(endpoints == null ? List.of() : endpoints);
        }
    }

    private static List<EndpointDescription> offered(GetEndpointsResponse response) {
        EndpointDescription[] endpoints = response.getEndpoints();
        return endpoints == null
                ? List.of()
                : Arrays.stream(endpoints).filter(Objects::nonNull).toList();
    }

    private static CommandException error(EndpointUrl url, Throwable failure) {
        Throwable cause = OpcUaErrors.unwrap(failure);
        return cause instanceof UaServiceFaultException fault
                ? OpcUaErrors.service(
                        "The server refused to tell its endpoints",
                        fault.getStatusCode().getValue())
                : OpcUaErrors.handshake(url, cause);
    }

    private static CommandException timedOut(EndpointUrl url) {
        return OpcUaErrors.timeout("Timed out: no answer from " + url.server(), null);
    }

    private static boolean isTimeout(Throwable failure) {
        return OpcUaErrors.unwrap(failure) instanceof CommandException command
                && Long.valueOf(StatusCodes.Bad_Timeout).equals(command.statusCode());
    }
}

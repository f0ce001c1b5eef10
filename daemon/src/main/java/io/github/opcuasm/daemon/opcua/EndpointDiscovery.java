package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
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
    static final int MAX_ATTEMPTS = 64;

    private final OpcUaTransport transport;
    private final Map<String, CompletableFuture<List<EndpointDescription>>> attempts = new HashMap<>();

    public EndpointDiscovery(OpcUaTransport transport) {
        this.transport = transport;
    }

    /**
     * The endpoints, in the server's order.
     *
     * @param deadline the ticker's nanoseconds
     * @return fails with {@code ConnectionException} if there is no answer in time, {@code ServiceException} if the server
     *     refuses, {@code overloaded} if too many servers are being asked
     */
    public CompletableFuture<List<EndpointDescription>> endpoints(EndpointUrl url, long deadline) {
        long left = deadline - transport.ticker().read();
        if (left <= 0) {
            return CompletableFuture.failedFuture(timedOut(url));
        }
        CompletableFuture<List<EndpointDescription>> attempt;
        boolean mine;
        synchronized (attempts) {
            CompletableFuture<List<EndpointDescription>> underWay = attempts.get(url.text());
            mine = underWay == null;
            if (mine && attempts.size() >= MAX_ATTEMPTS) {
                return CompletableFuture.failedFuture(new CommandException(
                        ErrorType.OVERLOADED,
                        "Nothing was sent: " + MAX_ATTEMPTS + " servers are being asked already; try again later"));
            }
            attempt = underWay == null ? new CompletableFuture<>() : underWay;
            if (mine) {
                attempts.put(url.text(), attempt);
            }
        }
        if (mine) {
            begin(url, Duration.ofNanos(left), attempt);
            return attempt.copy();
        }
        return joined(url, deadline, left, attempt);
    }

    private CompletableFuture<List<EndpointDescription>> joined(
            EndpointUrl url, long deadline, long left, CompletableFuture<List<EndpointDescription>> attempt) {
        CompletableFuture<List<EndpointDescription>> answer = new CompletableFuture<>();
        var timer = transport
                .nextLoop()
                .schedule(() -> answer.completeExceptionally(timedOut(url)), left, TimeUnit.NANOSECONDS);
        attempt.whenComplete((endpoints, failure) -> {
            timer.cancel(false);
            if (failure == null) {
                answer.complete(endpoints);
            } else if (isTimeout(failure) && !answer.isDone()) {
                endpoints(url, deadline).whenComplete((found, trouble) -> {
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

    private void begin(EndpointUrl url, Duration timeout, CompletableFuture<List<EndpointDescription>> attempt) {
        EventLoop loop = transport.nextLoop();
        UascChannel channel = new UascChannel(transport, loop, () -> {});
        loop.execute(() -> {
            var timer = loop.schedule(
                    () -> {
                        end(url, attempt, null, timedOut(url));
                        channel.abort(new UaException(StatusCodes.Bad_Timeout, "GetEndpoints took too long"));
                    },
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            channel.open(ChannelSettings.plain(url, timeout, AddressFilter.ALL))
                    .thenCompose(open -> ask(open, url, timeout))
                    .thenApply(EndpointDiscovery::toWire)
                    .whenComplete((endpoints, failure) -> {
                        timer.cancel(false);
                        channel.close();
                        end(url, attempt, endpoints, failure == null ? null : error(url, failure));
                    });
        });
    }

    /** Ends an attempt, once: first nobody can join it any more, then those who did learn of it. */
    private void end(
            EndpointUrl url,
            CompletableFuture<List<EndpointDescription>> attempt,
            @Nullable List<EndpointDescription> endpoints,
            @Nullable Throwable failure) {
        synchronized (attempts) {
            attempts.remove(url.text(), attempt);
        }
        if (failure != null) {
            attempt.completeExceptionally(failure);
        } else {
            attempt.complete(endpoints == null ? List.of() : endpoints);
        }
    }

    private static CompletableFuture<GetEndpointsResponse> ask(UascChannel channel, EndpointUrl url, Duration timeout) {
        CompletableFuture<GetEndpointsResponse> answer = new CompletableFuture<>();
        RequestHeader header = new RequestHeader(
                NodeId.NULL_VALUE,
                DateTime.now(),
                uint(1),
                uint(0),
                null,
                uint(Math.max(1, Math.min(timeout.toMillis(), 0xFFFF_FFFFL))),
                null);
        channel.send(
                new GetEndpointsRequest(header, url.text(), new String[0], new String[0]),
                new SessionHandshake.Answer<>(GetEndpointsResponse.class, answer));
        return answer;
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

    private static List<EndpointDescription> toWire(GetEndpointsResponse response) {
        var endpoints = response.getEndpoints();
        List<EndpointDescription> found = new ArrayList<>(endpoints == null ? 0 : endpoints.length);
        if (endpoints != null) {
            for (var endpoint : endpoints) {
                found.add(toWire(endpoint));
            }
        }
        return found;
    }

    private static EndpointDescription toWire(
            org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription endpoint) {
        ByteString certificate = endpoint.getServerCertificate();
        byte[] der = certificate == null ? null : certificate.bytes();
        var mode = endpoint.getSecurityMode();
        var level = endpoint.getSecurityLevel();
        var tokens = endpoint.getUserIdentityTokens();
        List<UserTokenPolicy> policies = new ArrayList<>(tokens == null ? 0 : tokens.length);
        if (tokens != null) {
            for (var token : tokens) {
                var type = token.getTokenType();
                policies.add(new UserTokenPolicy(
                        token.getPolicyId(),
                        type == null ? 0 : type.getValue(),
                        token.getIssuedTokenType(),
                        token.getIssuerEndpointUrl(),
                        token.getSecurityPolicyUri()));
            }
        }
        return new EndpointDescription(
                endpoint.getEndpointUrl(),
                der == null ? null : io.github.opcuasm.protocol.type.ByteString.copyOf(der),
                mode == null ? 0 : mode.getValue(),
                endpoint.getSecurityPolicyUri(),
                level == null ? 0 : level.intValue(),
                endpoint.getTransportProfileUri(),
                policies);
    }
}

package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers one question of the Discovery service set (Part 4, 5.5), on a channel of its own without security and
 * without a session, as clients do before they choose an endpoint.
 *
 * <p>All who ask one URL at a time share one attempt, which goes on for as long as the first of them would wait. Who joined
 * it and could wait longer than that asks again; nobody waits beyond a deadline of his own. Attempts are bounded: beyond
 * {@value #MAX_ATTEMPTS} at a time they are refused. Thread-safe.
 */
final class DiscoveryAttempts<T> {
    static final int MAX_ATTEMPTS = 256;

    private final OpcUaTransport transport;
    private final Service<T> service;
    private final Map<Question, CompletableFuture<List<T>>> attempts = new HashMap<>();

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

    /** One service of the set: how it is asked. */
    @FunctionalInterface
    interface Service<T> {
        /** Sends the request on an open channel; the answer's elements, of which none is null. */
        CompletableFuture<List<T>> ask(ChannelCalls calls, UascChannel channel, EndpointUrl url);
    }

    DiscoveryAttempts(OpcUaTransport transport, Service<T> service) {
        this.transport = transport;
        this.service = service;
    }

    /**
     * What the server at this URL answers.
     *
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     */
    CompletableFuture<List<T>> discover(EndpointUrl url, long deadline, AddressFilter addresses) {
        Question question = new Question(url, addresses);
        long left = deadline - transport.ticker().read();
        if (left <= 0) {
            return CompletableFuture.failedFuture(timedOut(url));
        }
        CompletableFuture<List<T>> attempt;
        boolean mine;
        synchronized (attempts) {
            CompletableFuture<List<T>> underWay = attempts.get(question);
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

    private CompletableFuture<List<T>> joined(
            Question question, long deadline, long left, CompletableFuture<List<T>> attempt) {
        EndpointUrl url = question.url();
        CompletableFuture<List<T>> answer = new CompletableFuture<>();
        var timer = transport
                .nextLoop()
                .schedule(() -> answer.completeExceptionally(timedOut(url)), left, TimeUnit.NANOSECONDS);
        attempt.whenComplete((found, failure) -> {
            timer.cancel(false);
            if (failure == null) {
                answer.complete(found);
            } else if (isTimeout(failure) && !answer.isDone()) {
                discover(url, deadline, question.addresses()).whenComplete((later, trouble) -> {
                    if (trouble == null) {
                        answer.complete(later);
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

    private void begin(Question question, Duration timeout, CompletableFuture<List<T>> attempt) {
        EndpointUrl url = question.url();
        EventLoop loop = transport.nextLoop();
        UascChannel channel = new UascChannel(transport, loop, () -> {});
        loop.execute(() -> {
            var timer = loop.schedule(
                    () -> {
                        end(question, attempt, null, timedOut(url));
                        channel.abort(new UaException(StatusCodes.Bad_Timeout, "the answer took too long"));
                    },
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
            channel.open(ChannelSettings.plain(url, timeout, question.addresses()))
                    .thenCompose(open -> service.ask(new ChannelCalls(loop, timeout), open, url))
                    .whenComplete((found, failure) -> {
                        timer.cancel(false);
                        channel.close();
                        end(question, attempt, found, failure == null ? null : error(url, failure));
                    });
        });
    }

    /** Ends an attempt, once: first nobody can join it any more, then those who did learn of it. */
    private void end(
            Question question,
            CompletableFuture<List<T>> attempt,
            @Nullable List<T> found,
            @Nullable Throwable failure) {
        synchronized (attempts) {
            attempts.remove(question, attempt);
        }
        if (failure != null) {
            attempt.completeExceptionally(failure);
        } else {
            attempt.complete(found == null ? List.of() : found);
        }
    }

    private static CommandException error(EndpointUrl url, Throwable failure) {
        Throwable cause = OpcUaErrors.unwrap(failure);
        return cause instanceof UaServiceFaultException fault
                ? OpcUaErrors.service(
                        "The server refused to tell", fault.getStatusCode().getValue())
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

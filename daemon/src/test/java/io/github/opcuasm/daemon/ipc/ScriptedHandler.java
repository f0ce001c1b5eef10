package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.netty.channel.EventLoop;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands where the commands stand: {@code ping} is answered at once, {@code hold} and {@code stream} by the test, {@code big} with as many
 * numbers as {@code count} says.
 */
final class ScriptedHandler implements RequestHandler {
    final BlockingQueue<Exchange> held = new LinkedBlockingQueue<>();
    final AtomicInteger abandoned = new AtomicInteger();
    final AtomicInteger handled = new AtomicInteger();
    final Map<String, Boolean> loopThreads = new ConcurrentHashMap<>();

    @Override
    public void handle(Request request, Exchange exchange) {
        handled.incrementAndGet();
        loopThreads.put("in loop", ThreadExecutorMap.currentExecutor() instanceof EventLoop);
        String command = request.get("command") instanceof JsonValue.Str text ? text.value() : "";
        if (exchange.peer().isDaemonOverloaded()) {
            exchange.respond(Response.failure(ErrorType.OVERLOADED, "too much is undelivered"));
            return;
        }
        try {
            carryOut(command, request, exchange);
        } catch (CommandException refused) {
            exchange.respond(new Response.Failure(refused));
        }
    }

    private void carryOut(String command, Request request, Exchange exchange) {
        switch (command) {
            case "ping" -> exchange.respond(Response.success(out -> out.string("pong")));
            case "who" ->
                exchange.respond(Response.success(out -> out.string(
                        exchange.peer().isUnidentified()
                                ? "unidentified"
                                : exchange.peer().user())));
            case "hold" -> {
                exchange.onAbandoned(abandoned::incrementAndGet);
                held.add(exchange);
            }
            case "stream" -> {
                exchange.willStream();
                exchange.onAbandoned(abandoned::incrementAndGet);
                held.add(exchange);
            }
            case "end" ->
                exchange.respond(
                        exchange.peer()
                                        .endStream(
                                                JsonReader.requestId(
                                                        Objects.requireNonNull(request.get("target")), "target"),
                                                null)
                                ? Response.success(JsonBody.NULL)
                                : Response.failure(ErrorType.INVALID_ARGUMENT, "no such stream"));
            case "big" -> {
                int count = request.get("count") instanceof JsonValue.Num number
                        ? number.decimal().intValue()
                        : 0;
                List<Integer> numbers = Collections.nCopies(count, 1234567);
                exchange.respond(new Response.Success(
                        out -> out.elements(numbers, (element, value) -> element.number((long) value)), 1000));
            }
            case "broken" -> exchange.respond(Response.success(broken()));
            case "broken late" -> exchange.respond(Response.success(brokenAfter(100_000)));
            case "unauthorised" ->
                exchange.respond(Response.failure(ErrorType.AUTH_FAILED, "Invalid or missing auth token"));
            case "refused" -> exchange.respond(Response.failure(ErrorType.SESSION_NOT_FOUND, "Session not found: x"));
            default -> throw new IllegalStateException("a secret detail");
        }
    }

    Exchange nextHeld() throws InterruptedException {
        Exchange exchange = held.poll(20, TimeUnit.SECONDS);
        if (exchange == null) {
            throw new AssertionError("no request came");
        }
        return exchange;
    }

    private static JsonBody brokenAfter(int elements) {
        return out -> {
            out.elements(Collections.nCopies(elements, 1234567L), JsonOutput::number);
            out.then(() -> {
                throw new IllegalStateException("another secret detail");
            });
        };
    }

    private static JsonBody broken() {
        return out -> {
            out.startObject();
            throw new IllegalStateException("another secret detail");
        };
    }
}

package io.github.opcuasm.simulator;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;

/**
 * Whether a handshake is under way on one connection, see {@link Counters#handshakesAtOnce()}.
 *
 * <p>It begins where its request is decoded, on the event loop, and ends before its answer is written: a client that
 * waits for one answer before it sends the next request is never seen with two handshakes. An end may come from any
 * thread and more than once.
 */
final class Handshake {
    private final Counters counters;
    private final AtomicBoolean underWay = new AtomicBoolean();

    Handshake(Counters counters) {
        this.counters = counters;
    }

    void begin() {
        if (underWay.compareAndSet(false, true)) {
            counters.countHandshakeBegun();
        }
    }

    void end() {
        if (underWay.compareAndSet(true, false)) {
            counters.countHandshakeEnded();
        }
    }

    /** Takes note of a request and, when it comes, of its answer. */
    CompletableFuture<UaResponseMessageType> follow(Service service, CompletableFuture<UaResponseMessageType> answer) {
        return switch (service) {
            case FIND_SERVERS, GET_ENDPOINTS -> answer.whenComplete((response, failure) -> end());
            case CREATE_SESSION -> {
                begin();
                yield answer.whenComplete((response, failure) -> {
                    if (failure != null) {
                        counters.countRefusedSession();
                        end();
                    }
                });
            }
            case ACTIVATE_SESSION -> {
                begin();
                yield answer.whenComplete((response, failure) -> {
                    if (failure != null) {
                        counters.countRefusedActivation();
                    }
                    end();
                });
            }
            default -> answer;
        };
    }
}

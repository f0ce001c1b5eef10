package io.github.opcuasm.simulator;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the requests of one service while a fault is in force.
 *
 * <p>What a fault holds waits on a future of its own, never on a thread; the future ends by its timer or by the
 * undoing. Past {@link #MAX_HELD} of them the future never ends, and the client never hears. A request whose
 * connection is gone when its wait ends is dropped: a write that its caller has given up by leaving must not
 * happen when a hang is over.
 */
abstract class ServiceFault implements Fault {
    static final int MAX_HELD = 10_000;

    private final Set<Hold> holds = new HashSet<>();
    private final Consumer<ServiceFault> undo;
    private boolean undone;

    private ServiceFault(Consumer<ServiceFault> undo) {
        this.undo = undo;
    }

    /**
     * Answers one request under this fault.
     *
     * @param execute hands the request to the server
     */
    abstract CompletableFuture<UaResponseMessageType> apply(
            Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute);

    /** Every request waits this long before the server sees it. */
    static ServiceFault delay(Duration delay, Consumer<ServiceFault> undo) {
        return new ServiceFault(undo) {
            @Override
            CompletableFuture<UaResponseMessageType> apply(
                    Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
                Hold hold = hold();
                hold.endAfter(delay);
                return executed(hold, channel, execute);
            }
        };
    }

    /** Every request waits, unseen by the server, until the fault is undone. */
    static ServiceFault hang(Consumer<ServiceFault> undo) {
        return new ServiceFault(undo) {
            @Override
            CompletableFuture<UaResponseMessageType> apply(
                    Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
                return executed(hold(), channel, execute);
            }
        };
    }

    /** The server executes every request, the answers wait until the fault is undone. */
    static ServiceFault withholdAnswers(Consumer<ServiceFault> undo) {
        return new ServiceFault(undo) {
            @Override
            CompletableFuture<UaResponseMessageType> apply(
                    Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
                CompletableFuture<UaResponseMessageType> answer = execute.get();
                return answer.handle((response, failure) -> true)
                        .thenCompose(executed -> hold().end)
                        .thenCompose(released -> answer);
            }
        };
    }

    /** The server executes every request, each answer waits this long. */
    static ServiceFault delayAnswers(Duration delay, Consumer<ServiceFault> undo) {
        return new ServiceFault(undo) {
            @Override
            CompletableFuture<UaResponseMessageType> apply(
                    Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
                CompletableFuture<UaResponseMessageType> answer = execute.get();
                return answer.handle((response, failure) -> hold())
                        .thenCompose(hold -> {
                            hold.endAfter(delay);
                            return hold.end.thenRun(() -> release(hold));
                        })
                        .thenCompose(released -> answer);
            }
        };
    }

    /** The server sees no request, each is answered with a ServiceFault. */
    static ServiceFault fail(StatusCode status, Consumer<ServiceFault> undo) {
        return new ServiceFault(undo) {
            @Override
            CompletableFuture<UaResponseMessageType> apply(
                    Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
                return CompletableFuture.failedFuture(new UaException(status));
            }
        };
    }

    @Override
    public final int held() {
        synchronized (holds) {
            return holds.size();
        }
    }

    @Override
    public final void close() {
        List<Hold> released;
        synchronized (holds) {
            undone = true;
            released = List.copyOf(holds);
            holds.clear();
        }
        undo.accept(this);
        released.forEach(Hold::end);
    }

    final Hold hold() {
        Hold hold = new Hold();
        synchronized (holds) {
            if (!undone) {
                if (holds.size() < MAX_HELD) {
                    holds.add(hold);
                }
                return hold;
            }
        }
        hold.end();
        return hold;
    }

    final CompletableFuture<UaResponseMessageType> executed(
            Hold hold, Channel channel, Supplier<CompletableFuture<UaResponseMessageType>> execute) {
        return hold.end.thenCompose(released -> {
            release(hold);
            return channel.isActive() ? execute.get() : new CompletableFuture<>();
        });
    }

    final void release(Hold hold) {
        synchronized (holds) {
            holds.remove(hold);
        }
    }

    static final class Hold {
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

        void endAfter(Duration delay) {
            var unused = end.completeOnTimeout(null, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        void end() {
            end.complete(null);
        }
    }
}

package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a quiet server still lives. A frozen server shows no sign on the connection, so after an interval
 * without any answer the server's state is read; if that brings no answer in time, the session is taken for broken. Any
 * answer shows life, a fault too; but one that disowns the session ends it. Confined to the session's event loop.
 */
final class KeepAlive {
    private static final Duration MAX_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
    private static final ReadValueId SERVER_STATE =
            new ReadValueId(NodeIds.Server_ServerStatus_State, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE);

    private final Ticker ticker;
    private final EventLoop loop;
    private final Duration interval;
    private final Duration timeout;
    private final List<Runnable> afterProbe = new ArrayList<>(0);
    private long lastAnswer;
    private @Nullable Long lastProbeAnswer;
    private long effectiveInterval;
    private @Nullable Future<?> check;
    private @Nullable Future<?> probeTimer;

    KeepAlive(Ticker ticker, EventLoop loop, Duration interval, Duration callTimeout) {
        this.ticker = ticker;
        this.loop = loop;
        this.interval = interval;
        this.timeout = callTimeout.compareTo(MAX_TIMEOUT) < 0 ? callTimeout : MAX_TIMEOUT;
    }

    long timeoutMs() {
        return Math.max(1, timeout.toMillis());
    }

    /** Watches a session that has just been activated; at least three probes fit into its timeout. */
    void start(Duration revisedSessionTimeout, Runnable onQuiet) {
        stop();
        // A server may not make us busy by a timeout that nobody could keep.
        long third = Math.max(SHORTEST_INTERVAL.toNanos(), revisedSessionTimeout.toNanos() / 3);
        effectiveInterval = Math.min(interval.toNanos(), third);
        lastAnswer = ticker.read();
        checkIn(effectiveInterval, onQuiet);
    }

    void stop() {
        lastProbeAnswer = null;
        cancel(check);
        cancel(probeTimer);
        check = null;
        probeTimer = null;
        probeEnded();
    }

    void answered() {
        lastAnswer = ticker.read();
    }

    boolean isProbing() {
        return probeTimer != null;
    }

    /** Whether a probe of this activation has been answered within this time. */
    boolean wasProbedWithin(Duration time) {
        return lastProbeAnswer != null && ticker.read() - lastProbeAnswer < time.toNanos();
    }

    /** Runs {@code action} when the probe under way has been answered; never if it is not. */
    void afterProbe(Runnable action) {
        afterProbe.add(action);
    }

    /**
     * Reads the server's state, unless that is under way already.
     *
     * @param onDead runs if no answer comes in time
     * @param onLost given the fault by which the server answers that it does not know the session
     */
    void probe(UascChannel channel, RequestHeader header, Runnable onDead, Consumer<UaException> onLost) {
        if (isProbing()) {
            return;
        }
        probeTimer = loop.schedule(
                () -> {
                    probeTimer = null;
                    onDead.run();
                    if (!isProbing()) {
                        // Else it is asked once more, for the same who wait.
                        afterProbe.clear();
                    }
                },
                timeoutMs(),
                TimeUnit.MILLISECONDS);
        ReadRequest read = new ReadRequest(header, 0.0, TimestampsToReturn.Neither, new ReadValueId[] {SERVER_STATE});
        channel.send(read, new UascChannel.Listener() {
            @Override
            public void onResponse(UaResponseMessageType response) {
                alive();
            }

            @Override
            public void onFault(UaException fault) {
                if (OpcUaErrors.isSessionLost(fault)) {
                    onLost.accept(fault);
                } else {
                    alive();
                }
            }

            @Override
            public void onNotSent(UaException cause) {
                alive();
            }

            @Override
            public void onClosed(UaException cause) {
                // The session learns of it from the channel itself.
            }
        });
    }

    private void alive() {
        answered();
        lastProbeAnswer = lastAnswer;
        cancel(probeTimer);
        probeTimer = null;
        List<Runnable> actions = List.copyOf(afterProbe);
        probeEnded();
        actions.forEach(Runnable::run);
    }

    private void probeEnded() {
        afterProbe.clear();
    }

    private void checkIn(long nanos, Runnable onQuiet) {
        check = loop.schedule(
                () -> {
                    long quietFor = ticker.read() - lastAnswer;
                    if (quietFor >= effectiveInterval) {
                        onQuiet.run();
                        checkIn(effectiveInterval, onQuiet);
                    } else {
                        checkIn(effectiveInterval - quietFor, onQuiet);
                    }
                },
                nanos,
                TimeUnit.NANOSECONDS);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}

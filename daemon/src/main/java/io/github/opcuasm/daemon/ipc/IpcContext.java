package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** What all connections of a server share. */
record IpcContext(
        RequestHandler handler,
        Ticker ticker,
        IpcLimits limits,
        int maxFrameBytes,
        int maxInflight,
        Duration idleTimeout,
        ConnectionTable table,
        UndeliveredAnswers undelivered,
        BusyConnections busy,
        PeerCredentials credentials,
        IpcCounters counters,
        AtomicLong lastConnectionId) {}

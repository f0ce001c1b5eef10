package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.LatencyHistogram;
import org.jspecify.annotations.Nullable;

/**
 * What became of one session's service calls; long polls are not among them, since they rest with the server on purpose. The
 * latency is the server's and the network's: from the sending of a request to its answer, without the time that it waited for
 * its turn. Confined to the session's event loop.
 */
final class SessionTraffic {
    private long requests;
    private long errors;
    private long reconnects;
    /** Made with the first answer: most of the memory that an idle session would cost. */
    private @Nullable LatencyHistogram latency;

    void accepted(ServiceCall<?> call) {
        requests += call.longPoll() ? 0 : 1;
    }

    void failed(ServiceCall<?> call) {
        errors += call.longPoll() ? 0 : 1;
    }

    /** The server answered, if only with a fault. */
    void answered(ServiceCall<?> call, long nanos) {
        if (call.longPoll()) {
            return;
        }
        LatencyHistogram recorded = latency;
        if (recorded == null) {
            recorded = new LatencyHistogram();
            latency = recorded;
        }
        recorded.record(nanos);
    }

    /** The session was lost, and is back. */
    void restored() {
        reconnects++;
    }

    SessionStatistics statistics(int underWay, int queued) {
        return new SessionStatistics(
                requests,
                errors,
                underWay,
                queued,
                reconnects,
                latency == null ? LatencyHistogram.Snapshot.EMPTY : latency.snapshot());
    }
}

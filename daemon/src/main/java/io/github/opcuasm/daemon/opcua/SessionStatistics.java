package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.LatencyHistogram;

/**
 * What one session did since it was opened, at one moment. Publish requests are not among its service calls.
 *
 * @param requests service calls that were asked for
 * @param errors those of them that failed, before or after they were sent
 * @param underWay sent and not answered
 * @param queued waiting for their turn
 * @param reconnects how often it was lost and restored
 * @param latency from the sending of a request to the server's answer, a fault included
 */
public record SessionStatistics(
        long requests, long errors, int underWay, int queued, long reconnects, LatencyHistogram.Snapshot latency) {
    /** Of a session that is over. */
    public static final SessionStatistics NONE = new SessionStatistics(0, 0, 0, 0, 0, LatencyHistogram.Snapshot.EMPTY);
}

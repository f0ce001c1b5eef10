package io.github.opcuasm.daemon.ipc;

import java.time.Duration;

/**
 * The bounds of the protocol that are no options of the daemon; tests make them small.
 *
 * @param firstFrame from connecting to the end of the first frame
 * @param identification how long the system may take to tell whose process a peer is
 * @param writeProgress how long a peer may read nothing of what is written to it
 * @param linger how long a connection that ended is still read from, so that no reset destroys the last answer
 * @param lingerBytes how much of it is read
 * @param undeliveredOfConnection above this many bytes of undelivered answers, a connection is not read from
 * @param undeliveredInAll above this many bytes, the daemon is overloaded
 */
record IpcLimits(
        Duration firstFrame,
        Duration identification,
        Duration writeProgress,
        Duration linger,
        long lingerBytes,
        long undeliveredOfConnection,
        long undeliveredInAll) {

    /** The protocol's (section 1). */
    static IpcLimits ofProtocol() {
        return new IpcLimits(
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                4L * 1024 * 1024,
                1024L * 1024,
                Runtime.getRuntime().maxMemory() / 4);
    }
}

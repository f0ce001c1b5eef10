package io.github.opcuasm.client;

/** Which protocol a {@link DaemonClient} speaks. */
public enum ProtocolVersion {
    /**
     * What the daemon speaks, as its first answer shows. The first request carries an {@code id}: a daemon of protocol 2
     * answers with it and keeps the connection, one of protocol 1 passes over it, answers and closes. Either way it was
     * carried out once and its answer counts, so finding out costs no request and no round trip.
     */
    AUTO,

    /** One connection for each request, as the reference's daemon has it: no streams, no deadlines of single requests. */
    ONE,

    /** Kept connections; a daemon without them is refused. */
    TWO
}

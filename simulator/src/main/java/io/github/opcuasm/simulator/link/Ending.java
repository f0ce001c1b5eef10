package io.github.opcuasm.simulator.link;

/** How a connection of a {@link FaultyLink} ends, for both of its peers alike. */
public enum Ending {
    /** Each peer gets a TCP reset. */
    RESET,
    /** Each peer gets the end of the stream, as from a process that closes its socket. */
    CLOSE,
    /**
     * No peer gets anything, ever: the connection stands, what is sent on it vanishes, and when one peer closes it
     * the other does not hear of that. So it is when a cable is pulled, or a firewall forgets the connection.
     */
    SILENCE
}

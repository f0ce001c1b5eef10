package io.github.opcuasm.simulator.link;

/** Which way bytes travel on a {@link FaultyLink}. */
public enum Direction {
    /** What the client sends: requests. */
    TO_SERVER,
    /** What the server sends: responses. */
    TO_CLIENT
}

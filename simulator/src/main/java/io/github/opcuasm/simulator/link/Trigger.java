package io.github.opcuasm.simulator.link;

/** Something that a {@link FaultyLink} is to do once, when its moment comes. */
public interface Trigger extends AutoCloseable {
    /** Whether the moment has come; true before a peer can have noticed. */
    boolean hasFired();

    /** Disarms it; nothing happens if it has fired. May be repeated. */
    @Override
    void close();
}

package io.github.opcuasm.daemon.state;

/**
 * A part of a {@link StateRecord}: what one concern remembers of one thing.
 *
 * @param name of the concern
 * @param version of the content's form; whoever reads it knows which ones it understands
 */
@SuppressWarnings("ArrayRecordComponent") // Made to be written and read, never compared.
public record StatePart(String name, int version, byte[] content) {
    /** Never shows the content. */
    @Override
    public String toString() {
        return "StatePart[" + name + " " + version + "]";
    }
}

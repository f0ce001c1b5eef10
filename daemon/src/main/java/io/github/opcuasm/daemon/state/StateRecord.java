package io.github.opcuasm.daemon.state;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one thing: parts by name, each with the version of its form, so that one concern can change or
 * join without the others. A part that nobody knows is carried along to nobody, and harms nothing.
 *
 * @param name of the record, and of its file: {@value #NAME}
 */
public record StateRecord(String name, List<StatePart> parts) {
    /** How the name of a handle's record begins. */
    public static final String HANDLE = "handle-";
    /** How the name of an OPC UA session's record begins. */
    public static final String SESSION = "session-";

    /** How the name of a subscription's record begins; then follow its handle's id and its own, as 8 hex digits. */
    public static final String SUBSCRIPTION = "subscription-";

    /** What a name may be. */
    static final String NAME = "[a-z]{1,16}-[0-9a-f]{1,64}";

    private static final int SMALLEST_PART = 4 + 8 + 4;

    public StateRecord {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("name: got " + name + ", expected " + NAME);
        }
        parts = List.copyOf(parts);
    }

    /** The content of a part; null if there is none of this name. */
    public byte @Nullable [] part(String part, int version) throws DamagedStateException {
        for (StatePart each : parts) {
            if (each.name().equals(part)) {
                if (each.version() != version) {
                    throw new DamagedStateException("holds the part \"" + part + "\" in form " + each.version()
                            + ", which this version does not read");
                }
                return each.content();
            }
        }
        return null;
    }

    /**
     * The content of a part that must be there.
     *
     * @throws DamagedStateException if it is not, or of another version
     */
    public PartReader require(String part, int version) throws DamagedStateException {
        byte[] content = part(part, version);
        if (content == null) {
            throw new DamagedStateException("has no part \"" + part + "\"");
        }
        return new PartReader(content);
    }

    byte[] encode() {
        PartWriter out = new PartWriter().number(parts.size());
        for (StatePart part : parts) {
            out.text(part.name()).number(part.version()).bytes(part.content());
        }
        return out.toBytes();
    }

    static StateRecord decode(String name, byte[] body) throws DamagedStateException {
        PartReader in = new PartReader(body);
        List<StatePart> parts = new ArrayList<>();
        for (int left = in.count(SMALLEST_PART); left > 0; left--) {
            parts.add(new StatePart(in.text(), (int) in.number(), in.bytes()));
        }
        in.end();
        return new StateRecord(name, parts);
    }
}

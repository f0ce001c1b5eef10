package io.github.opcuasm.protocol.json;

/**
 * How an answer's values are written; what differs between the protocols and connections.
 *
 * @param protocol 1 or 2: protocol 2 writes null arrays as null and DateTime with seven fractional digits
 * @param int64AsString whether Int64 and UInt64 travel as decimal strings ({@code hello}, {@code "int64":"string"})
 */
public record JsonStyle(int protocol, boolean int64AsString) {
    public static final JsonStyle PROTOCOL_1 = new JsonStyle(1, false);
    public static final JsonStyle PROTOCOL_2 = new JsonStyle(2, false);

    public JsonStyle {
        if (protocol != 1 && protocol != 2) {
            throw new IllegalArgumentException("protocol: got " + protocol + ", expected 1 or 2");
        }
    }
}

package io.github.opcuasm.protocol.type;

/** How a session stands with its server, in the protocol's three words. */
public enum ConnectionState {
    CONNECTED("Connected"),
    DISCONNECTED("Disconnected"),
    BROKEN("Broken");

    private final String wireName;

    ConnectionState(String wireName) {
        this.wireName = wireName;
    }

    /** As {@code getConnectionState} answers. */
    public String wireName() {
        return wireName;
    }
}

package io.github.opcuasm.protocol;

/** What is known about a failed request that would have changed the plant ({@code error.outcome}). */
public enum Outcome {
    /** No byte of it left the daemon: safe to repeat. */
    NOT_SENT("not_sent"),
    /** Bytes may have reached the server: whether it was carried out cannot be told. */
    UNKNOWN("unknown");

    private final String wireName;

    Outcome(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}

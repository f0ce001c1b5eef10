package io.github.opcuasm.daemon.policy;

import java.util.Locale;

/** What kind of thing somebody may do. */
public enum Scope {
    /** Opens sessions, reads, browses, subscribes. */
    READ,
    /** Changes values and nodes. */
    WRITE,
    /** Calls methods. */
    CALL,
    /** Changes what the daemon trusts, asks about others, sees everybody's handles. */
    ADMIN;

    /** As files have it: {@code read}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The scope of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Scope parse(String text) {
        for (Scope scope : values()) {
            if (scope.text().equals(text)) {
                return scope;
            }
        }
        throw Wrong.value("scopes", text, "read, write, call or admin");
    }
}

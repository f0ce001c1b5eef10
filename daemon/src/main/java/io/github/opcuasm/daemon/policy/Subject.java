package io.github.opcuasm.daemon.policy;

import java.util.Locale;

/**
 * Whom a rule is for.
 *
 * @param name empty for {@link Kind#ANYONE}
 */
public record Subject(Kind kind, String name) {
    /** Everybody who may talk to the daemon at all. */
    public static final Subject ANYONE = new Subject(Kind.ANYONE, "");

    private static final String FORMS = "user:NAME, group:NAME, token:NAME or anyone";

    /** How somebody is known. */
    public enum Kind {
        /** By the user of the process on the other side of a Unix socket. */
        USER,
        /** By a group of that user. */
        GROUP,
        /** By a token of the tokens file. */
        TOKEN,
        ANYONE
    }

    /**
     * Reads {@code user:NAME}, {@code group:NAME}, {@code token:NAME} or {@code anyone}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Subject parse(String text) {
        if (text.equals("anyone")) {
            return ANYONE;
        }
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        if (colon > 0 && !name.isBlank() && name.equals(name.strip())) {
            String prefix = text.substring(0, colon);
            for (Kind kind : Kind.values()) {
                if (kind != Kind.ANYONE && kind.name().toLowerCase(Locale.ROOT).equals(prefix)) {
                    return new Subject(kind, name);
                }
            }
        }
        throw Wrong.value("who", text, FORMS);
    }

    @Override
    public String toString() {
        return kind == Kind.ANYONE ? "anyone" : kind.name().toLowerCase(Locale.ROOT) + ":" + name;
    }
}

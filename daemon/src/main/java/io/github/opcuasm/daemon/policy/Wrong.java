package io.github.opcuasm.daemon.policy;

/** What is wrong with a text of the policy: the field, what came, what is taken. */
final class Wrong {
    private static final int MAX_SHOWN = 100;

    private Wrong() {}

    static IllegalArgumentException value(String field, String got, String expected) {
        return new IllegalArgumentException(field + ": got " + shown(got) + ", expected " + expected);
    }

    private static String shown(String got) {
        return got.isEmpty()
                ? "an empty text"
                : "\"" + (got.length() > MAX_SHOWN ? got.substring(0, MAX_SHOWN) + "…" : got) + "\"";
    }
}

package io.github.opcuasm.daemon.access;

/**
 * A token that was recognised, as a connection keeps it. Worth no more than the tokens that are known when it is used: one
 * that was removed or has expired since opens nothing.
 */
public final class Credential {
    private final String sha256;

    Credential(String sha256) {
        this.sha256 = sha256;
    }

    String sha256() {
        return sha256;
    }

    /** Without the hash. */
    @Override
    public String toString() {
        return "credential";
    }
}

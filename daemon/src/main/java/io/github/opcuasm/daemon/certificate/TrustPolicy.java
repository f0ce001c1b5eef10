package io.github.opcuasm.daemon.certificate;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a server's certificate is judged (docs/protocol.md, {@code open}, Trust). */
public enum TrustPolicy {
    /** Any is taken. */
    NONE("none"),
    /** The first one of a {@code host:port} is pinned, another one is refused. */
    FIRST_USE("first-use"),
    /** It is in the store. */
    FINGERPRINT("fingerprint"),
    /** It is in the store, and it is neither expired nor not valid yet. */
    FINGERPRINT_AND_EXPIRY("fingerprint+expiry"),
    /** It, or who issued it, is in the store; chain, validity, revocation, host, application URI and key usage hold. */
    FULL("full");

    private final String wireName;

    TrustPolicy(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** Null for a name that means none. */
    public static @Nullable TrustPolicy ofWireName(String name) {
        for (TrustPolicy policy : values()) {
            if (policy.wireName.equals(name.toLowerCase(Locale.ROOT))) {
                return policy;
            }
        }
        return null;
    }
}

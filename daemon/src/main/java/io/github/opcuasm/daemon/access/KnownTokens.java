package io.github.opcuasm.daemon.access;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that open something, at one moment. What comes is hashed and compared with every hash, each time all of them
 * and each in constant time: how long that takes tells neither which token is nearly right nor how many come before it.
 */
final class KnownTokens {
    private final byte @Nullable [] authToken;
    private final List<NamedToken> named;
    private final List<byte[]> hashes;

    /** @param authToken SHA-256 of the single token; null = there is none */
    KnownTokens(byte @Nullable [] authToken, List<NamedToken> named) {
        this.authToken = authToken;
        this.named = named;
        this.hashes = named.stream()
                .map(token -> HexFormat.of().parseHex(token.sha256()))
                .toList();
    }

    /** What a token is: the single one, a named one, or none of them. */
    record Match(boolean isAuthToken, @Nullable NamedToken named) {}

    /** The token with this hash; null if none has it, or it has expired. */
    @Nullable
    Match match(byte[] sha256, Instant now) {
        boolean isAuthToken = authToken != null && MessageDigest.isEqual(authToken, sha256);
        int found = -1;
        for (int i = 0; i < hashes.size(); i++) {
            boolean equal = MessageDigest.isEqual(hashes.get(i), sha256);
            found = equal ? i : found;
        }
        if (isAuthToken) {
            return new Match(true, null);
        }
        return found < 0 || named.get(found).isExpired(now) ? null : new Match(false, named.get(found));
    }

    /** The one of this name; null if there is none. */
    @Nullable
    NamedToken named(String name) {
        return named.stream()
                .filter(token -> token.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}

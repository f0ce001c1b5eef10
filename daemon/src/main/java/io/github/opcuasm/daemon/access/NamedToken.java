package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.policy.Grant;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token of the tokens file, which holds its hash only.
 *
 * @param name 1 to 64 letters, digits, {@code . _ -}
 * @param sha256 of the token's text in UTF-8, 64 lower-case hex digits
 * @param expires from when on it is refused; null = never
 */
public record NamedToken(
        String name, String sha256, Grant grant, @Nullable Instant expires) {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]{1,64}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public NamedToken {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name: expected 1 to 64 letters, digits, dots, dashes and underscores");
        }
        if (!SHA256.matcher(sha256).matches()) {
            // What came may be a token that somebody put there by mistake.
            throw new IllegalArgumentException("sha256: expected 64 lower-case hex digits");
        }
    }

    boolean isExpired(Instant now) {
        return expires != null && !now.isBefore(expires);
    }

    /** Without the hash. */
    @Override
    public String toString() {
        return "token " + name;
    }
}

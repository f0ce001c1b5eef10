package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one channel: what we send is under the newest, at once; what comes may be under the one before, until the
 * server has used the newest or a quarter of the old one's lifetime has passed beyond its end (Part 4, 5.5.2.1; Part 6,
 * 6.7.4). Confined to the event loop.
 */
final class SecurityTokens {
    private @Nullable SecurityToken current;
    private @Nullable SecurityToken previous;

    void install(SecurityToken token) {
        previous = current;
        current = token;
    }

    /** The newest; there is one once the channel is open. */
    SecurityToken current() {
        if (current == null) {
            throw new IllegalStateException("no token yet");
        }
        return current;
    }

    /**
     * The token of a chunk that came.
     *
     * @throws UaException if it is unknown, replaced or has expired
     */
    SecurityToken accept(long id, long now) throws UaException {
        SecurityToken token = find(id);
        if (token == null) {
            throw new UaException(StatusCodes.Bad_SecureChannelTokenUnknown, "a chunk names the security token " + id);
        }
        if (!token.isAccepted(now)) {
            throw new UaException(
                    StatusCodes.Bad_SecureChannelTokenUnknown, "a chunk came under an expired security token");
        }
        return token;
    }

    /** The server has used this one: what it used before is over. To be told only of chunks whose signature holds. */
    void used(SecurityToken token) {
        if (current != null && current.id() == token.id()) {
            previous = null;
        }
    }

    private @Nullable SecurityToken find(long id) {
        return current != null && current.id() == id
                ? current
                : previous != null && previous.id() == id ? previous : null;
    }
}

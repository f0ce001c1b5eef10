package io.github.opcuasm.daemon.audit;

import org.jspecify.annotations.Nullable;

/**
 * Who did it, as far as the daemon can tell.
 *
 * @param principal the name under which its handles are kept
 * @param kind how it was recognised: {@code token}, {@code user}, {@code anyone} …
 * @param user the local user at the other end of a Unix socket; null where the system does not tell
 * @param group that user's primary group; null where the system does not tell
 * @param token the name of its token, never the token; null if it showed none
 * @param connectionId the daemon's count of connections; 0 = the daemon itself
 */
public record Actor(
        String principal,
        String kind,
        @Nullable String user,
        @Nullable String group,
        @Nullable String token,
        long connectionId) {

    /** The daemon: what it does by itself or for a signal. */
    public static Actor daemon() {
        return new Actor("daemon", "daemon", System.getProperty("user.name"), null, null, 0);
    }
}

package io.github.opcuasm.daemon.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What it was done to. Values are not among it: an argument of a method may be a password, and a server that audits
 * records old and new values itself, under the id that the daemon sends along.
 *
 * @param method the command or method, as the peer named it
 * @param session id of the session handle; null if there is none yet
 * @param endpoint URL of the server; user info in it is left out; null for the daemon's own affairs
 * @param connection by which of the configuration's names the server was meant; null if by none
 * @param targets what was changed, all of it: node ids in text form (Part 6, 5.3.1.10), fingerprints
 */
public record Subject(
        String method,
        @Nullable String session,
        @Nullable String endpoint,
        @Nullable String connection,
        List<String> targets) {

    public Subject {
        endpoint = endpoint == null ? null : withoutUserInfo(endpoint);
        targets = List.copyOf(targets);
    }

    /** A server that was not meant by name, or none. */
    public Subject(String method, @Nullable String session, @Nullable String endpoint, List<String> targets) {
        this(method, session, endpoint, null, targets);
    }

    /** Something of the daemon's own. */
    public static Subject ofDaemon(String method, String... targets) {
        return new Subject(method, null, null, List.of(targets));
    }

    private static String withoutUserInfo(String url) {
        int scheme = url.indexOf("://");
        int start = scheme < 0 ? 0 : scheme + 3;
        int slash = url.indexOf('/', start);
        int at = url.lastIndexOf('@', slash < 0 ? url.length() : slash);
        return at < start ? url : url.substring(0, start) + url.substring(at + 1);
    }
}

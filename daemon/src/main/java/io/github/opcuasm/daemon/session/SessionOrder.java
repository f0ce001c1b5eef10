package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.SessionSettings;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An OPC UA session that somebody wants.
 *
 * @param identity whose sessions would do
 * @param settings what a new one is opened with
 * @param origin the same, as another process would have to know it
 * @param wanted who wants it, and how
 */
record SessionOrder(SessionIdentity identity, SessionSettings settings, SessionOrigin origin, Wanted wanted) {

    /**
     * What is the asker's own in it.
     *
     * @param caller its name, as it may be shown to others
     * @param mayUse whether it may use the handles of the principal with this name, and so be told which those are
     * @param handleId of the handle that the session is for
     * @param connection by which of the configuration's names it was asked for; null if by none
     * @param alone a session of its own is wanted, if the server has one to give
     * @param deadline the ticker's nanoseconds after which nobody wants it any more
     */
    record Wanted(
            String caller,
            Predicate<String> mayUse,
            String handleId,
            @Nullable String connection,
            boolean alone,
            long deadline) {

        /** For a session that is not ordered but goes on: nobody is told anything. */
        Wanted(String caller, String handleId, boolean alone, long deadline) {
            this(caller, owner -> false, handleId, null, alone, deadline);
        }
    }

    boolean alone() {
        return wanted.alone();
    }

    long deadline() {
        return wanted.deadline();
    }

    /** {@code host:port}: sessions on the same one compete. */
    String server() {
        return settings.endpoint().server();
    }
}
